package httpcall_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// notations are the ways in which services, proxies and libraries write a value
// that they repeat.
var notations = map[string]func(string) string{
	"as it is":            func(s string) string { return s },
	"JSON":                inJSON,
	"Go, in ASCII":        func(s string) string { s = strconv.QuoteToASCII(s); return s[1 : len(s)-1] },
	"all of it in JSON":   func(s string) string { return eachRune(s, `\u%04x`, `\u%04X\u%04X`) },
	"a URL's query":       url.QueryEscape,
	"a URL's path":        url.PathEscape,
	"a URL in lower case": func(s string) string { return lowerEscapes(url.QueryEscape(s)) },
	"all of it in a URL":  func(s string) string { return eachByte(s, "%%%02x") },
	"HTML":                html.EscapeString,
	"HTML, decimal":       func(s string) string { return eachRune(s, "&#%d;", "&#%d;") },
	"HTML, hexadecimal":   func(s string) string { return eachRune(s, "&#x%X;", "&#x%X;") },
	"bytes in Go":         func(s string) string { return eachByte(s, `\x%02x`) },
}

// nested are some of those that go around each other, and what decodes too much.
var nested = map[string]func(string) string{
	"JSON in JSON":       func(s string) string { return inJSON(inJSON(s)) },
	"twice in a URL":     func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"thrice in a URL":    func(s string) string { return lowerEscapes(url.PathEscape(url.QueryEscape(url.PathEscape(s)))) },
	"HTML in JSON":       func(s string) string { return inJSON(html.EscapeString(s)) },
	"JSON in HTML":       func(s string) string { return html.EscapeString(inJSON(s)) },
	"JSON in a URL":      func(s string) string { return url.QueryEscape(inJSON(s)) },
	"a URL in HTML":      func(s string) string { return html.EscapeString(url.QueryEscape(s)) },
	"decoded from a URL": decodedFromURL,
	"decoded from HTML":  html.UnescapeString,
}

func inJSON(s string) string {
	text, _ := json.Marshal(s)
	return string(text[1 : len(text)-1])
}

func eachByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}

// eachRune writes each rune in a format, and in JSON's two halves what needs them.
func eachRune(s, format, pair string) string {
	var b strings.Builder
	for _, c := range s {
		if high, low := utf16.EncodeRune(c); high != utf8.RuneError && strings.Count(pair, "%") == 2 {
			fmt.Fprintf(&b, pair, high, low)
		} else {
			fmt.Fprintf(&b, format, c)
		}
	}
	return b.String()
}

func lowerEscapes(s string) string {
	return regexp.MustCompile("%..").ReplaceAllStringFunc(s, strings.ToLower)
}

func decodedFromURL(s string) string {
	if decoded, err := url.PathUnescape(s); err == nil {
		return decoded
	}
	return s
}

// A secret is recognized in every notation, whatever it consists of: a credential
// in a service's refusal and in an error of the transport, and a value of the body
// in a refusal.
func TestConceal_notations(t *testing.T) {
	for name, secret := range map[string]string{
		"plain": "correct-horse-42", "URL": "aZ9/+?=&#%~pw", "HTML": `Tr0ub&dor <3 "x"'/`, "spaces": "two  words of it", "lines": "line\none\ttwo\r\n",
		"not ASCII": "pässwörd-日本-😀", "JSON": `back\slash\\"quoted"`, "ends in an escape": `ending in \`, "like a URL": "a%2Fb%25%3d%zz-on", "like two URLs": "a%252Fb%25253d-and-on",
		"like JSON": `a\u0026b\n\t\x41\user`, "like HTML": "a&amp;b&#38;c&#x26;d&l", "all at once": `%26amp;\\u0026&amp;%5Cu0026password`, "a URL": "https://u:p@h.example/?a=b%20c",
	} {
		all := maps.Clone(notations)
		maps.Copy(all, nested)
		for notation, write := range all {
			t.Run(name+"/"+notation, func(t *testing.T) {
				written := write(secret)
				for _, around := range [][2]string{{"wrong: ", " is bad"}, {`{"password":"`, `"}`}, {"?a=b&password=", "&c=d"}, {`\"pw\":\"`, `\"`}, {"<b>", "</b>"}} {
					said := around[0] + written + around[1]
					failure, refused := refusal(t, createMessage(), httpcall.Basic("admin", secret), func(*http.Request, string) string { return said })
					assertShown(t, around, failure.Conceal(refused))

					call := createMessage()
					call.Body, _ = json.Marshal(map[string]string{"content": secret})
					failure, refused = refusal(t, call, nil, func(*http.Request, string) string { return said })
					assertShown(t, around, failure.Conceal(refused))
				}
				client := newClient(t, fails(errors.New("rejected "+written+" here")), auth(httpcall.Basic("admin", secret)), attempts(1))
				_, failure := client.Do(t.Context(), createMessage())
				require.NotNil(t, failure)
				assertShown(t, [2]string{"rejected ", " here"}, failure.Err.Error())
			})
		}
	}
}

// FuzzConceal shows the same of any secret, in any two notations one around the
// other.
func FuzzConceal(f *testing.F) {
	names := slices.Sorted(maps.Keys(notations))
	for i, secret := range []string{"-1", `a%2Fb`, "u0026", "&amp;\n", "日本😀+"} {
		f.Add(secret, byte(i), byte(2*i))
	}
	f.Fuzz(func(t *testing.T, secret string, first, second byte) {
		secret = "password" + secret
		if !utf8.ValidString(secret) || strings.ContainsFunc(secret, func(c rune) bool { return c == 0 || c == '\\' || 0x7f <= c && c < 0xa0 }) {
			return // not every notation can write it, or a backslash beside others is ambiguous
		}
		written := secret
		for _, i := range []byte{first, second} {
			written = notations[names[int(i)%len(names)]](written)
		}
		if len(written) > 3000 {
			return
		}
		say := "wrong: " + written + " is bad"
		failure, said := refusal(t, createMessage(), httpcall.Basic("admin", secret), func(*http.Request, string) string { return say })
		assertShown(t, [2]string{"wrong: ", " is bad"}, failure.Conceal(said))
	})
}

// assertShown tolerates backslashes beside what was hidden, written by any number
// of them: they cannot be told from those that escape.
func assertShown(t *testing.T, around [2]string, shown string) {
	t.Helper()
	front, rest, found := strings.Cut(shown, "[…]")
	assert.True(t, found, shown)
	assert.Equal(t, around[0], strings.TrimRight(front, `\`))
	assert.Equal(t, strings.TrimLeft(around[1], `\`), strings.TrimPrefix(strings.TrimLeft(rest, `\`), "u005c"))
}

// What stands in front of a secret does not become part of it, and a secret that is
// short without its escapes does not hide words.
func TestConceal_beside(t *testing.T) {
	for name, test := range map[string]struct{ secret, said, want string }{
		"after a percent sign":    {"deadbeef-cafe", "LIKE %deadbeef-cafe%", "LIKE %[…]%"},
		"after a backslash":       {"nopassword", `DOMAIN\nopassword`, `DOMAIN\[…]`},
		"after a backslash, as x": {"x41password", `DOMAIN\x41password`, `DOMAIN\[…]`},
		"after an ampersand":      {"lt;password", "?a=b&lt;password", "?a=b&[…]"},
		"twice in a row":          {"password-1", "password-1password-1 password%2d1", "[…] […]"},
		"two letters":             {"%61%62", "about %61%62", "about […]"},
		"three spaces":            {"+++", "a   b", "a   b"},
		"nothing but backslashes": {`\\\\`, `a\b \\\\`, `a\b […]`},
		"an ordinary word of it":  {"correct-horse-42", "correct the horse", "correct the horse"},
		"escapes of others":       {"correct-horse-42", `100%25 \u0026 &amp; a+b`, `100%25 \u0026 &amp; a+b`},
		"NUL":                     {"pass\x00word-1", `pass%00word-1 pass\u0000word-1`, "[…] […]"},
		"half a character":        {"correct-horse-42", `\ud83d \ude00 \ud83dcorrect-horse-42`, `\ud83d \ude00 \ud83d[…]`},
	} {
		t.Run(name, func(t *testing.T) {
			failure, said := refusal(t, createMessage(), httpcall.Basic("admin", test.secret), func(*http.Request, string) string { return test.said })
			assert.Equal(t, test.want, failure.Conceal(said))

			call := createMessage()
			call.Body, _ = json.Marshal(map[string]string{"new_password": test.secret})
			failure, said = refusal(t, call, nil, func(*http.Request, string) string { return test.said })
			if test.secret != "+++" { // three are enough of a password in a body
				assert.Equal(t, test.want, failure.Conceal(said))
			}
		})
	}
}

// A user's name is no secret, nor with less than four characters of the password.
func TestConceal_userName(t *testing.T) {
	for said, want := range map[string]string{
		"no administrator here":      "no administrator here",
		"no administrator":           "no administrator",
		"no administrator:pw- here":  "no administrator:pw- here",
		"no administrator:pw-":       "no administrator:pw-",
		"no administrator:pw-1 here": "no […] here",
		"no administrator:pw-1":      "no […]",
	} {
		failure, _ := refusal(t, createMessage(), httpcall.Basic("administrator", "pw-123"), func(*http.Request, string) string { return "" })
		assert.Equal(t, want, failure.Conceal(said))
	}
}

// A credential is recognized where it was cut: at the end of a text from its fourth
// character on, also within an escape, and anywhere from two thirds of it on.
func TestConceal_cut(t *testing.T) {
	const password = `Tr0ub&dor <3 "x"/é`
	for name, text := range map[string]string{
		"most of it": password[:len(password)-4] + "…", "at the end": password[:6], "four of it": password[:4], "in a URL": "Tr0ub%26dor+%3", "in JSON": `Tr0ub\u0026dor \u00`, "in HTML": "Tr0ub&amp;dor &l",
		"twice in a URL": "Tr0ub%2526dor%252", "in the first escape": `Tr0ub\`, "most of it in a URL": lowerEscapes("Tr0ub%2526dor+%253C3+%2522x") + "...",
	} {
		t.Run(name, func(t *testing.T) {
			failure, said := refusal(t, createMessage(), httpcall.Basic("admin", password), func(*http.Request, string) string { return "bad password: " + text })
			shown := failure.Conceal(said)
			assert.Contains(t, []string{"bad password: […]", "bad password: […]…", "bad password: […]..."}, shown)
		})
	}
}
