package fakehttp

import (
	"bufio"
	"net"
	"net/http"
)

// Sever breaks a connection abruptly: over TCP the client sees a reset.
func Sever(conn net.Conn) {
	// Not *net.TCPConn: a listener may wrap its connections, as that of URL does.
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

var (
	_ interface{ SetLinger(seconds int) error } = (*net.TCPConn)(nil)
	_ interface{ SetLinger(seconds int) error } = (*mendingConn)(nil)
)

// Break ends a request without a response and aborts its handler: it panics with
// http.ErrAbortHandler. The client sees a reset if the connection can be hijacked, otherwise an
// unexpected end.
func Break(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		Sever(conn)
	}
	panic(http.ErrAbortHandler)
}

// A ConnCatcher remembers the connection that is hijacked through it, since a
// websocket does not expose it.
type ConnCatcher struct {
	http.ResponseWriter
	Conn net.Conn // nil before Hijack
}

// Hijack implements [http.Hijacker].
func (c *ConnCatcher) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(c.ResponseWriter).Hijack()
	c.Conn = conn
	return conn, buffered, err
}
