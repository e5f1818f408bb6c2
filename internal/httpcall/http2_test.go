package httpcall_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// The frames of HTTP/2 that the gateway reads or writes.
const (
	frameData, frameHeaders, frameReset, frameSettings, frameGoAway = 0, 1, 3, 4, 7

	flagEndStream, flagAck = 1, 1
	errorProtocol          = 1
)

// A gateway2 speaks HTTP/2. It reads each request whole, and passes it on, and
// then says that it has not.
type gateway2 struct {
	url      string
	listener net.Listener
	applied  atomic.Int32
}

func newGateway2(t *testing.T, certificate *httptest.Server, deny func(g *gateway2, conn net.Conn, stream uint32)) *gateway2 {
	t.Helper()
	config := certificate.TLS.Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	g := &gateway2{url: "https://" + listener.Addr().String(), listener: listener}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go g.serve(tls.Server(conn, config), deny)
		}
	}()
	return g
}

func (g *gateway2) serve(conn *tls.Conn, deny func(*gateway2, net.Conn, uint32)) {
	defer conn.Close()
	if conn.Handshake() != nil || conn.ConnectionState().NegotiatedProtocol != "h2" {
		return
	}
	if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	writeFrame(conn, frameSettings, 0, 0)
	for {
		var header [9]byte
		if _, err := io.ReadFull(conn, header[:]); err != nil {
			return
		}
		length := int64(header[0])<<16 | int64(header[1])<<8 | int64(header[2])
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		kind, flags, stream := header[3], header[4], binary.BigEndian.Uint32(header[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			writeFrame(conn, frameSettings, flagAck, 0)
		case (kind == frameHeaders || kind == frameData) && flags&flagEndStream != 0:
			g.applied.Add(1)
			deny(g, conn, stream)
		}
	}
}

func writeFrame(w io.Writer, kind, flags byte, stream uint32, payload ...uint32) {
	frame := []byte{0, 0, byte(4 * len(payload)), kind, flags}
	frame = binary.BigEndian.AppendUint32(frame, stream)
	for _, word := range payload {
		frame = binary.BigEndian.AppendUint32(frame, word)
	}
	_, _ = w.Write(frame)
}

func resetStream(_ *gateway2, conn net.Conn, stream uint32) {
	writeFrame(conn, frameReset, 0, stream, errorProtocol)
}

func goAway(_ *gateway2, conn net.Conn, _ uint32) {
	writeFrame(conn, frameGoAway, 0, 0, 0, errorProtocol)
	conn.Close()
}

func goAwayForGood(g *gateway2, conn net.Conn, stream uint32) {
	g.listener.Close()
	goAway(g, conn, stream)
}

// speakingHTTP2 is a transport of the caller's.
func speakingHTTP2(certificate *httptest.Server) *http.Transport {
	rt := trusting(certificate)
	rt.Protocols = nil
	rt.ForceAttemptHTTP2 = true
	return rt
}

// Over HTTP/2 net/http sends a request again by itself after a reset that says it
// was not processed, whether or not that is true. A write that is not safe to send
// twice must not be, and of any other it is not known what came of it.
func TestHTTP2_resets(t *testing.T) {
	certificate := secured(t, nil)
	deleteUser := func() *httpcall.Call {
		call := updateUser()
		call.Op, call.Method, call.Body, call.Type = "DeleteUser", http.MethodDelete, nil, ""
		return call
	}
	for name, deny := range map[string]func(*gateway2, net.Conn, uint32){
		"stream": resetStream, "connection": goAway, "connection, and no other": goAwayForGood,
		"nothing": func(*gateway2, net.Conn, uint32) {},
	} {
		for _, call := range []func() *httpcall.Call{createMessage, updateUser, deleteUser} {
			t.Run(name+"/"+call().Op, func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				g := newGateway2(t, certificate, func(g *gateway2, conn net.Conn, stream uint32) {
					time.AfterFunc(500*time.Millisecond, cancel) // from here, since a busy machine takes its time to connect
					deny(g, conn, stream)
				})
				client := clientFor(t, g.url, speakingHTTP2(certificate), attempts(1))
				began := time.Now()
				_, failure := client.Do(ctx, call())
				require.NotNil(t, failure)
				assert.Less(t, time.Since(began), 10*time.Second)
				assert.True(t, failure.MaybeApplied, "%v", failure.Err)
				if !call().Repeatable {
					assert.EqualValues(t, 1, g.applied.Load(), "%v", failure.Err)
				}
			})
		}
	}
}

// What net/http has sent twice is in doubt, though the last answer is plain.
func TestHTTP2_doubtBehindAnAnswer(t *testing.T) {
	var streams atomic.Int32
	certificate := secured(t, nil)
	g := newGateway2(t, certificate, func(_ *gateway2, conn net.Conn, stream uint32) {
		if streams.Add(1) == 1 {
			resetStream(nil, conn, stream)
			return
		}
		const conflict = "\x08\x03409" // :status, not indexed
		frame := append([]byte{0, 0, byte(len(conflict)), frameHeaders, flagEndStream | 4, 0, 0, 0, byte(stream)}, conflict...)
		_, _ = conn.Write(frame)
	})
	_, failure := clientFor(t, g.url, speakingHTTP2(certificate), attempts(1)).Do(t.Context(), updateUser())
	require.NotNil(t, failure)
	assert.Equal(t, http.StatusConflict, failure.StatusCode, "%v", failure.Err)
	assert.EqualValues(t, 2, g.applied.Load())
	assert.True(t, failure.MaybeApplied)
}

// The SDK's own transport does not offer HTTP/2.
func TestNewTransport_onlyHTTP1(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-Proto", r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for want, rt := range map[string]*http.Transport{"HTTP/1.1": trusting(server), "HTTP/2.0": speakingHTTP2(server)} {
		got, failure := clientFor(t, server.URL, rt).Do(t.Context(), createMessage())
		require.Nil(t, failure)
		assert.Equal(t, want, got.Header.Get("X-Proto"))
	}
	assert.Equal(t, "{HTTP1}", httpcall.NewTransport(1, time.Second).Protocols.String())
}
