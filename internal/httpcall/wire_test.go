package httpcall_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
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

	"github.com/messembed/messembed-go/internal/httpcall"
)

// A rawServer reads requests whole, and answers with whatever bytes it likes.
type rawServer struct {
	url      string
	received atomic.Int32
}

// answerRaw serves until the test ends. answer writes to conn, or past TLS to the
// connection below it.
func answerRaw(t *testing.T, secured *httptest.Server, answer func(r *http.Request, conn, below net.Conn)) *rawServer {
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
					_, _ = io.Copy(io.Discard, r.Body)
					s.received.Add(1)
					answer(r, conn, below)
				}
			}()
		}
	}()
	return s
}

// After a 101 net/http gives the connection away, and no context ends reading it.
func TestHostile_switchingProtocols(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) }) // after the server has ended
	server := answerRaw(t, nil, func(_ *http.Request, conn, _ net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
	})
	client := clientFor(t, server.url, httpcall.NewTransport(1, 10*time.Second), quickly, slots(1))
	for _, call := range []*httpcall.Call{getUser(), listUsers(), createMessage()} {
		_, failure := client.Do(t.Context(), within(5*time.Second, call))
		require.EqualError(t, failure.Err, "the service switched protocols")
		assert.Equal(t, call.Write, failure.MaybeApplied)
		assert.Equal(t, map[bool]int{true: 4, false: 1}[call.Repeatable], failure.Attempts)
	}

	read := &body{Reader: strings.NewReader("")}
	newClient(t, read.answer(101), attempts(1)).Do(t.Context(), getUser())
	assert.True(t, read.closed, "it is the connection")
}

// What a server writes does not make of a request that it has read one that was
// not sent.
func TestHostile_bytesThatReadLikeAFailureBefore(t *testing.T) {
	secured := secured(t, nil)
	tests := []struct {
		name, answer string
		below        bool // past TLS
	}{
		{"a header's continuation", "HTTP/1.1 200 OK\r\n TLS handshake timeout\r\n\r\n", false},
		{"a header without a colon", "HTTP/1.1 200 OK\r\nTLS handshake timeout\r\n\r\n", false},
		{"no HTTP", "net/http: TLS handshake timeout\r\n\r\n", false},
		{"another scheme", "server gave HTTP response to HTTPS client\r\n\r\n", false},
		{"plain text into TLS", "HTTP/1.1 502 Bad Gateway\r\n\r\n", true},
		{"a record too long", "\x17\x03\x03\xff\xff", true},
		{"a record of another version", "\x17\x05\x05\x00\x10aaaaaaaaaaaaaaaa", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var tlsServer *httptest.Server
			pool := httpcall.NewTransport(1, 10*time.Second)
			if test.below {
				tlsServer, pool = secured, trusting(secured)
			}
			server := answerRaw(t, tlsServer, func(_ *http.Request, conn, below net.Conn) {
				if test.below {
					conn = below
				}
				_, _ = io.WriteString(conn, test.answer)
				conn.Close()
			})
			_, failure := clientFor(t, server.url, pool).Do(t.Context(), createMessage())
			require.NotNil(t, failure)
			assert.True(t, failure.MaybeApplied, "it was read: %v", failure.Err)
			assert.EqualValues(t, 1, server.received.Load())
		})
	}
}

// With an Idempotency-Key net/http sends again by itself on a connection that
// broke. What came of the first time is not known then, whatever the last says.
func TestHostile_idempotencyKey(t *testing.T) {
	for _, key := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		for _, call := range []*httpcall.Call{createMessage(), updateUser()} {
			t.Run(key+"/"+call.Op, func(t *testing.T) {
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
					if r, err := http.ReadRequest(reader); err != nil || r.Method != http.MethodGet {
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
				client := clientFor(t, "http://"+listener.Addr().String(), httpcall.NewTransport(1, 10*time.Second), attempts(1))
				_, failure := client.Do(t.Context(), getUser())
				require.Nil(t, failure)
				_, failure = client.Do(t.Context(), with(key, "k1", call))
				require.NotNil(t, failure)
				assert.EqualValues(t, 1, applied.Load())
				assert.True(t, failure.MaybeApplied, "%v", failure.Err)
			})
		}
	}
}

// net/http must not send again what is not safe to send twice, and may the rest.
func TestWire_idempotencyKey(t *testing.T) {
	for name, call := range map[string]*httpcall.Call{
		"with a key": with("Idempotency-Key", "k1", createMessage()), "without": createMessage(), "safe": with("Idempotency-Key", "k1", updateUser()),
	} {
		service := scripted(status(200))
		_, failure := newClient(t, service).Do(t.Context(), call)
		require.Nil(t, failure)
		assert.Equal(t, name != "with a key", service.requests[0].GetBody != nil, name)
	}
}

// brokenConn takes one request and nothing more.
type brokenConn struct {
	net.Conn
	requests int
}

func (c *brokenConn) Write(p []byte) (int, error) {
	if c.requests++; c.requests > 1 {
		return 0, errReset
	}
	return c.Conn.Write(p)
}

// Over HTTP/1.1 net/http may send a write again of which nothing was written.
func TestWire_connectionBrokenBefore(t *testing.T) {
	server := answerRaw(t, nil, func(_ *http.Request, conn, _ net.Conn) {
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")
	})
	pool := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &brokenConn{Conn: conn}, err
	}}
	client := clientFor(t, server.url, pool, attempts(1))
	for _, call := range []*httpcall.Call{getUser(), createMessage()} {
		got, failure := client.Do(t.Context(), call)
		require.Nil(t, failure)
		assert.Equal(t, "done", string(got.Body))
	}
	assert.EqualValues(t, 2, server.received.Load())
}

// The connection of a token says nothing about the request.
func TestWire_connectionOfAToken(t *testing.T) {
	login := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"granted"}`)
	}))
	defer login.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	closed.Close()
	for name, pool := range map[string]*http.Transport{"ours": httpcall.NewTransport(1, 10*time.Second), "the caller's": {}} {
		client := clientFor(t, "http://"+closed.Addr().String(), pool, quickly, auth(clientCredentials(login.URL, pool)))
		_, failure := client.Do(t.Context(), createMessage())
		assert.Equal(t, 4, failure.Attempts, "%s: nothing was sent", name)
		assert.False(t, failure.MaybeApplied, name)
	}
}

// Nor does that of an earlier attempt, which was refused.
func TestWire_connectionOfAnEarlierAttempt(t *testing.T) {
	var received atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		if received.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusConflict)
	}))
	defer server.Close()
	_, failure := clientFor(t, server.URL, &http.Transport{}, quickly).Do(t.Context(), createMessage())
	require.NotNil(t, failure)
	assert.Equal(t, http.StatusConflict, failure.StatusCode, "%v", failure.Err)
	assert.EqualValues(t, 2, received.Load())
	assert.False(t, failure.MaybeApplied)
}

// An attempt that times out before it has a connection, or before it wants one, has
// sent nothing.
func TestWire_noConnectionInTime(t *testing.T) {
	for _, timeout := range []time.Duration{time.Millisecond, time.Nanosecond} {
		for _, pool := range []*http.Transport{httpcall.NewTransport(1, 10*time.Second), {}} {
			pool.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			client := newClient(t, pool, quickly, func(c *httpcall.Config) { c.AttemptTimeout = timeout })
			for range 20 {
				_, failure := client.Do(t.Context(), createMessage())
				require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
				assert.Equal(t, 4, failure.Attempts)
				assert.False(t, failure.MaybeApplied)
			}
		}
	}
}

func TestHostile_transports(t *testing.T) {
	for name, service := range map[string]transport{
		"neither a response nor an error": func(*http.Request) (*http.Response, error) { return nil, nil }, //nolint:nilnil // that is the point
		"no body": func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, ContentLength: 1, Header: http.Header{}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, service, slots(1), quickly)
			for range 3 { // its place is given back
				_, failure := client.Do(t.Context(), within(time.Second, createMessage()))
				require.ErrorContains(t, failure.Err, "the transport returned")
				assert.True(t, failure.MaybeApplied)
			}
		})
	}
	t.Run("no body where none is", func(t *testing.T) {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			call := getUser()
			call.Method = method
			length := map[string]int64{http.MethodHead: 5}[method]
			got, failure := newClient(t, transport(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusNoContent, ContentLength: length, Header: http.Header{}}, nil
			})).Do(t.Context(), call)
			require.Nil(t, failure)
			assert.Empty(t, got.Body)
		}
	})
	t.Run("an error before anything was sent", func(t *testing.T) {
		alert := &net.OpError{Op: "remote error", Err: tls.AlertError(40)} // may come at any time
		for err, maybeApplied := range map[error]bool{&tls.CertificateVerificationError{Err: io.EOF}: false, alert: true} {
			_, failure := newClient(t, fails(err)).Do(t.Context(), createMessage())
			assert.Equal(t, maybeApplied, failure.MaybeApplied, err)
		}
	})
	t.Run("a server of another protocol", func(t *testing.T) {
		record := tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake", RecordHeader: [5]byte{'S', 'S', 'H', '-', '2'}}
		_, failure := newClient(t, fails(record)).Do(t.Context(), createMessage())
		require.EqualError(t, failure.Err, record.Error(), "it is not HTTP either")
		assert.False(t, failure.MaybeApplied)
	})
	t.Run("an error with a URL", func(t *testing.T) {
		service := fails(errors.New(`Post "https://canary": refused`))
		_, failure := newClient(t, service).Do(t.Context(), createMessage())
		assert.NotContains(t, failure.Err.Error(), "canary")
		assert.NotContains(t, failure.Error(), "canary")
	})
}
