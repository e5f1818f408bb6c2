package ddp

import (
	"errors"
	"fmt"
)

// The errors of a connection, for use with [errors.Is]. If a context ends, the
// error is the context's own. No error contains a URL, the token or the
// server's text.
var (
	// ErrRefused means that the server responds but does not serve this: it
	// speaks another version, rejects the token here, or has neither stream.
	ErrRefused = errors.New("ddp: refused by the server")
	// ErrSilent means that nothing was received for so long that the server is
	// considered dead.
	ErrSilent = errors.New("ddp: server fell silent")
	// ErrClosed means that the connection was closed or broken.
	ErrClosed = errors.New("ddp: connection closed")
	// ErrHandshakeTimeout means that the subscription was not confirmed in
	// time.
	ErrHandshakeTimeout = errors.New("ddp: handshake timed out")
)

// StatusError reports a handshake response other than 101 Switching Protocols.
type StatusError struct{ StatusCode int }

func (e *StatusError) Error() string {
	return fmt.Sprintf("ddp: websocket refused with status %d", e.StatusCode)
}
