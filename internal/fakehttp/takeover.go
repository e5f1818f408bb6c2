package fakehttp

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// takeOver hands the connection to an operation that keeps it.
func (x *exchange) takeOver(w http.ResponseWriter, r *http.Request) {
	x.record()
	defer x.ended()
	if x.wait(r.Context()) != nil {
		panic(http.ErrAbortHandler)
	}
	if x.fault.RetryAfter != "" {
		w.Header().Set("Retry-After", x.fault.RetryAfter)
	}
	for name, values := range x.fault.Header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	x.op.Takeover(&statusRecorder{ResponseWriter: w, exchange: x, request: r}, r)
}

// takeOverInMemory does the same without a connection. The operation runs in
// its own goroutine and hijacks one end of a pipe, whose other end is the
// response's body, as in net/http after a 101. Any other response arrives when
// the operation has returned.
func (x *exchange) takeOverInMemory(r, in *http.Request) (*http.Response, error) {
	if s := x.server; bubble() != s.bubble {
		s.cfg.TB.Errorf("%s: a live connection in a testing/synctest bubble requires a fake that is made inside it", s.cfg.Package)
		return nil, reset()
	}
	ctx, cancel := context.WithCancel(r.Context())
	w := &memoryWriter{request: r, switched: make(chan *http.Response, 1)}
	finished := make(chan bool, 1) // true if the response is complete
	go func() {
		whole := false
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				panic(p)
			}
			w.release()
			finished <- whole
			cancel()
		}()
		x.takeOver(w, in.WithContext(ctx))
		whole = true
	}()
	select {
	case resp := <-w.switched:
		return resp, nil
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	case whole := <-finished:
		select {
		case resp := <-w.switched:
			return resp, nil
		default:
		}
		if !whole {
			return nil, reset()
		}
		x.answer = w.answer
		x.dress()
		return x.response(r), nil
	}
}

// statusRecorder logs the status of a Takeover's response, and adds the headers that only a
// response over a connection has.
type statusRecorder struct {
	http.ResponseWriter
	exchange *exchange
	request  *http.Request
	answered bool
}

func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusRecorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *statusRecorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

func (w *statusRecorder) WriteHeader(status int) {
	if !w.answered {
		w.answered = true
		w.exchange.answered(status)
		_, inMemory := w.ResponseWriter.(*memoryWriter)
		if dress := w.exchange.server.cfg.Connection; dress != nil && !inMemory && status != http.StatusSwitchingProtocols {
			dress(w.Header(), w.request)
		}
		w.exchange.recordAnswer(w.Header(), status, nil)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(p []byte) (int, error) {
	if !w.answered {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

// memoryWriter is the ResponseWriter of a Takeover without a socket.
type memoryWriter struct {
	answer
	request  *http.Request
	switched chan *http.Response

	mu       sync.Mutex
	conn     net.Conn // the server's end after a 101
	hijacked bool
}

// WriteHeader makes RoundTrip return after a 101, with the connection as the body.
func (w *memoryWriter) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status != 0 {
		return
	}
	w.status = status
	if status != http.StatusSwitchingProtocols {
		return
	}
	resp := newResponse(w.request, status, w.Header().Clone()) //nolint:bodyclose // the caller of RoundTrip closes it
	resp.Body, w.conn = net.Pipe()
	w.switched <- resp
}

var errNotSwitched = errors.New("fakehttp: in memory, Hijack requires a 101 response")

// Hijack returns the connection left by a 101 response.
func (w *memoryWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hijacked {
		return nil, nil, http.ErrHijacked
	}
	if w.conn == nil {
		return nil, nil, errNotSwitched
	}
	w.hijacked = true
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// release closes the connection unless it was hijacked.
func (w *memoryWriter) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn != nil && !w.hijacked {
		_ = w.conn.Close()
	}
}
