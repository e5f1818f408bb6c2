package httpcall

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// attempts is the state of one call over all its attempts. It is also the
// context of the request, so that the http.RoundTripper at the bottom and
// go-retryablehttp's callbacks can find it.
type attempts struct {
	context.Context

	retrying retryablehttp.Client
	client   *Client
	req      *Request
	deadline time.Time // of the whole call; zero if none

	tries      int // how often the retry table was consulted, not counting renewed tokens
	sent       int // how often the request was handed to the transport
	renewed    bool
	doubt      bool // an attempt may have been carried out although no response arrived
	retried500 bool

	began    time.Time       // this attempt
	ctx      context.Context // this attempt's
	header   http.Header     // this attempt's
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	inFlight bool
	watched  bool         // whether net/http reports what follows
	wanted   atomic.Int32 // connections requested in this attempt
	got      atomic.Int32 // connections obtained in this attempt

	body    []byte
	failure *Failure
	values  *repeated // for Conceal; nil until needed
	wait    time.Duration
}

var (
	errAttemptTimeout = errors.New("timed out waiting for the service")
	errCallTimeout    = errors.New("timed out")
)

// attemptTransport is the transport of the http.Client. It runs once per
// attempt.
type attemptTransport struct{}

func (attemptTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().(*attempts)
	if !ok {
		return nil, errors.New("httpcall: request does not belong to a call")
	}
	return a.roundTrip(req)
}

func (a *attempts) roundTrip(req *http.Request) (*http.Response, error) {
	c := a.client
	if err := c.waitForRate(a); err != nil {
		return nil, &notSentError{err, true}
	}
	if err := c.slots.take(a.Context, a.deadline); err != nil {
		return nil, &notSentError{err, true}
	}
	a.inFlight = true
	a.start()
	returned := false
	defer func() {
		if !returned { // the transport panics; whoever recovers may continue to use the client
			a.end()
		}
	}()

	if c.cfg.Auth != nil {
		// The transport may still hold the header of an earlier attempt.
		if a.sent > 0 || a.tries > 0 {
			req.Header = req.Header.Clone()
		}
		if err := c.cfg.Auth.authorize(a.ctx, req.Header); err != nil {
			err = a.inTime(err)
			return nil, &notSentError{err, false}
		}
	}
	a.sent++
	a.header = req.Header
	resp, err := c.cfg.Transport.RoundTrip(a.outgoing(req))
	if err == nil {
		err = usable(resp)
	}
	if err != nil {
		return nil, a.inTime(err)
	}
	returned = true
	dropBrokenLocation(req, resp)
	if a.req.Stream && resp.StatusCode/100 == 2 {
		// A stream lasts as long as its consumer likes, which may well make
		// other calls meanwhile, so it gives its slot back.
		a.timer.Stop()
		a.release()
	}
	return resp, nil
}

// usable rejects what cannot be read as a response. After a 101 the connection no
// longer belongs to net/http, so no context would end a read from it.
func usable(resp *http.Response) error {
	switch {
	case resp == nil:
		return errors.New("the transport returned neither a response nor an error")
	case resp.StatusCode == http.StatusSwitchingProtocols:
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		return errors.New("the service switched protocols")
	}
	return nil
}

// outgoing returns the request as the transport gets it.
func (a *attempts) outgoing(req *http.Request) *http.Request {
	a.wanted.Store(0) // fetching a token may have been counted
	a.got.Store(0)
	out := req.WithContext(a.ctx)
	if !a.req.Repeatable && hasIdempotencyKey(out.Header) {
		out.GetBody = nil // keeps net/http from retrying it
	}
	return out
}

// hasIdempotencyKey reports whether net/http would retry the request by itself if
// its connection breaks. The service does not know the header.
func hasIdempotencyKey(h http.Header) bool {
	return h["Idempotency-Key"] != nil || h["X-Idempotency-Key"] != nil
}

// dropBrokenLocation removes a Location on which http.Client would fail,
// although it does not follow it.
func dropBrokenLocation(req *http.Request, resp *http.Response) {
	if location := resp.Header.Get("Location"); location != "" {
		if _, err := req.URL.Parse(location); err != nil {
			resp.Header.Del("Location")
		}
	}
}

// start begins an attempt. Its context ends with the call's, with
// AttemptTimeout and with the deadline of the whole call.
func (a *attempts) start() {
	a.began = time.Now()
	limit, cause := a.client.cfg.AttemptTimeout, errAttemptTimeout
	if !a.deadline.IsZero() {
		if left := a.deadline.Sub(a.began); left < limit {
			limit, cause = left, errCallTimeout
		}
	}
	if a.req.Write && !a.watched {
		a.watchConnection()
	}
	ctx, cancel := context.WithCancelCause(a.Context)
	a.ctx, a.cancel = ctx, cancel
	a.timer = time.AfterFunc(limit, func() { cancel(cause) })
}

// watchConnection makes net/http report whether it obtained a connection, on
// which the outcome of a write depends if no response arrives.
func (a *attempts) watchConnection() {
	a.watched = true
	a.Context = httptrace.WithClientTrace(a.Context, &httptrace.ClientTrace{
		GetConn: func(string) { a.wanted.Add(1) },
		GotConn: func(httptrace.GotConnInfo) { a.got.Add(1) },
	})
}

// untouched reports whether the transport failed before the service could have
// read a byte of the request. What net/http reports about its connections takes
// precedence over the error, which may contain the service's own bytes; other
// transports report nothing.
func (a *attempts) untouched(err error) bool {
	connected := a.got.Load() > 0
	switch {
	case a.wanted.Load() > 0 && !connected:
		return true
	case dialFailed(err):
		// An earlier connection was lost before anything was sent on it, unless
		// net/http had another reason to retry.
		return !connected || !hasIdempotencyKey(a.header)
	}
	return !connected && tlsFailed(err)
}

// inTime returns the reason if err is due to an ended context.
func (a *attempts) inTime(err error) error {
	if a.ctx.Err() == nil {
		return err
	}
	if ended := a.Context.Err(); ended != nil {
		return ended
	}
	return &timeoutError{context.Cause(a.ctx)}
}

// end releases what the attempt holds. It may be called twice.
func (a *attempts) end() {
	if a.cancel == nil {
		return
	}
	a.timer.Stop()
	a.cancel(nil)
	a.cancel = nil
	a.release()
}

func (a *attempts) release() {
	if a.inFlight {
		a.inFlight = false
		a.client.slots.give()
	}
}

// notSentError marks an attempt that ended before the transport saw it. It is
// final if the time for the whole call is over.
type notSentError struct {
	err   error
	final bool
}

func (e *notSentError) Error() string { return e.err.Error() }
func (e *notSentError) Unwrap() error { return e.err }

// timeoutError is the end of a deadline of ours: of an attempt, of the call, or
// of a silent stream.
type timeoutError struct{ cause error }

func (e *timeoutError) Error() string   { return e.cause.Error() }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Is(t error) bool { return t == context.DeadlineExceeded }
