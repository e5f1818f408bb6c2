package fakehttp

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
)

// RoundTrip responds to r in memory, whatever host its URL names. Failures look
// like those of net/http. It returns early if r's context ends, and it works
// inside a testing/synctest bubble.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if ctx.Err() != nil {
		closeBody(r)
		return nil, context.Cause(ctx)
	}
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	in := received(r)
	in.Body, in.ContentLength = newRequestBody(body), int64(len(body))
	x := s.begin(in)
	if x.fault.Refuse {
		if err := x.wait(ctx); err != nil {
			return nil, err
		}
		return nil, refused()
	}
	if x.op.Takeover != nil && !replaces(x.fault) {
		return x.takeOverInMemory(r, in)
	}
	defer x.ended()
	end, err := x.run()
	switch {
	case err != nil:
		return nil, err
	case end == endsReset:
		return nil, reset()
	case end == endsStalled:
		return nil, s.stall(ctx)
	}
	return x.response(r), nil
}

// received converts a client's request to the one that a server would see.
func received(r *http.Request) *http.Request {
	in := r.WithContext(r.Context())
	in.RequestURI = r.URL.RequestURI()
	if in.Method == "" {
		in.Method = http.MethodGet
	}
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Header == nil {
		in.Header = http.Header{}
	}
	return in
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	defer r.Body.Close()
	if r.ContentLength > 0 {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(r.Body)
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// response converts the finished response to the form that a client receives.
func (x *exchange) response(r *http.Request) *http.Response {
	a := &x.answer
	encoding := a.Header().Get("Transfer-Encoding")
	a.header.Del("Transfer-Encoding")
	resp := newResponse(r, a.status, a.header)
	arriving, isCut := x.cut()
	if !hasBody(r.Method, a.status) {
		x.recordAnswer(a.header, a.status, nil)
		resp.Body = http.NoBody
		if n := a.header.Get("Content-Length"); n != "" {
			resp.ContentLength, _ = strconv.ParseInt(n, 10, 64)
		}
		return resp
	}
	resp.ContentLength = int64(len(a.body))
	if encoding != "" {
		resp.ContentLength = -1
	}
	if encoding == "chunked" {
		resp.TransferEncoding = []string{encoding}
	}
	if encoding == "" && a.header.Get("Content-Length") == "" {
		a.header.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	x.recordAnswer(a.header, a.status, a.body)
	b := &responseBody{ctx: r.Context(), data: a.body[:arriving], end: io.EOF}
	switch {
	case isCut && x.fault.Stall:
		b.stalled, b.closing = x.server.done, make(chan struct{})
	case isCut:
		b.end = io.ErrUnexpectedEOF
	}
	resp.Body = b
	return resp
}

func newResponse(r *http.Request, status int, h http.Header) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Request: r,
	}
}

func hasBody(method string, status int) bool {
	return method != http.MethodHead && status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// stall waits until the caller gives up. If the fake is closed, it breaks the connection.
func (s *Server) stall(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-s.done:
		return reset()
	}
}

// responseBody is the body of an in-memory response. Like net/http's, it ends
// with the request's context and may be closed while it is being read, which
// ends the read.
type responseBody struct {
	ctx     context.Context
	data    []byte
	end     error           // returned after the data
	stalled <-chan struct{} // nothing follows the data until this is closed
	closing chan struct{}   // closed by Close, if the body stalls
	closed  atomic.Bool
}

func (b *responseBody) Read(p []byte) (int, error) {
	switch {
	case b.closed.Load():
		return 0, http.ErrBodyReadAfterClose
	case b.ctx.Err() != nil:
		return 0, context.Cause(b.ctx)
	case len(b.data) > 0:
		n := copy(p, b.data)
		b.data = b.data[n:]
		return n, nil
	case b.stalled == nil:
		return 0, b.end
	}
	select {
	case <-b.ctx.Done():
		return 0, context.Cause(b.ctx)
	case <-b.closing:
		return 0, http.ErrBodyReadAfterClose
	case <-b.stalled:
		return 0, reset()
	}
}

func (b *responseBody) Close() error {
	if !b.closed.Swap(true) && b.closing != nil {
		close(b.closing)
	}
	return nil
}

func refused() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

func reset() error {
	return &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}
