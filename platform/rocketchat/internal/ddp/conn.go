package ddp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// Config says where to connect and what to listen to.
type Config struct {
	// URL is the websocket's, http or https: ".../websocket".
	URL string
	// Transport makes the handshake. Its answer must have a body that can be
	// written to, as http.Transport's has for a 101.
	Transport http.RoundTripper
	// Token logs in.
	Token string
	// UserIDs are the users to listen to. A server that cannot tell them apart
	// sends changes of others too.
	UserIDs []string
	// HandshakeTimeout bounds the time until the subscription stands.
	HandshakeTimeout time.Duration
}

// maxMessageBytes is far more than any change of a status has; the other events
// of the stream of everybody are larger.
const maxMessageBytes = 4 << 20

// Conn is a connection whose subscription stands: every change from now on comes
// through it, or its end does. [Conn.Receive] must be called again as soon as it
// returns, for it answers the server's pings.
type Conn struct {
	ws  *websocket.Conn
	sub string // the id of the subscription that stands

	life   context.Context // ends with Dial's context, with Close and with the first failure, which is its cause
	end    context.CancelCauseFunc
	tended sync.WaitGroup

	began time.Time
	heard atomic.Int64 // when the last frame came, since began
}

// Dial connects, logs in and subscribes. ctx bounds the whole life of the
// connection, not only the handshake.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	c := &Conn{began: time.Now()}
	c.life, c.end = context.WithCancelCause(ctx)
	timeout := time.AfterFunc(cfg.HandshakeTimeout, func() { c.end(ErrHandshakeTimeout) })
	defer timeout.Stop()

	//nolint:bodyclose // websocket.Dial closes it
	ws, resp, err := websocket.Dial(c.life, cfg.URL, &websocket.DialOptions{HTTPClient: &http.Client{
		Transport: cfg.Transport,
		// The token must not travel to wherever an answer points.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}})
	if err != nil {
		switch {
		case resp == nil:
			return nil, c.failed(ErrClosed)
		case resp.StatusCode == http.StatusSwitchingProtocols: // to what is no websocket
			return nil, c.failed(ErrRefused)
		}
		return nil, c.failed(&StatusError{resp.StatusCode})
	}
	ws.SetReadLimit(maxMessageBytes)
	c.ws = ws
	c.tended.Go(c.tend)
	if err := c.handshake(cfg); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// handshake takes the three steps until changes come. A change that comes before
// its subscription is confirmed is left out: whoever dialled reads all states
// after the handshake.
func (c *Conn) handshake(cfg Config) error {
	if err := c.send(map[string]any{"msg": "connect", "version": "1", "support": []string{"1"}}); err != nil {
		return err
	}
	if err := c.await(func(f Frame) bool { return f.Kind == Connected }, func(f Frame) bool { return f.Kind == Failed }); err != nil {
		return err
	}
	if err := c.send(map[string]any{
		"msg": "method", "method": "login", "id": "login", "params": []any{map[string]string{"resume": cfg.Token}},
	}); err != nil {
		return err
	}
	isLogin := func(f Frame) bool { return f.Kind == Result && f.ID == "login" }
	if err := c.await(
		func(f Frame) bool { return isLogin(f) && !f.Refused },
		func(f Frame) bool { return isLogin(f) && f.Refused },
	); err != nil {
		return err
	}
	// Servers before 4.1 have only the stream of everybody.
	err := c.subscribe("users", presenceStream, "", map[string][]string{"added": cfg.UserIDs, "removed": {}})
	if errors.Is(err, errNoSub) {
		err = c.subscribe("all", loggedStream, statusEvent, false)
	}
	if errors.Is(err, errNoSub) {
		err = c.failed(ErrRefused)
	}
	return err
}

var errNoSub = errors.New("ddp: no such subscription") // does not leave the package

func (c *Conn) subscribe(id, stream, event string, options any) error {
	c.sub = id
	if err := c.send(map[string]any{"msg": "sub", "id": id, "name": stream, "params": []any{event, options}}); err != nil {
		return err
	}
	for {
		frame, err := c.next()
		switch {
		case err != nil:
			return err
		case frame.Kind == Ready && slices.Contains(frame.Subs, id):
			return nil
		case frame.Kind == NoSub && frame.ID == id:
			return errNoSub
		}
	}
}

func (c *Conn) await(wanted, refused func(Frame) bool) error {
	for {
		frame, err := c.next()
		switch {
		case err != nil:
			return err
		case wanted(frame):
			return nil
		case refused(frame):
			return c.failed(ErrRefused)
		}
	}
}

// Receive returns the next change. Its error ends the connection and is returned
// again by every later call. It must not be called concurrently.
func (c *Conn) Receive() (Change, error) {
	for {
		frame, err := c.next()
		switch {
		case err != nil:
			return Change{}, err
		case frame.Kind == Changed:
			return frame.Change, nil
		case frame.Kind == NoSub && frame.ID == c.sub:
			return Change{}, c.failed(ErrClosed) // nothing more would come
		}
	}
}

// Close ends the connection and waits for its goroutine. A Receive under way
// returns.
func (c *Conn) Close() {
	c.end(ErrClosed)
	c.tended.Wait()
}

// next reads one frame and answers pings.
func (c *Conn) next() (Frame, error) {
	for {
		// The read has no context: the end of the life closes the websocket.
		kind, data, err := c.ws.Read(context.Background())
		if err != nil {
			return Frame{}, c.failed(ErrClosed)
		}
		c.heard.Store(int64(time.Since(c.began)))
		if kind != websocket.MessageText {
			continue
		}
		frame, err := Parse(data)
		if err != nil {
			return Frame{}, c.failed(err)
		}
		if frame.Kind != Ping {
			return frame, nil
		}
		pong := map[string]any{"msg": "pong"}
		if frame.ID != "" {
			pong["id"] = frame.ID
		}
		if err := c.send(pong); err != nil {
			return Frame{}, err
		}
	}
}

func (c *Conn) send(message map[string]any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return c.failed(ErrClosed)
	}
	if c.ws.Write(c.life, websocket.MessageText, data) != nil {
		return c.failed(ErrClosed)
	}
	return nil
}

// failed ends the life with err and returns why it ended: err, unless something
// else ended it before.
func (c *Conn) failed(err error) error {
	c.end(err)
	return context.Cause(c.life)
}
