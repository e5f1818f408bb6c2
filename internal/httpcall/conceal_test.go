package httpcall_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

const secretBody = `{"content":"Dear Bob,\nmy canary is \"DE89 3704\"","password":"abc","metadata":{"card":4111111111111111,"pin":"12345678","note":"say \"canary\"\nand \\canary","list":["canary-in-a-list"],"port":1024,"year":2024}}`

// secretCall is full of what must not be shown.
func secretCall() *httpcall.Call {
	call := with("X-Gateway-Key", "gateway-key", createMessage())
	call.Body = []byte(secretBody)
	call.Query = "search=query%20secret&n=1"
	return call
}

// refusal is the failure of a call to a service that says what it likes.
func refusal(t testing.TB, call *httpcall.Call, a httpcall.Authenticator, say func(r *http.Request, body string) string) (*httpcall.Failure, string) {
	t.Helper()
	client := newClient(t, transport(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		return answer(400, say(r, string(body)))(r)
	}), auth(a))
	_, failure := client.Do(t.Context(), call)
	require.NotNil(t, failure)
	return failure, failure.Verdict.Refusal.(string)
}

// A service in debug mode repeats the request; what is shown repeats none of it.
func TestHostile_echoes(t *testing.T) {
	tests := map[string]func(*http.Request, string) string{
		"the body": func(_ *http.Request, body string) string { return "cannot store " + body },
		"the body's middle": func(_ *http.Request, body string) string {
			_, rest, _ := strings.Cut(body, `"content":"`)
			return "near " + rest
		},
		"the body in a text": func(_ *http.Request, body string) string { return fmt.Sprintf("cannot store %q", body) },
		"the values": func(*http.Request, string) string {
			return `no 4111111111111111, 12345678, say "canary"` + "\nand \\canary"
		},
		"a password":             func(*http.Request, string) string { return "abc is too short" },
		"a header":               func(r *http.Request, _ string) string { return "bad key " + r.Header.Get("X-Gateway-Key") },
		"the query":              func(r *http.Request, _ string) string { return "cannot GET ?" + r.URL.RawQuery },
		"the query, decoded":     func(r *http.Request, _ string) string { return "no " + r.URL.Query().Get("search") },
		"credentials":            func(r *http.Request, _ string) string { return "bad " + r.Header.Get("Authorization") },
		"a password of them":     func(*http.Request, string) string { return "bad basic-secret" },
		"a text without secrets": func(*http.Request, string) string { return "bad" },
	}
	for name, say := range tests {
		t.Run(name, func(t *testing.T) {
			failure, said := refusal(t, secretCall(), httpcall.Basic("admin", "basic-secret"), say)
			shown := failure.Conceal(said)
			for _, secret := range []string{
				"canary", "4111111111111111", "12345678", "gateway-key", "abc", "query secret", "query+secret", "basic-secret", "YWRtaW46YmFzaWMtc2VjcmV0",
			} {
				assert.NotContains(t, shown, secret)
			}
			assert.NotEmpty(t, shown)
		})
	}
	t.Run("a token and fixed headers", func(t *testing.T) {
		for _, a := range []httpcall.Authenticator{httpcall.TokenSource(&numbered{}), httpcall.FixedHeaders(http.Header{"X-Auth-Token": {"token-1"}})} {
			failure, said := refusal(t, getUserWithBody(), a, func(*http.Request, string) string { return "bad token-1" })
			assert.Equal(t, "bad […]", failure.Conceal(said))
			assert.Equal(t, "bad.[…]", failure.ConcealCode("bad.token-1"))
		}
	})
	t.Run("an error of the transport", func(t *testing.T) {
		service := fails(errors.New("rejected gateway-key"))
		_, failure := newClient(t, service).Do(t.Context(), secretCall())
		assert.EqualError(t, failure.Err, "rejected […]")
	})
}

func getUserWithBody() *httpcall.Call {
	call := getUser()
	call.Body = []byte("not JSON")
	return call
}

// What a transport says is concealed before it is cut, and fits into a line of a
// log.
func TestConceal_cause(t *testing.T) {
	const password = "a-password-of-some-length"
	for name, text := range map[string]string{
		"at the cut":         strings.Repeat("x", 190) + password,
		"a quote in it":      "rejected " + password[:12] + `"` + password[12:],
		"control characters": "x509: certificate is valid for evil\x1b[31m\rlevel=INFO\u202e" + password,
	} {
		t.Run(name, func(t *testing.T) {
			secret := password
			if strings.Contains(text, `"`) {
				secret = password[:12] + `"` + password[12:]
			}
			client := newClient(t, fails(errors.New(text)), auth(httpcall.Basic("admin", secret)))
			_, failure := client.Do(t.Context(), createMessage())
			require.NotNil(t, failure)
			assert.NotContains(t, failure.Err.Error(), "a-passw")
			assert.NotContains(t, failure.Err.Error(), "\x1b")
			assert.NotContains(t, failure.Err.Error(), "\r")
			assert.NotContains(t, failure.Err.Error(), "\u202e")
		})
	}
}

// Many values cost one pass over the text, also numbers of many lengths.
func TestConceal_manyValues(t *testing.T) {
	const format = `"a\nvalue-%[1]d",%[2]d,1.%0[3]*[1]d`
	text := "near " + string(manyValues(8500, format).Body[:62_000])
	fastest := func(values int) time.Duration { // of five: the machine may be busy
		failure, _ := refusal(t, manyValues(values, format), nil, func(*http.Request, string) string { return "" })
		assert.NotContains(t, failure.Conceal(text), "alue-12")
		assert.Equal(t, "no […], but 10000001", failure.Conceal("no 1000000, but 10000001"))
		best := time.Hour
		for range 5 {
			began := time.Now()
			failure.Conceal(text)
			best = min(best, time.Since(began))
		}
		return best
	}
	assert.Less(t, fastest(8500), 10*fastest(130), "value by value, or number by number, it takes longer still")
}

// manyValues is a call with values in a format of their number, a longer number
// and a length.
func manyValues(values int, format string) *httpcall.Call {
	call := createMessage()
	call.Body = []byte(`{"list":[`)
	for i := range values {
		call.Body = append(fmt.Appendf(call.Body, format, i, 1_000_000+i, 6+i%900), ',')
	}
	call.Body = append(call.Body, `"last-value"]}`...)
	return call
}

func BenchmarkConceal(b *testing.B) {
	for name, format := range map[string]string{
		"ordinary": `"value %[1]d of an ordinary length"`,
		"escapes":  `"\\u0061\n%%2F&amp;&#39;é\n\"value\" %[1]d\\\\"`,
	} {
		b.Run(name, func(b *testing.B) {
			call := manyValues(8500, format)
			text := string(call.Body[:62_000])
			for b.Loop() {
				b.StopTimer()
				failure, _ := refusal(b, call, nil, func(*http.Request, string) string { return "" })
				b.StartTimer()
				failure.Conceal(text)
			}
		})
	}
}

// Of values that begin alike the longest is hidden, of one that is longer still the
// front too, and of those that overlap each.
func TestConceal_alike(t *testing.T) {
	call := createMessage()
	call.Body = []byte(`["user-1234","user-1234567","4567-chapter","user-12345678-b"]`)
	failure, _ := refusal(t, call, nil, func(*http.Request, string) string { return "" })
	for text, want := range map[string]string{
		"no user-1234 here":             "no […] here",
		"no user-1234567 here":          "no […] here",
		"no user-123456 here":           "no […] here",
		"no user-12345678 here":         "no […] here",
		"no user-123 here":              "no user-123 here",
		"no user-1234567-chapter here":  "no […] here",
		"no user-12344567-chapter here": "no […] here",
	} {
		assert.Equal(t, want, failure.Conceal(text))
	}
	call.Body = []byte(`["user-1234","user-1234567"]`)
	failure, _ = refusal(t, call, nil, func(*http.Request, string) string { return "" })
	assert.Equal(t, "no […] here", failure.Conceal("no user-123456 here"))
}

func TestConceal_numbers(t *testing.T) {
	call := createMessage()
	call.Body = []byte(`[123456,-234567,1234.5678,1.5e+31,12345,0.12345]`)
	failure, _ := refusal(t, call, nil, func(*http.Request, string) string { return "" })
	for text, want := range map[string]string{
		"id-123456, 123456.7, x123456e": "id-[…], […].7, x[…]e",
		"-234567 and 234567":            "[…] and 234567",
		"1234.5678.9 and 1234.56789":    "[…].9 and 1234.56789",
		"1.5e+31 and 1.5e+312":          "[…] and 1.5e+312",
		"12345 is short":                "12345 is short",
		"0.12345, 0123456 and 9123456":  "[…], 0123456 and 9123456",
		"9123456 is longer":             "9123456 is longer",
	} {
		assert.Equal(t, want, failure.Conceal(text))
	}
}

// The shortest values that count do so also at the end of a text, and one that is
// as short only without its escapes.
func TestConceal_shortest(t *testing.T) {
	call := with("X-Gateway-Key", "key4", createMessage())
	call.Body = []byte(`{"content":"text-of8","escaped":"%65scaped8","password":"pw3"}`)
	failure, _ := refusal(t, call, nil, func(*http.Request, string) string { return "" })
	for _, value := range []string{"key4", "text-of8", "escaped8", "pw3"} {
		assert.Equal(t, "bad […]", failure.Conceal("bad "+value))
	}
}

// What the service says in its own words stays, though parts of it are in the
// request by chance.
func TestConceal_ownWords(t *testing.T) {
	for words, want := range map[string]string{
		"request entity exceeds 102400 bytes":          "request entity exceeds 102400 bytes",
		"retry after 2024-05-01":                       "retry after 2024-05-01",
		"card 41111111111111112 and 94111111111111111": "card 41111111111111112 and 94111111111111111",
		"": "",
	} {
		failure, said := refusal(t, secretCall(), nil, func(*http.Request, string) string { return words })
		assert.Equal(t, want, failure.Conceal(said))
	}
}

func TestConcealCode(t *testing.T) {
	failure, _ := refusal(t, secretCall(), nil, func(*http.Request, string) string { return "" })
	for code, want := range map[string]string{
		"error-could-not-save": "error-could-not-save",
		"gateway-key":          "[…]",
		"bad-gateway-key":      "bad-gateway-key", // a name that holds a value by chance
		"bad gateway-key":      "bad […]",         // no name
		"":                     "",
	} {
		assert.Equal(t, want, failure.ConcealCode(code))
	}
}

// A long text that repeats a long body is cut so that no part of a value is left.
func TestHostile_longEcho(t *testing.T) {
	secret, second := strings.Repeat("canary ", 1000), strings.Repeat("canary-2 ", 400)
	call := createMessage()
	call.Body = []byte(`{"a":"` + secret + `","b":"` + second + `"}`)
	for _, before := range []string{"", strings.Repeat("x", 4000), second} {
		failure, said := refusal(t, call, nil, func(*http.Request, string) string { return before + secret })
		shown := failure.Conceal(said)
		assert.NotContains(t, shown, "c")
		assert.LessOrEqual(t, len(shown), len(before), "the rest is hidden or cut")
	}
	failure, said := refusal(t, createMessage(), nil, func(*http.Request, string) string { return strings.Repeat("long", 20_000) })
	assert.Len(t, failure.Conceal(said), 4<<10)
	failure, said = refusal(t, call, nil, func(*http.Request, string) string { return strings.Repeat("long", 1<<10) })
	assert.Equal(t, said, failure.Conceal(said), "it was not cut")
}
