package httpcall

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// wire hands the request to the caller's transport.
type wire struct {
	transport http.RoundTripper
	onlyHTTP1 bool // the transport certainly speaks nothing else
}

func (s wire) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	p := progressOf(ctx)
	out, conns := req, &connections{onlyHTTP1: s.onlyHTTP1 && !hasIdempotencyKey(req.Header)}
	if p.call.Write {
		_, conns.reported = s.transport.(*http.Transport)
		out = req.WithContext(conns.watch(ctx))
		if !p.call.Repeatable && out.GetBody != nil && !conns.onlyHTTP1 {
			conns.keepBody(out)
		}
	}
	p.sent++
	p.header = out.Header
	resp, err := s.transport.RoundTrip(out)
	if err == nil {
		err = usable(out, resp)
	}
	p.doubt = p.doubt || conns.maybeResent()
	if err == nil {
		return resp, nil
	}
	err = reasonOf(ctx, plainly(err))
	notSent := conns.untouched(err)
	if (notSent || !p.call.Write) && proxyWantsAuth(err) {
		return nil, p.refusedByProxy()
	}
	f := p.fail(NoAnswer, err)
	f.notSent = notSent
	f.final = notSent && handshakeFailed(err) || !notSent && p.call.ListTimeout > 0 && timedOut(err)
	f.MaybeApplied = p.call.Write && !notSent
	return nil, f
}

// usable rejects what cannot be read as a response. After a 101 the connection no
// longer belongs to net/http, so no context would end a read from it.
func usable(req *http.Request, resp *http.Response) error {
	switch {
	case resp == nil:
		return errors.New("the transport returned neither a response nor an error")
	case resp.Body == nil && resp.ContentLength > 0 && req.Method != http.MethodHead:
		return errors.New("the transport returned a response without its body")
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		_ = resp.Body.Close() // it would keep the connection
		return errors.New("the service switched protocols")
	}
	return nil
}

// plainly says of a server that does not speak TLS what http.Client says of it.
func plainly(err error) error {
	if record, ok := err.(tls.RecordHeaderError); ok && string(record.RecordHeader[:]) == "HTTP/" { //nolint:errorlint // net/http does not wrap it
		return http.ErrSchemeMismatch
	}
	return err
}

// hasIdempotencyKey reports whether net/http would retry the request by itself if
// its connection breaks. The service does not know the header.
func hasIdempotencyKey(h http.Header) bool {
	return h["Idempotency-Key"] != nil || h["X-Idempotency-Key"] != nil
}

// connections counts the connections, or streams of one, that net/http requested
// and obtained for a write, on which its outcome depends if no response arrives,
// and if it was more than one.
type connections struct {
	onlyHTTP1          bool // and without an Idempotency-Key
	reported           bool // all that were wanted are counted
	wanted, got, http2 atomic.Int32
}

func (c *connections) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Add(1) },
		GotConn: func(info httptrace.GotConnInfo) {
			c.got.Add(1)
			if conn, ok := info.Conn.(interface{ ConnectionState() tls.ConnectionState }); ok && !c.onlyHTTP1 && conn.ConnectionState().NegotiatedProtocol == "h2" {
				c.http2.Add(1)
			}
		},
	})
}

// maybeResent reports whether the transport may have sent a write more than once.
// Over HTTP/1.1 net/http obtains another connection only if nothing was written
// to the first; over HTTP/2, or with an Idempotency-Key, after a reset too.
func (c *connections) maybeResent() bool { return !c.onlyHTTP1 && c.got.Load() > 1 }

// keepBody keeps net/http from sending a write again that must not be sent twice:
// it gets the body again only over HTTP/1.1 and without an Idempotency-Key, where
// it asks for it only if nothing was written.
func (c *connections) keepBody(req *http.Request) {
	again := req.GetBody
	if hasIdempotencyKey(req.Header) {
		req.GetBody = nil
		return
	}
	req.GetBody = func() (io.ReadCloser, error) {
		if c.http2.Load() > 0 {
			return nil, errResent
		}
		return again()
	}
}

var errResent = errors.New("the connection was reset, and the request is not safe to send again")

// untouched reports whether the transport failed before the service could have
// read a byte of the request. What net/http reports about its connections takes
// precedence over the error, which may contain the service's own bytes; other
// transports may report nothing.
func (c *connections) untouched(err error) bool {
	connected := c.got.Load() > 0
	switch {
	case !connected && (c.wanted.Load() > 0 || c.reported): // none is wanted if the time was over before
		return true
	case dialFailed(err):
		// An earlier connection was lost before anything was written to it.
		return !connected || c.onlyHTTP1
	}
	return !connected && tlsFailed(err)
}
