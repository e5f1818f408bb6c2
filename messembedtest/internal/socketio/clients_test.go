package socketio_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// socketClient is an in-memory websocket to the fake that records what it
// receives.
type socketClient struct {
	t  *testing.T
	ws *websocket.Conn

	mu    sync.Mutex
	heard []string
	ended error
}

// openSocket connects with the password.
func openSocket(t *testing.T, fake *fakeServer) *socketClient {
	t.Helper()
	return openSocketWith(t, fake, url.Values{"username": {"admin"}, "password": {password}})
}

func openSocketWith(t *testing.T, fake *fakeServer, query url.Values) *socketClient {
	t.Helper()
	ws, resp, err := dialSocket(t, fake, query)
	require.NoError(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	return listen(t, ws)
}

// listen records everything that the websocket receives from now on.
func listen(t *testing.T, ws *websocket.Conn) *socketClient {
	t.Helper()
	c := &socketClient{t: t, ws: ws}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, data, err := ws.Read(context.Background())
			c.mu.Lock()
			if err != nil {
				c.ended = err
				c.mu.Unlock()
				return
			}
			c.heard = append(c.heard, withoutSID(string(data)))
			c.mu.Unlock()
		}
	}()
	t.Cleanup(func() { _ = ws.CloseNow(); <-done })
	synctest.Wait()
	return c
}

func dialSocket(t *testing.T, fake *fakeServer, query url.Values) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	full := url.Values{"EIO": {"3"}, "transport": {"websocket"}}
	for key, values := range query {
		full[key] = values
	}
	return websocket.Dial(t.Context(), fake.BaseURL()+"/socket.io/?"+full.Encode(), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: fake},
	})
}

var sidInOpen = regexp.MustCompile(`"sid":"([^"]*)"`)

func withoutSID(s string) string { return sidInOpen.ReplaceAllString(s, `"sid":"S"`) }

// say sends each frame after everything before it has been handled. A frame
// that begins with bin: is sent as bytes.
func (c *socketClient) say(frames ...string) {
	for _, frame := range frames {
		kind := websocket.MessageText
		if bytes, binary := strings.CutPrefix(frame, "bin:"); binary {
			kind, frame = websocket.MessageBinary, bytes
		}
		_ = c.ws.Write(context.Background(), kind, []byte(frame))
		synctest.Wait()
	}
}

// hears returns everything received since the last call. "closed" at its end
// means that the server closed the connection, "broken" that it broke.
func (c *socketClient) hears() []string {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	heard := c.heard
	c.heard = nil
	switch {
	case c.ended == nil:
	case websocket.CloseStatus(c.ended) == websocket.StatusNoStatusRcvd:
		heard = append(heard, "closed")
	default:
		heard = append(heard, "broken")
	}
	return heard
}

// pollClient is a client of the polling transport, in memory.
type pollClient struct {
	t    *testing.T
	fake *fakeServer
	sid  string
	hand polled // the response to the handshake
}

type polled struct {
	status int
	header http.Header
	body   string
	err    error
}

func openPoll(t *testing.T, fake *fakeServer, query string) *pollClient {
	t.Helper()
	c := &pollClient{t: t, fake: fake}
	c.hand = c.request(http.MethodGet, "username=admin&password="+url.QueryEscape(password)+query, "", nil)
	require.NoError(t, c.hand.err)
	require.Equal(t, http.StatusOK, c.hand.status)
	c.sid = sidInOpen.FindStringSubmatch(c.hand.body)[1]
	return c
}

func (c *pollClient) request(method, query, body string, header http.Header) polled {
	return c.raw(method, "/socket.io/?EIO=3&transport=polling&"+query, body, header)
}

func (c *pollClient) raw(method, target, body string, header http.Header) polled {
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.fake.BaseURL()+target, strings.NewReader(body))
	if err != nil {
		return polled{err: err}
	}
	for name, values := range header {
		r.Header[name] = values
	}
	resp, err := c.fake.RoundTrip(r)
	if err != nil {
		return polled{err: err}
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return polled{resp.StatusCode, resp.Header, string(data), err}
}

func (c *pollClient) poll() polled {
	return c.request(http.MethodGet, "sid="+c.sid, "", nil)
}

func (c *pollClient) pollLater() <-chan polled {
	answer := make(chan polled, 1)
	go func() { answer <- c.poll() }()
	synctest.Wait()
	return answer
}

func (c *pollClient) post(payload string) polled {
	return c.request(http.MethodPost, "sid="+c.sid, payload, nil)
}
