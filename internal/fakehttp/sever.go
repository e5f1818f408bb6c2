package fakehttp

import (
	"bufio"
	"net"
	"net/http"
)

// Sever breaks a connection without a word: over TCP the client sees a reset.
func Sever(conn net.Conn) {
	// Not *net.TCPConn: a listener's connections may wrap theirs, as those of URL do.
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

var (
	_ interface{ SetLinger(seconds int) error } = (*net.TCPConn)(nil)
	_ interface{ SetLinger(seconds int) error } = (*mendingConn)(nil)
)

// Break ends a request without an answer, and the handler with it: it panics with
// http.ErrAbortHandler. The client sees a reset where the connection can be had, else an unexpected
// end.
func Break(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		Sever(conn)
	}
	panic(http.ErrAbortHandler)
}

// A ConnCatcher remembers the connection that is hijacked through it, which a websocket does not
// give back.
type ConnCatcher struct {
	http.ResponseWriter
	Conn net.Conn // nil before
}

// Hijack lets the caller have the connection.
func (c *ConnCatcher) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(c.ResponseWriter).Hijack()
	c.Conn = conn
	return conn, buffered, err
}
