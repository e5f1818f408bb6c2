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

// Config configures Dial.
type Config struct {
	// URL is the websocket's URL, http or https: ".../websocket".
	URL string
	// Transport performs the handshake. The body of its 101 response must be
	// writable, as that of http.Transport is.
	Transport http.RoundTripper
	// Token is the login token.
	Token string
	// UserIDs are the users to listen to. A server that cannot filter sends
	// changes of other users too.
	UserIDs []string
	// HandshakeTimeout limits the time until the subscription is confirmed.
	HandshakeTimeout time.Duration
}

// maxMessageBytes far exceeds the size of any status change; other events of
// the stream of all users are larger.
const maxMessageBytes = 4 << 20

// Conn is a connection with a confirmed subscription: it delivers every later
// change, or its end. [Conn.Receive] must be called again as soon as it
// returns, since it also answers the server's pings.
type Conn struct {
	ws  *websocket.Conn
	sub string // the id of the active subscription

	life   context.Context // ends with Dial's context, with Close, and with the first failure, which becomes its cause
	end    context.CancelCauseFunc
	tended sync.WaitGroup

	began time.Time
	heard atomic.Int64 // when the last frame arrived, since began
}

// Dial connects, logs in and subscribes. ctx applies to the whole lifetime of
// the connection, not only to the handshake.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	c := &Conn{began: time.Now()}
	c.life, c.end = context.WithCancelCause(ctx)
	timeout := time.AfterFunc(cfg.HandshakeTimeout, func() { c.end(ErrHandshakeTimeout) })
	defer timeout.Stop()

	//nolint:bodyclose // websocket.Dial closes it
	ws, resp, err := websocket.Dial(c.life, cfg.URL, &websocket.DialOptions{HTTPClient: &http.Client{
		Transport: cfg.Transport,
		// The token must not follow a redirect.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}})
	if err != nil {
		switch {
		case resp == nil:
			return nil, c.failed(ErrClosed)
		case resp.StatusCode == http.StatusSwitchingProtocols: // the upgrade is not a websocket
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

// handshake connects, logs in and subscribes. A change that arrives before the
// subscription is confirmed is dropped: the caller reads all states after the
// handshake.
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
	// Servers before 4.1 have only the stream of all users.
	err := c.subscribe("users", presenceStream, "", map[string][]string{"added": cfg.UserIDs, "removed": {}})
	if errors.Is(err, errNoSub) {
		err = c.subscribe("all", loggedStream, statusEvent, false)
	}
	if errors.Is(err, errNoSub) {
		err = c.failed(ErrRefused)
	}
	return err
}

var errNoSub = errors.New("ddp: no such subscription") // not returned to the caller

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

// Receive returns the next change. An error ends the connection and is returned
// by every later call. Receive must not be called concurrently.
func (c *Conn) Receive() (Change, error) {
	for {
		frame, err := c.next()
		switch {
		case err != nil:
			return Change{}, err
		case frame.Kind == Changed:
			return frame.Change, nil
		case frame.Kind == NoSub && frame.ID == c.sub:
			return Change{}, c.failed(ErrClosed) // no more changes would come
		}
	}
}

// Close ends the connection and waits for its goroutine. A pending Receive
// returns.
func (c *Conn) Close() {
	c.end(ErrClosed)
	c.tended.Wait()
}

// next reads one frame and answers pings.
func (c *Conn) next() (Frame, error) {
	for {
		// The read has no context: when the connection's life ends, the
		// websocket is closed.
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

// failed ends the connection's life with err and returns the reason it ended:
// err, unless something else ended it before.
func (c *Conn) failed(err error) error {
	c.end(err)
	return context.Cause(c.life)
}
