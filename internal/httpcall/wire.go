package httpcall

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// wire hands the request to the caller's transport.
type wire struct{ transport http.RoundTripper }

func (s wire) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	p := progressOf(ctx)
	out, conns := req, &connections{}
	if p.call.Write {
		out = req.WithContext(conns.watch(ctx))
	}
	if !p.call.Repeatable && hasIdempotencyKey(req.Header) {
		out = out.WithContext(out.Context())
		out.GetBody = nil // keeps net/http from retrying it
	}
	p.sent++
	p.header = out.Header
	resp, err := s.transport.RoundTrip(out)
	if err == nil {
		err = usable(out, resp)
	}
	if err == nil {
		return resp, nil
	}
	err = reasonOf(ctx, plainly(err))
	f := p.fail(NoAnswer, err)
	f.notSent = conns.untouched(err, out.Header)
	f.final = f.notSent && handshakeFailed(err)
	f.MaybeApplied = p.call.Write && !f.notSent
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

// connections counts the connections that net/http requested and obtained for a
// request, on which the outcome of a write depends if no response arrives.
type connections struct{ wanted, got atomic.Int32 }

func (c *connections) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.wanted.Add(1) },
		GotConn: func(httptrace.GotConnInfo) { c.got.Add(1) },
	})
}

// untouched reports whether the transport failed before the service could have
// read a byte of the request. What net/http reports about its connections takes
// precedence over the error, which may contain the service's own bytes; other
// transports report nothing.
func (c *connections) untouched(err error, h http.Header) bool {
	connected := c.got.Load() > 0
	switch {
	case c.wanted.Load() > 0 && !connected:
		return true
	case dialFailed(err):
		// An earlier connection was lost before anything was sent on it, unless
		// net/http had another reason to retry.
		return !connected || !hasIdempotencyKey(h)
	}
	return !connected && tlsFailed(err)
}
