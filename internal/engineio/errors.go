package engineio

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/coder/websocket"

	"github.com/messembed/messembed-go/internal/unescape"
)

// The kinds of errors, for use with [errors.Is]. The end of a context is
// reported as the context's own error.
var (
	// ErrClosed means that the connection was closed or broke.
	ErrClosed = errors.New("engineio: connection closed")
	// ErrSilent means that nothing was received for pingInterval plus
	// pingTimeout, so that the server is considered dead.
	ErrSilent = errors.New("engineio: server fell silent")
	// ErrTooLarge means that a message exceeded Config.MaxMessageBytes.
	ErrTooLarge = errors.New("engineio: message too large")
	// ErrProtocol means that the server violated Engine.IO 3 or Socket.IO 2, or
	// refused the connection with an error packet.
	ErrProtocol = errors.New("engineio: protocol error")
	// ErrHandshakeTimeout means that the connection was not accepted within
	// Config.HandshakeTimeout.
	ErrHandshakeTimeout = errors.New("engineio: handshake timed out")
)

// RefusedError means that the handshake was answered, but not with 101
// Switching Protocols: there is a server, but something on the way to it does
// not allow websockets.
type RefusedError struct {
	StatusCode int
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("engineio: websocket refused with status %d", e.StatusCode)
}

// dialError turns a failed handshake into an error without the URL, which
// net/http puts in front of every transport error.
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

// brokenError says why the connection ended, without the reason that the server
// gave, which is its own text.
func brokenError(err error, secrets url.Values) error {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return ErrTooLarge
	}
	if status := websocket.CloseStatus(err); status != -1 {
		return fmt.Errorf("%w by the server with status %d", ErrClosed, int(status))
	}
	return fmt.Errorf("%w: %w", ErrClosed, withoutSecrets(err, secrets))
}

// withoutSecrets returns err, or an error without details if err repeats a
// value of the query. The errors of net and net/http do not, but those of a
// user's transport may contain anything.
func withoutSecrets(err error, secrets url.Values) error {
	text := err.Error()
	said := unescape.Said(text).Text
	for _, values := range secrets {
		for _, secret := range values {
			value := unescape.Value(secret)
			if secret != "" && strings.Contains(text, secret) || value != "" && strings.Contains(said, value) {
				return errors.New("transport failed (message withheld, since it repeats the request)")
			}
		}
	}
	return err
}
