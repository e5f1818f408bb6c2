package httpcall

import (
	"bytes"
	"net"
	"time"
)

// tunnelled is a connection that a proxy may have to open the rest of: while it
// does, a deadline applies. net/http waits a minute for the answer to CONNECT, and
// for ever for that of SOCKS.
type tunnelled struct {
	net.Conn
	timeout       time.Duration
	opening, open bool
}

// Write recognizes by their first byte the messages to a proxy. Without one, or
// once the proxy has done its part, a ClientHello or an HTTP request comes next.
func (c *tunnelled) Write(p []byte) (int, error) {
	if c.open || len(p) == 0 {
		return c.Conn.Write(p)
	}
	const socks5, socks5Password = 5, 1
	toProxy := p[0] == socks5 || p[0] == socks5Password || bytes.HasPrefix(p, []byte("CONNECT "))
	var err error
	switch {
	case toProxy && !c.opening:
		c.opening = true
		err = c.SetDeadline(time.Now().Add(c.timeout))
	case !toProxy:
		c.open = true
		if c.opening {
			err = c.SetDeadline(time.Time{})
		}
	}
	if err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
