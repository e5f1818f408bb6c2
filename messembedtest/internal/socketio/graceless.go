package socketio

import (
	"bufio"
	"net"
	"net/http"
	"strings"
)

// A gracelessWriter returns connections that do not explain a client's
// mistakes: where the websocket package would send a close frame with a
// complaint, ws destroys the connection.
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

// Write examines only the first bytes, since each frame is written at once.
func (c gracelessConn) Write(p []byte) (int, error) {
	if isComplaint(p) {
		_ = c.Close()
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// isComplaint reports whether the frame is a close frame with a complaint,
// which begins with certain words, and not the echo of a client's close frame.
func isComplaint(frame []byte) bool {
	const goodbye, head = "\x88", len("\x88\x00\x03\xe8") // one length byte and the code
	if len(frame) < head || string(frame[:1]) != goodbye {
		return false
	}
	reason := string(frame[head:])
	return strings.HasPrefix(reason, "received ") || strings.HasPrefix(reason, "read limited ")
}
