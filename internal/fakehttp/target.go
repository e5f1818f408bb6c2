package fakehttp

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"strings"
)

// net/http itself responds 400 to a path with a "%" that does not begin an
// escape, but the services that are faked here have their own responses to
// that. So the listener's connections repair such a request line before
// net/http reads it, and pass on the original target in this header.
const rawTargetHeader = "Fakehttp-Raw-Target"

// mender distinguishes the header that was added here from one that a client sent.
var mender = rand.Text() + " "

// mendingListener returns connections that repair request lines.
type mendingListener struct{ net.Listener }

func (l mendingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &mendingConn{Conn: conn, atLine: true}, nil
}

// A mendingConn is read only by net/http's server, one read at a time.
type mendingConn struct {
	net.Conn
	atLine   bool // a request line comes next
	hijacked bool
	pending  []byte // read but not yet passed on; while atLine, the beginning of the line
}

// lineState is net/http's hook for the state of a connection.
func lineState(conn net.Conn, state http.ConnState) {
	if c, ok := conn.(*mendingConn); ok {
		switch state {
		case http.StateIdle:
			c.atLine = true
		case http.StateHijacked:
			c.hijacked, c.atLine = true, false
		}
	}
}

// maxLine limits how much of a request line is examined.
const maxLine = 64 << 10

func (c *mendingConn) Read(p []byte) (int, error) {
	// While a handler runs, net/http reads a single byte to notice a client that goes away.
	// Whatever arrives then begins the next request line.
	if len(p) == 1 && !c.hijacked && len(c.pending) == 0 {
		c.atLine = true
	}
	for c.atLine {
		if end := bytes.IndexByte(c.pending, '\n'); end >= 0 || len(c.pending) >= maxLine {
			c.pending = mendLine(c.pending, end)
			c.atLine = false
			break
		}
		chunk := make([]byte, 4<<10)
		n, err := c.Conn.Read(chunk)
		c.pending = append(c.pending, chunk[:n]...)
		if err != nil && n == 0 {
			if len(c.pending) > 0 && !isTimeout(err) {
				c.atLine = false // the beginning of a line that is never completed
				break
			}
			return 0, err
		}
	}
	if len(c.pending) > 0 {
		n := copy(p, c.pending)
		c.pending = c.pending[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// SetLinger allows a fault to break the connection with a reset.
func (c *mendingConn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// mendLine makes a request line readable for net/http. The line ends at the index end of data.
func mendLine(data []byte, end int) []byte {
	if end < 0 {
		return data
	}
	method, rest, ok := strings.Cut(string(data[:end]), " ")
	target, protocol, ok2 := strings.Cut(rest, " ")
	path, query, hasQuery := strings.Cut(target, "?")
	if !ok || !ok2 || wellEscaped(path) {
		return data
	}
	mended := mendEscapes(path)
	if hasQuery {
		mended += "?" + query
	}
	line := method + " " + mended + " " + strings.TrimSuffix(protocol, "\r") + "\r\n" +
		rawTargetHeader + ": " + mender + base64.StdEncoding.EncodeToString([]byte(target)) + "\r\n"
	return append([]byte(line), data[end+1:]...)
}

func wellEscaped(path string) bool { return mendEscapes(path) == path }

// mendEscapes escapes every "%" that does not begin an escape.
func mendEscapes(path string) string {
	if !strings.Contains(path, "%") {
		return path
	}
	var b strings.Builder
	for i := range len(path) {
		b.WriteByte(path[i])
		if path[i] == '%' && !(i+2 < len(path) && isHex(path[i+1]) && isHex(path[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// restoreTarget restores the original target of a request whose request line was repaired.
func restoreTarget(r *http.Request) {
	sent, ours := strings.CutPrefix(r.Header.Get(rawTargetHeader), mender)
	if !ours {
		return
	}
	r.Header.Del(rawTargetHeader)
	if target, err := base64.StdEncoding.DecodeString(sent); err == nil {
		r.RequestURI = string(target)
	}
}
