package messembed_test

import (
	"bytes"
	"io"
	"net/http"
)

// rewriting is a transport that changes the data of a websocket, in place, once.
type rewriting struct {
	next     http.RoundTripper
	from, to string
}

func (p *rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.next.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = &rewritingBody{resp.Body.(io.ReadWriteCloser), p}
	}
	return resp, err
}

type rewritingBody struct {
	io.ReadWriteCloser
	by *rewriting
}

func (b *rewritingBody) Read(p []byte) (int, error) {
	n, err := b.ReadWriteCloser.Read(p)
	if at := bytes.Index(p[:n], []byte(b.by.from)); at >= 0 {
		copy(p[at:], (b.by.to + "             ")[:len(b.by.from)])
	}
	return n, err
}
