package ddp_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

const canary = "token-canary"

// server is a websocket server that runs serve.
func server(t *testing.T, serve func(ws *websocket.Conn)) *fakehttp.Server {
	fake := fakehttp.New(fakehttp.Config{TB: t, Host: "ddp.test", Route: func(*http.Request) fakehttp.Operation {
		return fakehttp.Operation{Name: "Socket", Takeover: func(w http.ResponseWriter, r *http.Request) {
			ws, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer ws.CloseNow()
			serve(ws)
		}}
	}})
	return fake
}

func config(transport http.RoundTripper) ddp.Config {
	return ddp.Config{
		URL: "https://ddp.test/websocket", Transport: transport, Token: canary, UserIDs: []string{"u1"}, HandshakeTimeout: 10 * time.Second,
	}
}

// answer reads messages and answers each by its msg, with its method's or its
// subscription's name, until the websocket ends. Anything else gets no answer.
// It reads while it writes, since there is no buffer in memory.
func answer(ws *websocket.Conn, answers map[string][]string) {
	keys := make(chan string, 100)
	go func() {
		defer close(keys)
		for {
			_, data, err := ws.Read(context.Background())
			if err != nil {
				return
			}
			var message struct{ Msg, Name, Method string }
			_ = json.Unmarshal(data, &message)
			keys <- message.Msg + message.Name + message.Method
		}
	}()
	for key := range keys {
		for _, text := range answers[key] {
			_ = ws.Write(context.Background(), websocket.MessageText, []byte(text))
		}
	}
}

// good is a server that accepts everything. Unrequested messages are
// interspersed with the handshake.
func good() map[string][]string {
	return map[string][]string{
		"connect":     {`{"server_id":"0"}`, `{"msg":"ping","id":"p"}`, `{"msg":"connected","session":"s"}`},
		"methodlogin": {`{"msg":"added","collection":"users"}`, `{"msg":"result","id":"login","result":{}}`, `{"msg":"updated","methods":["login"]}`},
		"substream-user-presence": {
			`{"msg":"ready","subs":["other"]}`, `{"msg":"ready","subs":["users"]}`,
			`{"msg":"changed","collection":"stream-user-presence","id":"u1","fields":{"args":[["ada",1]]}}`,
		},
	}
}

func TestDial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, err := ddp.Dial(t.Context(), config(server(t, func(ws *websocket.Conn) { answer(ws, good()) })))
		require.NoError(t, err)
		defer conn.Close()
		change, err := conn.Receive()
		require.NoError(t, err)
		assert.Equal(t, ddp.Change{UserID: "u1", Status: "online"}, change)
	})
}

// Servers before 4.1 have only the stream of all users.
func TestDial_olderServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := good()
		answers["substream-user-presence"] = []string{`{"msg":"nosub","id":"users","error":{"error":404}}`}
		answers["substream-notify-logged"] = []string{
			`{"msg":"ready","subs":["all"]}`,
			`{"msg":"changed","collection":"stream-notify-logged","fields":{"eventName":"user-status","args":[["u2","bob",3]]}}`,
		}
		conn, err := ddp.Dial(t.Context(), config(server(t, func(ws *websocket.Conn) { answer(ws, answers) })))
		require.NoError(t, err)
		defer conn.Close()
		change, err := conn.Receive()
		require.NoError(t, err)
		assert.Equal(t, "u2", change.UserID)
	})
}

func TestDial_fails(t *testing.T) {
	with := func(key string, texts ...string) func(*websocket.Conn) {
		return func(ws *websocket.Conn) {
			answers := good()
			answers[key] = texts
			answer(ws, answers)
		}
	}
	for name, c := range map[string]struct {
		serve func(*websocket.Conn)
		want  error
	}{
		"another version":    {with("connect", `{"msg":"failed","version":"pre2"}`), ddp.ErrRefused},
		"a refused token":    {with("methodlogin", `{"msg":"result","id":"login","error":{"error":403,"reason":"`+canary+`"}}`), ddp.ErrRefused},
		"no stream":          {with("substream-user-presence", `{"msg":"nosub","id":"users"}`), ddp.ErrHandshakeTimeout},
		"silence":            {with("connect"), ddp.ErrHandshakeTimeout},
		"no DDP":             {with("connect", `o`), nil},
		"an end":             {func(*websocket.Conn) {}, ddp.ErrClosed},
		"an end in between":  {func(ws *websocket.Conn) { _, _, _ = ws.Read(context.Background()) }, ddp.ErrClosed},
		"neither stream":     {noStreams, ddp.ErrRefused},
		"a message too long": {with("connect", string(make([]byte, 5<<20))), ddp.ErrClosed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, err := ddp.Dial(t.Context(), config(server(t, c.serve)))
				require.Error(t, err)
				assert.Nil(t, conn)
				if c.want != nil {
					assert.ErrorIs(t, err, c.want)
				}
				assert.NotContains(t, err.Error(), canary)
			})
		})
	}
}

func noStreams(ws *websocket.Conn) {
	answers := good()
	answers["substream-user-presence"] = []string{`{"msg":"nosub","id":"users","error":{}}`}
	answers["substream-notify-logged"] = []string{`{"msg":"nosub","id":"all","error":{}}`}
	answer(ws, answers)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Responses other than 101, including redirects, which are not followed.
func TestDial_status(t *testing.T) {
	for _, status := range []int{200, 302, 403, 502} {
		requests := 0
		_, err := ddp.Dial(t.Context(), config(roundTripper(func(r *http.Request) (*http.Response, error) {
			requests++
			return &http.Response{StatusCode: status, Header: http.Header{"Location": {"https://evil.test/"}}, Body: http.NoBody, Request: r}, nil
		})))
		answered, ok := errors.AsType[*ddp.StatusError](err)
		require.True(t, ok, "%d: %v", status, err)
		assert.Equal(t, status, answered.StatusCode)
		assert.Equal(t, 1, requests)
	}
	_, err := ddp.Dial(t.Context(), config(roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusSwitchingProtocols, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	})))
	require.ErrorIs(t, err, ddp.ErrRefused)
	_, err = ddp.Dial(t.Context(), config(roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("refused " + canary)}
	})))
	require.ErrorIs(t, err, ddp.ErrClosed)
	assert.NotContains(t, err.Error(), canary)
}

func TestDial_context(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := server(t, func(ws *websocket.Conn) { answer(ws, good()) })
		ctx, cancel := context.WithCancel(t.Context())
		conn, err := ddp.Dial(ctx, config(fake))
		require.NoError(t, err)
		defer conn.Close()
		_, err = conn.Receive()
		require.NoError(t, err)
		time.AfterFunc(time.Second, cancel)
		_, err = conn.Receive()
		require.ErrorIs(t, err, context.Canceled)
		_, err = conn.Receive()
		require.ErrorIs(t, err, context.Canceled, "and again")
		_, err = ddp.Dial(ctx, config(fake))
		require.ErrorIs(t, err, context.Canceled)
	})
}

// A silent server is pinged, and given up if it does not respond.
func TestReceive_heartbeat(t *testing.T) {
	for name, c := range map[string]struct {
		pong []string
		want error
		last time.Duration
	}{
		"no answer":  {nil, ddp.ErrSilent, 30 * time.Second},
		"an answer":  {[]string{`{"msg":"pong"}`}, context.DeadlineExceeded, time.Hour},
		"its pings":  {[]string{`{"msg":"ping"}`}, context.DeadlineExceeded, time.Hour},
		"no such id": {[]string{`{"msg":"nosub","id":"users"}`}, ddp.ErrClosed, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answers := good()
				answers["ping"] = c.pong
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				began := time.Now()
				conn, err := ddp.Dial(ctx, config(server(t, func(ws *websocket.Conn) { answer(ws, answers) })))
				require.NoError(t, err)
				defer conn.Close()
				_, err = conn.Receive()
				require.NoError(t, err)
				_, err = conn.Receive()
				require.ErrorIs(t, err, c.want)
				assert.Equal(t, c.last, time.Since(began))
			})
		})
	}
}

// A server that accepts no bytes is as dead as one that sends none.
func TestReceive_takesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		done := make(chan struct{})
		fake := server(t, func(ws *websocket.Conn) {
			for _, text := range []string{
				`{"msg":"connected"}`, `{"msg":"result","id":"login"}`, `{"msg":"ready","subs":["users"]}`,
			} {
				_, _, _ = ws.Read(context.Background())
				_ = ws.Write(context.Background(), websocket.MessageText, []byte(text))
			}
			<-done
		})
		conn, err := ddp.Dial(t.Context(), config(fake))
		require.NoError(t, err)
		_, err = conn.Receive()
		require.ErrorIs(t, err, ddp.ErrSilent)
		conn.Close()
		close(done)
	})
}
