package fakehttp

import (
	"io"
	"net/http"
	"strconv"
)

// ServeHTTP responds to r, so that a fake can be mounted in any http.Server. A
// fault that breaks the connection closes it abruptly if w can be hijacked, and
// otherwise aborts the handler with http.ErrAbortHandler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	restoreTarget(r)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client went away in mid-request
	}
	r.Body = newRequestBody(body)
	x := s.begin(r)
	if x.fault.Refuse {
		_ = x.wait(r.Context())
		Break(w)
	}
	if x.op.Takeover != nil && !replaces(x.fault) {
		x.takeOver(w, r)
		return
	}
	defer x.ended()
	end, err := x.run()
	switch {
	case err != nil:
		panic(http.ErrAbortHandler)
	case end == endsReset:
		Break(w)
	case end == endsStalled:
		_ = s.stall(r.Context())
		panic(http.ErrAbortHandler)
	}
	x.write(w, r)
}

// write sends the finished response over the connection, as far as the fault allows.
func (x *exchange) write(w http.ResponseWriter, r *http.Request) {
	a, h := &x.answer, w.Header()
	for name, values := range a.Header() {
		h[name] = values
	}
	if x.server.cfg.Connection != nil {
		x.server.cfg.Connection(h, r)
	}
	arriving, isCut := x.cut()
	if hasBody(r.Method, a.status) {
		if h.Get("Content-Length") == "" && h.Get("Transfer-Encoding") == "" {
			h.Set("Content-Length", strconv.Itoa(len(a.body)))
		}
		x.recordAnswer(h, a.status, a.body)
	} else {
		arriving = 0
		x.recordAnswer(h, a.status, nil)
	}
	w.WriteHeader(a.status)
	if arriving > 0 {
		_, _ = w.Write(a.body[:arriving])
	}
	if !isCut {
		return
	}
	_ = http.NewResponseController(w).Flush()
	if x.fault.Stall {
		_ = x.server.stall(r.Context())
	}
	panic(http.ErrAbortHandler)
}
