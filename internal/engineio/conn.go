package engineio

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// Config says where to connect and within which limits.
type Config struct {
	// URL is the base URL of the service, http or https, with its path prefix.
	// "socket.io/" is joined to it.
	URL *url.URL
	// Query is added to the connection's own query. It carries the credentials;
	// no error repeats a value of it.
	Query url.Values
	// Header is sent with the handshake.
	Header http.Header
	// HTTPClient makes the handshake; nil means one with http.DefaultTransport.
	// The response body of a 101 must be writable, as it is with
	// http.Transport. Redirects are not followed, since the query must not
	// travel on.
	HTTPClient *http.Client
	// HandshakeTimeout limits the time until the server has accepted the
	// connection; 0 means 20 seconds.
	HandshakeTimeout time.Duration
	// MaxMessageBytes is the largest message that is read; 0 means 32 MiB.
	MaxMessageBytes int64
}

const (
	defaultHandshakeTimeout = 20 * time.Second
	defaultMaxMessageBytes  = 32 << 20
	keptBufferBytes         = 1 << 20 // a larger read buffer is not kept for the next message
)

// Conn is an accepted connection. Call Receive again as soon as it returns:
// while nobody reads, pongs go unnoticed and the server is considered silent.
type Conn struct {
	ws      *websocket.Conn
	secrets url.Values
	buffer  bytes.Buffer

	life   context.Context // ends with Dial's context, with Close and with the first failure, which is its cause
	end    context.CancelCauseFunc
	tended sync.WaitGroup
	opened chan rhythm

	start time.Time
	heard atomic.Int64 // time of the last frame, since start
}

// Dial connects and returns when the server has accepted the connection. ctx
// applies to the whole life of the connection, not only to the handshake: when
// it ends, the connection is closed and Receive returns its error.
//
// Dial returns a [*RefusedError] if the handshake was answered with anything
// but 101, or else [ErrHandshakeTimeout], [ErrProtocol], [ErrSilent],
// [ErrClosed], ctx's error, or the transport's own error without its URL.
func Dial(ctx context.Context, cfg Config) (*Conn, error) {
	if cfg.HandshakeTimeout <= 0 {
		cfg.HandshakeTimeout = defaultHandshakeTimeout
	}
	if cfg.MaxMessageBytes <= 0 {
		cfg.MaxMessageBytes = defaultMaxMessageBytes
	}
	c := &Conn{secrets: cfg.Query, opened: make(chan rhythm, 1), start: time.Now()}
	c.life, c.end = context.WithCancelCause(ctx)
	timeout := time.AfterFunc(cfg.HandshakeTimeout, func() { c.end(ErrHandshakeTimeout) })
	defer timeout.Stop()

	ws, resp, err := websocket.Dial(c.life, endpoint(cfg), &websocket.DialOptions{ //nolint:bodyclose // websocket closes it
		HTTPClient: withoutRedirects(cfg.HTTPClient),
		HTTPHeader: cfg.Header.Clone(),
	})
	if err != nil {
		return nil, c.failed(dialError(resp, err, c.secrets))
	}
	c.ws = ws
	c.ws.SetReadLimit(cfg.MaxMessageBytes)
	c.tended.Go(c.tend)

	if err := c.handshake(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// endpoint returns the URL to connect to. The slash after "socket.io" matters:
// the server's router compares whole prefixes.
func endpoint(cfg Config) string {
	u := *cfg.URL
	u.Path = strings.TrimSuffix(u.Path, "/") + "/socket.io/" // JoinPath would clean the path, which is the operator's choice
	if u.RawPath != "" {
		u.RawPath = strings.TrimSuffix(u.RawPath, "/") + "/socket.io/"
	}
	query := url.Values{}
	for key, values := range cfg.Query {
		query[key] = values
	}
	query.Set("EIO", "3")
	query.Set("transport", "websocket")
	u.RawQuery = query.Encode()
	return u.String()
}

func withoutRedirects(client *http.Client) *http.Client {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// handshake reads until the namespace "/" is joined. The server sends both packets unasked.
func (c *Conn) handshake() error {
	open := false
	for {
		packet, err := c.next()
		switch {
		case err != nil:
			return err
		case packet.Kind == Open && !open:
			open = true
			c.opened <- rhythmOf(packet)
		case packet.Kind == Connected && open:
			return nil
		case packet.Kind == Refused:
			return c.failed(fmt.Errorf("%w: the server refused the connection", ErrProtocol))
		case packet.Kind != Ignored:
			return c.failed(fmt.Errorf("%w: packets out of order", ErrProtocol))
		}
	}
}

// Receive returns the next event, in the order in which the server sent them.
// Its error ends the connection and is returned again by every later call:
// [ErrSilent], [ErrClosed], [ErrTooLarge], [ErrProtocol] or the error of Dial's
// context. It must not be called concurrently.
func (c *Conn) Receive() (Event, error) {
	for {
		packet, err := c.next()
		if err != nil {
			return Event{}, err
		}
		switch packet.Kind {
		case Message:
			return packet.Event, nil
		case Refused:
			return Event{}, c.failed(fmt.Errorf("%w: the server reported an error", ErrProtocol))
		}
	}
}

// Close ends the connection and waits for its goroutine. A concurrent Receive returns.
func (c *Conn) Close() {
	c.end(ErrClosed)
	c.tended.Wait()
}

// next reads one packet. It skips binary messages, events with binary
// arguments, which nobody here asks for.
func (c *Conn) next() (Packet, error) {
	for {
		// The read needs no context, which would cost time per message: the end
		// of c.life closes the websocket.
		kind, reader, err := c.ws.Reader(context.Background())
		if err == nil {
			c.buffer.Reset()
			_, err = c.buffer.ReadFrom(reader)
		}
		if err != nil {
			return Packet{}, c.failed(brokenError(err, c.secrets))
		}
		c.heard.Store(int64(time.Since(c.start)))
		if kind != websocket.MessageText {
			continue
		}
		packet, err := Parse(c.buffer.Bytes())
		if c.buffer.Cap() > keptBufferBytes {
			c.buffer = bytes.Buffer{}
		}
		if err != nil {
			return Packet{}, c.failed(err)
		}
		if packet.Kind == Closed {
			return Packet{}, c.failed(fmt.Errorf("%w by the server", ErrClosed))
		}
		return packet, nil
	}
}

// failed ends the life with err and returns why it ended: err, unless something
// else ended it before.
func (c *Conn) failed(err error) error {
	c.end(err)
	return context.Cause(c.life)
}

func (c *Conn) lastHeard() time.Time {
	return c.start.Add(time.Duration(c.heard.Load()))
}
