package ddp

import (
	"errors"
	"fmt"
)

// How a connection fails, for [errors.Is]. A context that ends is told as the
// context's own error. No error holds a URL, the token or the server's text.
var (
	// ErrRefused: the server is there and does not serve this: it speaks another
	// version, does not take the token here, or has none of the streams.
	ErrRefused = errors.New("ddp: refused by the server")
	// ErrSilent: nothing was heard for so long that the server is taken for dead.
	ErrSilent = errors.New("ddp: server fell silent")
	// ErrClosed: the connection was closed or broke.
	ErrClosed = errors.New("ddp: connection closed")
	// ErrHandshakeTimeout: the subscription did not stand in time.
	ErrHandshakeTimeout = errors.New("ddp: handshake timed out")
)

// StatusError says that the handshake was answered with something other than
// 101 Switching Protocols.
type StatusError struct{ StatusCode int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("ddp: websocket refused with status %d", e.StatusCode)
}
