package messembed_test

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

const aChatID = "0123456789abcdef01234567"

// A rawServer reads requests whole, and answers with whatever bytes it likes.
type rawServer struct {
	url      string
	received atomic.Int32
}

// answerRaw serves until the test ends. answer writes to conn, or past TLS to the
// connection below it.
func answerRaw(t *testing.T, secured *httptest.Server, answer func(r *http.Request, body []byte, conn, below net.Conn)) *rawServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	s := &rawServer{url: "http://" + listener.Addr().String()}
	if secured != nil {
		s.url = "https://" + listener.Addr().String()
	}
	go func() {
		for {
			below, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer below.Close()
				conn := below
				if secured != nil {
					conn = tls.Server(below, secured.TLS)
				}
				for reader := bufio.NewReader(conn); ; {
					r, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					body, _ := io.ReadAll(r.Body)
					s.received.Add(1)
					answer(r, body, conn, below)
				}
			}()
		}
	}()
	return s
}

func rawClient(t *testing.T, url string, options ...messembed.Option) *messembed.Client {
	t.Helper()
	client, err := messembed.New(url, append([]messembed.Option{
		messembed.WithBasicAuth("admin", "pw-canary"), messembed.WithRetry(messembed.RetryPolicy{MinBackoff: 1, MaxBackoff: 1}),
	}, options...)...)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// After a 101 net/http gives the connection away, and no context ends reading it.
func TestHostile_switchingProtocols(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) }) // after the server has ended
	server := answerRaw(t, nil, func(_ *http.Request, _ []byte, conn, _ net.Conn) { _, _ = io.WriteString(conn, switching) })
	client := rawClient(t, server.url, messembed.WithMaxConcurrency(1), messembed.WithTimeout(5*time.Second))
	ctx := t.Context()

	began := time.Now()
	_, err := client.GetUser(ctx, "ada")
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	for _, err := range client.Users(ctx) {
		require.ErrorIs(t, err, messembed.ErrUnavailable)
	}
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: aChatID, UserID: "ada"})
	failure, _ := errors.AsType[*messembed.Error](err)
	require.NotNil(t, failure)
	assert.Equal(t, 1, failure.Attempts)
	assert.True(t, failure.MaybeApplied)

	byToken, err := messembed.New("http://127.0.0.1:1", messembed.WithTimeout(5*time.Second), messembed.WithRetry(messembed.RetryPolicy{MinBackoff: 1, MaxBackoff: 1}),
		messembed.WithClientCredentials(clientcredentials.Config{ClientID: "shop", ClientSecret: "canary", TokenURL: server.url}))
	require.NoError(t, err)
	require.ErrorIs(t, byToken.CheckCredentials(ctx), messembed.ErrUnavailable)
	byToken.CloseIdleConnections()
	assert.Less(t, time.Since(began), 4*time.Second)
}

// What a server writes does not make of a request that it has read one that was
// not sent.
func TestHostile_bytesThatReadLikeAFailureBefore(t *testing.T) {
	secured := httptest.NewUnstartedServer(nil)
	secured.StartTLS()
	defer secured.Close()
	tests := []struct {
		name, answer string
		below        bool // past TLS
	}{
		{"a header's continuation", "HTTP/1.1 200 OK\r\n TLS handshake timeout\r\n\r\n", false},
		{"a header without a colon", "HTTP/1.1 200 OK\r\nTLS handshake timeout: x\r\n\r\n", false},
		{"no HTTP", "net/http: TLS handshake timeout\r\n\r\n", false},
		{"another scheme", "server gave HTTP response to HTTPS client\r\n\r\n", false},
		{"plain text into TLS", "HTTP/1.1 502 Bad Gateway\r\n\r\n", true},
		{"a record too long", "\x17\x03\x03\xff\xff", true},
		{"a record of another version", "\x17\x05\x05\x00\x10aaaaaaaaaaaaaaaa", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var tlsServer *httptest.Server
			var options []messembed.Option
			if test.below {
				tlsServer, options = secured, []messembed.Option{messembed.WithTransport(trusting(secured))}
			}
			server := answerRaw(t, tlsServer, func(_ *http.Request, _ []byte, conn, below net.Conn) {
				if test.below {
					conn = below
				}
				_, _ = io.WriteString(conn, test.answer)
				conn.Close()
			})
			_, err := rawClient(t, server.url, options...).CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: aChatID, UserID: "ada", Content: "hello"})
			failure, _ := errors.AsType[*messembed.Error](err)
			require.NotNil(t, failure)
			assert.True(t, failure.MaybeApplied, "it was read: %v", err)
			assert.EqualValues(t, 1, server.received.Load())
		})
	}
}

// With an Idempotency-Key net/http sends again by itself on a connection that
// broke. What came of the first time is not known then, whatever the last says.
func TestHostile_idempotencyKey(t *testing.T) {
	key := messembed.WithHeader("Idempotency-Key", "k1")
	calls := map[string]func(*messembed.Client) error{
		"CreateMessage": func(c *messembed.Client) error {
			_, err := c.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: aChatID, UserID: "ada"}, key)
			return err
		},
		"UpdateUser": func(c *messembed.Client) error {
			_, err := c.UpdateUser(t.Context(), "ada", messembed.UpdateUserParams{RemoveBlockStatus: true}, key)
			return err
		},
		"DeleteUser": func(c *messembed.Client) error { return c.DeleteUser(t.Context(), "ada", key) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			var applied atomic.Int32
			go func() { // a service that dies when it has done what it was asked
				defer listener.Close()
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				reader := bufio.NewReader(conn)
				if r, err := http.ReadRequest(reader); err != nil || r.URL.Path != "/ping" {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong")
				r, err := http.ReadRequest(reader)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				applied.Add(1)
				listener.Close()
			}()
			client := rawClient(t, "http://"+listener.Addr().String(), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
			require.NoError(t, client.Ping(t.Context()))
			err = call(client)
			failure, _ := errors.AsType[*messembed.Error](err)
			require.NotNil(t, failure)
			assert.EqualValues(t, 1, applied.Load())
			assert.True(t, failure.MaybeApplied, "%v", err)
		})
	}
}

// A service in debug mode repeats the request; an error repeats none of it.
func TestHostile_echoes(t *testing.T) {
	metadata := messembed.Metadata{"card": int64(4111111111111111), "pin": "12345678", "note": "say \"canary\"\nand \\canary", "list": []any{"canary-in-a-list"}}
	secrets := []string{"canary", "4111111111111111", "12345678", "hunter2", "gateway-key"}
	send := func(client *messembed.Client) error {
		_, err := client.CreateMessage(t.Context(), messembed.CreateMessageParams{
			ChatID: aChatID, UserID: "ada-lovelace", Content: "Dear Bob,\nmy canary is \"DE89 3704\"", ExternalMetadata: metadata,
		}, messembed.WithHeader("X-Gateway-Key", "gateway-key"))
		return err
	}
	for name, message := range map[string]func(*http.Request, []byte) string{
		"the body": func(_ *http.Request, body []byte) string { return "cannot store " + string(body) },
		"the body's middle": func(_ *http.Request, body []byte) string {
			_, rest, _ := strings.Cut(string(body), `"content":"`)
			return "near " + rest
		},
		"the body in a text": func(_ *http.Request, body []byte) string { return fmt.Sprintf("cannot store %q", body) },
		"the values": func(*http.Request, []byte) string {
			return fmt.Sprintf("no %v, %v, %v", metadata["card"], metadata["pin"], metadata["note"])
		},
		"a header": func(r *http.Request, _ []byte) string { return "bad key " + r.Header.Get("X-Gateway-Key") },
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.WriteHeader(http.StatusInternalServerError)
				_, _ = fmt.Fprintf(w, `{"statusCode":500,"message":%s}`, quoted(message(r, body)))
			}))
			defer server.Close()
			err := send(rawClient(t, server.URL))
			require.Error(t, err)
			for _, secret := range secrets {
				assert.NotContains(t, err.Error(), secret)
			}
		})
	}
}

// What the service says in its own words stays, though parts of it are in the request by chance.
func TestHostile_ownWords(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for words, want := range map[string]string{
		"request entity exceeds 102400 bytes":                 "exceeds 102400 bytes",
		"retry after 2024-05-01":                              "retry after 2024-05-01",
		`roles must be one of ["admin","user"], but got more`: `one of ["admin","user"], but got more`,
		`cannot read {"name":"x"}`:                            "cannot read […]",
	} {
		fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"code":"error-could-not-save","message":` + string(quoted(words)) + `}`})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"port": 1024, "year": 2024, "n": 240051}},
			messembed.WithHeader("X-Log-Level", "error"))
		require.ErrorContains(t, err, want)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, "error-could-not-save", failure.Code)
	}
	fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"code":"gateway-key","message":"x"}`})
	_, err := client.GetUser(t.Context(), "ada", messembed.WithHeader("X-Gateway-Key", "gateway-key"))
	assert.NotContains(t, err.Error(), "gateway-key")
}

// A long text that repeats a long body is cut so that no part of a value is left.
func TestHostile_longEcho(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	secret := strings.Repeat("canary ", 1000)
	for _, before := range []string{"", strings.Repeat("x", 4000), strings.Repeat("canary-2 ", 400)} {
		fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"message":` + string(quoted(before+secret)) + `}`})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"a": secret, "b": strings.Repeat("canary-2 ", 400)}})
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.NotContains(t, err.Error(), "canary")
	}
}

// quoted is a text as JSON.
func quoted(text string) []byte {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return data
}

// What a service says fits into a line of a log, and does nothing to a terminal.
func TestHostile_words(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"message":["` + strings.Repeat(`long","`, 10_000) + `"]}`})
	_, err := client.GetUser(t.Context(), "ada")
	assert.Less(t, len(err.Error()), 1000)
	fake.FailNext(messembedtest.Fault{Status: 400, Body: "{\"message\":\"one\\u2028two\\u0085three\\u202efour\\u009b31m five\\ufeff\"}"})
	_, err = client.GetUser(t.Context(), "ada")
	assert.ErrorContains(t, err, "one two three four 31m five")
}

// A transport's answer without a body does not keep its place among those in flight.
func TestHostile_noBody(t *testing.T) {
	client := rawClient(t, "https://chat.example.com", messembed.WithMaxConcurrency(1), messembed.WithTimeout(5*time.Second),
		messembed.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: 5, Header: http.Header{}}, nil
		})))
	began := time.Now()
	for range 3 {
		require.Error(t, client.Ping(t.Context()))
	}
	assert.Less(t, time.Since(began), 4*time.Second)
}
