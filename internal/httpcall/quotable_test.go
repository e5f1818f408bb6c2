package httpcall_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// A password is recognized however a service or a proxy has escaped it.
func TestHostile_escapedPassword(t *testing.T) {
	inJSON := func(s string) string {
		data, _ := json.Marshal(s)
		return strings.Trim(string(data), `"`)
	}
	escapings := map[string]func(string) string{
		"plain":               func(s string) string { return s },
		"query":               url.QueryEscape,
		"query in lower case": func(s string) string { return strings.ToLower(url.QueryEscape(s)) },
		"path":                url.PathEscape,
		"query twice":         func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"JSON":                inJSON,
		"JSON twice":          func(s string) string { return inJSON(inJSON(s)) },
		"HTML":                html.EscapeString,
		"HTML in JSON":        func(s string) string { return inJSON(html.EscapeString(s)) },
		"Go":                  func(s string) string { return strings.Trim(fmt.Sprintf("%q", s), `"`) },
	}
	for _, password := range []string{`q&a<b>"c"/d e+f%g\h'i`, "pässwörd-😀-z", "%41bc\\nde&amp;f"} {
		for name, escape := range escapings {
			if name == "query in lower case" && password != strings.ToLower(password) {
				continue
			}
			for _, where := range []struct {
				auth httpcall.Authenticator
				call *httpcall.Call
			}{
				{httpcall.Basic("admin", password), getUserWithBody()},
				{nil, func() *httpcall.Call {
					call := createMessage()
					call.Body, _ = json.Marshal(map[string]any{"user": map[string]string{"password": password}})
					return call
				}()},
			} {
				failure, said := refusal(t, where.call, where.auth, func(*http.Request, string) string { return "no: " + escape(password) + " is wrong" })
				assert.Equal(t, "no: […] is wrong", failure.Conceal(said), "%s: %s", name, escape(password))
			}
		}
	}
}

// A service cuts what it quotes; what is left of a password is concealed too.
func TestHostile_passwordCutShort(t *testing.T) {
	const password = "correct&horse battery"
	for _, cut := range []string{
		"bad correct&horse", "bad corr", "bad correct&horse… (cut)", "bad correct&hor... sorry", `bad "correct&ho" sorry`, "bad correct\\u0026hor", "bad correct\\u00", "bad correct%26hor", "bad correct%2",
	} {
		failure, said := refusal(t, getUserWithBody(), httpcall.Basic("admin", password), func(*http.Request, string) string { return cut })
		assert.NotContains(t, failure.Conceal(said), "corr", cut)
		assert.Contains(t, failure.Conceal(said), "bad ")
	}
	failure, said := refusal(t, getUserWithBody(), httpcall.Basic("admin", password), func(*http.Request, string) string { return "cor is correct, sir" })
	assert.Equal(t, "cor is correct, sir", failure.Conceal(said), "a word that goes on otherwise")
	failure, _ = refusal(t, getUserWithBody(), httpcall.Basic("admin", "already-exists-1"), func(*http.Request, string) string { return "" })
	assert.Equal(t, "error-already", failure.ConcealCode("error-already"), "a code is not cut short")
}

// The text of a transport's error is cut after it was concealed, and is one
// printable line.
func TestHostile_transportErrors(t *testing.T) {
	service := fails(errors.New(strings.Repeat("x", 190) + " basic-secret-of-ours"))
	_, failure := newClient(t, service, auth(httpcall.Basic("admin", "basic-secret-of-ours")), attempts(1)).Do(t.Context(), getUser())
	assert.NotContains(t, failure.Err.Error(), "basic")

	service = fails(errors.New("x509: certificate is valid for evil\x1b[2J\r\u202e\x00.example, not chat"))
	_, failure = newClient(t, service, attempts(1)).Do(t.Context(), getUser())
	assert.EqualError(t, failure.Err, "x509: certificate is valid for evil [2J   .example, not chat")
}

// longRefusal is the failure of a call with a body of 8,500 values, and a refusal
// of 62 kB that repeats a part of them.
func longRefusal(t *testing.T) (*httpcall.Failure, []string) {
	values := make([]string, 8500)
	for i := range values {
		values[i] = fmt.Sprintf("user-%d \"quoted\" & more", i)
	}
	call := createMessage()
	call.Body, _ = json.Marshal(values)
	failure, said := refusal(t, call, nil, func(*http.Request, string) string {
		details := make([]string, 50)
		for i := range details {
			details[i] = strings.Repeat("user- is wrong; ", 74) + values[i*100]
		}
		return strings.Join(details, "\n")
	})
	require.Greater(t, len(said), 55_000)
	return failure, strings.Split(said, "\n")
}

func TestHostile_longRefusalOfAManyValues(t *testing.T) {
	failure, details := longRefusal(t)
	began := time.Now()
	for _, detail := range details {
		assert.True(t, strings.HasSuffix(failure.Conceal(detail), "is wrong; […]"))
	}
	assert.Less(t, time.Since(began), time.Second, "it took seconds to look for each value by itself")
}
