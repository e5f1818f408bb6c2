package messembedtest

import (
	"bufio"
	"net"
	"net/http"
	"strings"
)

// A gracelessWriter hands out connections on which nobody is told what he did wrong: where the websocket package would send a close frame
// with its complaint, ws destroys the connection.
type gracelessWriter struct{ http.ResponseWriter }

func (w gracelessWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	conn = gracelessConn{conn}
	return conn, bufio.NewReadWriter(buffered.Reader, bufio.NewWriter(conn)), nil
}

type gracelessConn struct{ net.Conn }

// Write looks at the first bytes only: each frame is written at once.
func (c gracelessConn) Write(p []byte) (int, error) {
	if isComplaint(p) {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// isComplaint tells a close frame with a complaint, by the words with which they begin, from the echo of a client's.
func isComplaint(frame []byte) bool {
	const goodbye, head = "\x88", len("\x88\x00\x03\xe8") // one length byte and the code
	if len(frame) < head || string(frame[:1]) != goodbye {
		return false
	}
	reason := string(frame[head:])
	return strings.HasPrefix(reason, "received ") || strings.HasPrefix(reason, "read limited ")
}
