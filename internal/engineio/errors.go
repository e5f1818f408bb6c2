package engineio

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"
)

// How a connection fails, for [errors.Is]. A context that ends is told as the context's own error.
var (
	// ErrClosed: the connection was closed or broke.
	ErrClosed = errors.New("engineio: connection closed")
	// ErrSilent: nothing was heard for pingInterval and pingTimeout together, so the server is taken for dead.
	ErrSilent = errors.New("engineio: server fell silent")
	// ErrTooLarge: a message was larger than Config.MaxMessageBytes.
	ErrTooLarge = errors.New("engineio: message too large")
	// ErrProtocol: the server said what Engine.IO 3 and Socket.IO 2 do not provide for, or refused the connection with
	// an error packet.
	ErrProtocol = errors.New("engineio: protocol error")
	// ErrHandshakeTimeout: the connection was not accepted within Config.HandshakeTimeout.
	ErrHandshakeTimeout = errors.New("engineio: handshake timed out")
)

// RefusedError says that the handshake was answered, but not with 101 Switching Protocols: there is a server, and
// somebody on the way to it does not let websockets through.
type RefusedError struct {
	StatusCode int
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("engineio: websocket refused with status %d", e.StatusCode)
}

// dialError turns a failed handshake into an error without the URL. net/http puts the URL in front of every transport
// error; what it wraps is the cause.
func dialError(resp *http.Response, err error, secrets url.Values) error {
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		return &RefusedError{StatusCode: resp.StatusCode}
	}
	if resp != nil {
		return fmt.Errorf("%w: malformed websocket handshake", ErrProtocol)
	}
	for {
		var inURL *url.Error
		if !errors.As(err, &inURL) {
			break
		}
		err = inURL.Err
	}
	return fmt.Errorf("engineio: connect: %w", withoutSecrets(err, secrets))
}

// brokenError says why the connection ended. What the server gave as its reason stays out: it is the server's text.
func brokenError(err error, secrets url.Values) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return ErrTooLarge
	}
	if status := websocket.CloseStatus(err); status != -1 {
		return fmt.Errorf("%w by the server with status %d", ErrClosed, int(status))
	}
	return fmt.Errorf("%w: %w", ErrClosed, withoutSecrets(err, secrets))
}

// withoutSecrets returns err, or an error without text of its own where err repeats a value of the query. The errors of
// net and net/http do not; a transport of the user's may put anything into its own.
func withoutSecrets(err error, secrets url.Values) error {
	text := err.Error()
	for _, values := range secrets {
		for _, secret := range values {
			if secret == "" {
				continue
			}
			for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
				if strings.Contains(text, form) {
					return errors.New("transport failed (its message repeats the request and is withheld)")
				}
			}
		}
	}
	return err
}
