package engineio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/messembed/messembed-go/internal/engineio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, openFrame, "6", "40", `42["first",{"n":1}]`, `42/other,["no",0]`, "49", `43["no"]`)
			_ = ws.Write(ctx, websocket.MessageBinary, []byte{4, 1, 2})
			say(ctx, ws, openFrame, "40", `42["second",{"n":2},"b"]`)
			answerPings(ctx, ws)
		}).transport(t)))
		require.NoError(t, err)
		defer conn.Close()

		first, err := conn.Receive()
		require.NoError(t, err)
		second, err := conn.Receive()
		require.NoError(t, err)

		assert.Equal(t, "first", first.Name)
		assert.JSONEq(t, `[{"n":1}]`, string(first.Args))
		assert.Equal(t, "second", second.Name)
		assert.JSONEq(t, `[{"n":2},"b"]`, string(second.Args))
	})
}

func TestDial_request(t *testing.T) {
	var got *http.Request
	cfg := config(roundTripper(func(r *http.Request) (*http.Response, error) {
		got = r
		return nil, io.EOF
	}))
	cfg.Header = http.Header{"User-Agent": {"test/1"}}

	_, err := engineio.Dial(t.Context(), cfg)

	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, "/api/messembed/socket.io/", got.URL.Path)
	assert.Equal(t, url.Values{
		"EIO": {"3"}, "transport": {"websocket"}, "username": {"admin"}, "password": {canary},
	}, got.URL.Query())
	assert.Equal(t, "test/1", got.Header.Get("User-Agent"))
	assert.Len(t, cfg.Header, 1, "the caller's header is not written to")
	assert.Equal(t, "/api/messembed/socket.io/", got.URL.EscapedPath())

	cfg.URL.Path, cfg.URL.RawPath = "/a/b/", "/a%2Fb/"
	_, err = engineio.Dial(t.Context(), cfg)
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, "/a%2Fb/socket.io/", got.URL.EscapedPath())
}

func TestDial_realSocket(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := websocket.Accept(w, r, nil)
		if !assert.NoError(t, err) {
			return
		}
		defer ws.CloseNow()
		say(r.Context(), ws, openFrame, "40", `42["a",1]`)
		answerPings(r.Context(), ws)
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()

	ctx, cancel := context.WithCancel(t.Context())
	conn, err := engineio.Dial(ctx, engineio.Config{URL: base, HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	event, err := conn.Receive()
	require.NoError(t, err)
	assert.Equal(t, "a", event.Name)

	cancel()
	_, err = conn.Receive()
	require.ErrorIs(t, err, context.Canceled)
	conn.Close()
}

// The buffer that a large message needed is not kept while the connection is idle.
func TestReceive_releasesALargeBuffer(t *testing.T) {
	const size = 16 << 20
	heap := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what is in a sync.Pool needs two
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := heap()
	received := make(chan struct{})
	conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
		say(ctx, ws, openFrame, "40", `42["large","`+strings.Repeat("y", size)+`"]`)
		<-received
		say(ctx, ws, `42["done"]`)
		answerPings(ctx, ws)
	}).transport(t)))
	require.NoError(t, err)
	defer conn.Close()
	large, err := conn.Receive()
	require.NoError(t, err)
	assert.Greater(t, len(large.Args), size)
	large.Args = nil

	assert.Less(t, heap()-before, int64(size/2))
	close(received)
	event, err := conn.Receive()
	require.NoError(t, err)
	assert.Equal(t, "done", event.Name)
}

func TestReceive_endings(t *testing.T) {
	type ending struct {
		play script
		want error
	}
	for name, tc := range map[string]ending{
		"close packet":      {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) { say(ctx, ws, "1"); answerPings(ctx, ws) }, engineio.ErrClosed},
		"disconnect packet": {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) { say(ctx, ws, "41"); answerPings(ctx, ws) }, engineio.ErrClosed},
		"error packet": {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, `44"bad `+canary+`"`)
			answerPings(ctx, ws)
		}, engineio.ErrProtocol},
		"close frame": {func(_ context.Context, _ *testing.T, ws *websocket.Conn) {
			ws.Close(websocket.StatusGoingAway, "bye "+canary)
		}, engineio.ErrClosed},
		"cut off": {func(context.Context, *testing.T, *websocket.Conn) {}, engineio.ErrClosed},
		"no packet": {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, "x"+canary)
			answerPings(ctx, ws)
		}, engineio.ErrProtocol},
		"malformed event": {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, `42["x`)
			answerPings(ctx, ws)
		}, engineio.ErrProtocol},
		"too large": {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, `42["x","`+strings.Repeat("y", 5000)+`"]`)
			answerPings(ctx, ws)
		}, engineio.ErrTooLarge},
		"too large and unread": {func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, `42["x","`+strings.Repeat("y", 5000)+`"]`)
			<-ctx.Done()
		}, engineio.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(script(func(ctx context.Context, t *testing.T, ws *websocket.Conn) {
					say(ctx, ws, openFrame, "40", `42["fits","`+strings.Repeat("y", 4000)+`"]`)
					tc.play(ctx, t, ws)
				}).transport(t))
				cfg.MaxMessageBytes = 4096
				conn, err := engineio.Dial(t.Context(), cfg)
				require.NoError(t, err)
				defer conn.Close()
				_, err = conn.Receive()
				require.NoError(t, err)

				_, err = conn.Receive()

				require.ErrorIs(t, err, tc.want)
				assert.NotContains(t, err.Error(), "c4n4ry")
				assert.Equal(t, name == "close frame", strings.Contains(err.Error(), "status"), err)
			})
		})
	}
}

func TestDial_refused(t *testing.T) {
	for _, status := range []int{200, 302, 307, 400, 401, 403, 404, 426, 500, 502, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			requests := 0
			_, err := engineio.Dial(t.Context(), config(roundTripper(func(r *http.Request) (*http.Response, error) {
				requests++
				return &http.Response{
					StatusCode: status,
					Header:     http.Header{"Location": {"https://elsewhere.test/?" + r.URL.RawQuery}},
					Body:       io.NopCloser(strings.NewReader("no: " + r.URL.String())),
					Request:    r,
				}, nil
			})))

			var refused *engineio.RefusedError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, status, refused.StatusCode)
			assert.Equal(t, 1, requests, "a redirect is not followed: the query holds the password")
			assert.NotContains(t, err.Error(), "c4n4ry")
		})
	}
}

func TestDial_malformed(t *testing.T) {
	for name, answer := range map[string]*http.Response{
		"no upgrade":   {StatusCode: 101, Header: http.Header{}},
		"wrong accept": {StatusCode: 101, Header: http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Accept": {"x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engineio.Dial(t.Context(), config(roundTripper(func(r *http.Request) (*http.Response, error) {
				near, far := net.Pipe()
				far.Close()
				answer.Body, answer.Request = near, r
				return answer, nil
			})))

			require.ErrorIs(t, err, engineio.ErrProtocol)
		})
	}
}

func TestDial_handshakeGoesWrong(t *testing.T) {
	for name, tc := range map[string]struct {
		frames []string
		want   error
	}{
		"silence":             {nil, engineio.ErrHandshakeTimeout},
		"open, then silence":  {[]string{openFrame}, engineio.ErrHandshakeTimeout},
		"noops only":          {[]string{openFrame, "6", "6", "6"}, engineio.ErrHandshakeTimeout},
		"joined before open":  {[]string{"40"}, engineio.ErrProtocol},
		"event before joined": {[]string{openFrame, `42["a"]`}, engineio.ErrProtocol},
		"opened twice":        {[]string{openFrame, openFrame}, engineio.ErrProtocol},
		"refused":             {[]string{openFrame, `44"` + canary + `"`}, engineio.ErrProtocol},
		"broken open":         {[]string{`0{`}, engineio.ErrProtocol},
		"HTML":                {[]string{"<html>" + canary}, engineio.ErrProtocol},
		"closed":              {[]string{openFrame, "1"}, engineio.ErrClosed},
		"too large":           {[]string{openFrame + strings.Repeat(" ", 5000)}, engineio.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
					say(ctx, ws, tc.frames...)
					answerPings(ctx, ws)
				}).transport(t))
				cfg.HandshakeTimeout = 3 * time.Second
				cfg.MaxMessageBytes = 4096
				start := time.Now()

				_, err := engineio.Dial(t.Context(), cfg)

				require.ErrorIs(t, err, tc.want)
				assert.NotContains(t, err.Error(), "c4n4ry")
				assert.LessOrEqual(t, time.Since(start), 3*time.Second)
			})
		})
	}
}

func TestDial_transportHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		cfg.HandshakeTimeout = 3 * time.Second
		start := time.Now()

		_, err := engineio.Dial(t.Context(), cfg)

		require.ErrorIs(t, err, engineio.ErrHandshakeTimeout)
		assert.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestDial_errorsHoldNoURL(t *testing.T) {
	opaque := errors.New("dial tcp: no route")
	for name, cause := range map[string]error{
		"plain":                  opaque,
		"URL inside":             &url.Error{Op: "Get", URL: "http://proxy.test/?password=" + url.QueryEscape(canary), Err: opaque},
		"wrapped URL inside":     fmt.Errorf("hop: %w", &url.Error{Op: "Get", URL: "http://p.test/" + canary, Err: opaque}),
		"told in the text":       errors.New("could not fetch http://chat.test/?password=" + url.QueryEscape(canary)),
		"told in the plain text": errors.New("could not log in with " + canary),
		"told in lower case":     errors.New("could not GET ?password=" + strings.ToLower(url.QueryEscape(canary))),
		"told in JSON":           errors.New(`could not GET {"query":"?password=c4n4ry\u002F%2B+%2525pass"}`),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := engineio.Dial(t.Context(), config(roundTripper(func(*http.Request) (*http.Response, error) {
				return nil, cause
			})))

			require.Error(t, err)
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err)} {
				assert.NotContains(t, text, "c4n4ry")
				assert.NotContains(t, text, "://")
			}
			for e := err; e != nil; e = errors.Unwrap(e) {
				assert.NotContains(t, e.Error(), "c4n4ry")
			}
		})
	}
}

func TestConn_contextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		conn, err := engineio.Dial(ctx, config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, openFrame, "40")
			answerPings(ctx, ws)
		}).transport(t)))
		require.NoError(t, err)
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()

		_, err = conn.Receive()

		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Minute, time.Since(start))
		conn.Close()
		conn.Close()
	})
}

func TestConn_closeEndsReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, err := engineio.Dial(t.Context(), config(script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
			say(ctx, ws, openFrame, "40")
			answerPings(ctx, ws)
		}).transport(t)))
		require.NoError(t, err)
		time.AfterFunc(time.Second, conn.Close)

		_, err = conn.Receive()

		require.ErrorIs(t, err, engineio.ErrClosed)
	})
}

// slowToClose is a connection whose end takes a second.
type slowToClose struct {
	net.Conn
	closed *atomic.Bool
}

func (c slowToClose) Close() error {
	time.Sleep(time.Second)
	c.closed.Store(true)
	return c.Conn.Close()
}

// Nothing is left when Close has returned, or Dial with an error.
func TestConn_closeWaits(t *testing.T) {
	for name, frames := range map[string][]string{"accepted": {openFrame, "40"}, "refused": {openFrame, "44"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := script(func(ctx context.Context, _ *testing.T, ws *websocket.Conn) {
					say(ctx, ws, frames...)
					answerPings(ctx, ws)
				}).transport(t)
				var closed atomic.Bool
				conn, err := engineio.Dial(t.Context(), config(roundTripper(func(r *http.Request) (*http.Response, error) {
					resp, err := server.RoundTrip(r)
					if err == nil {
						resp.Body = slowToClose{resp.Body.(net.Conn), &closed}
					}
					return resp, err
				})))
				if name == "accepted" {
					require.NoError(t, err)
					conn.Close()
				} else {
					require.ErrorIs(t, err, engineio.ErrProtocol)
				}
				assert.True(t, closed.Load())
			})
		})
	}
}
