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
// context that the request carries, so that the http.RoundTripper at the bottom
// and go-retryablehttp's callbacks find it again.
type attempts struct {
	context.Context

	retrying retryablehttp.Client
	client   *Client
	req      *Request
	deadline time.Time // of the whole call; zero: none

	tries      int // how often the retry table was asked, renewed tokens not counted
	sent       int // how often the request was handed to the transport
	renewed    bool
	doubt      bool // an attempt may have been carried out although its answer did not come
	retried500 bool

	began    time.Time       // this attempt
	ctx      context.Context // this attempt's
	header   http.Header     // this attempt's
	cancel   context.CancelCauseFunc
	timer    *time.Timer
	inFlight bool
	watched  bool         // whether net/http tells what follows
	wanted   atomic.Int32 // connections that it looked for in this attempt
	got      atomic.Int32 // and those that it got

	body    []byte
	failure *Failure
	wait    time.Duration
}

var (
	errAttemptTimeout = errors.New("timed out waiting for the service")
	errCallTimeout    = errors.New("timed out")
)

// attemptTransport is below the http.Client: it runs once an attempt.
type attemptTransport struct{}

func (attemptTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	a, ok := req.Context().(*attempts)
	if !ok {
		return nil, errors.New("httpcall: a request that is not of a call")
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
		if !returned { // the transport panics; whoever recovers may go on using the client
			a.end()
		}
	}()

	if c.cfg.Auth != nil {
		// The transport may still hold the header of an attempt before.
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
		// A stream lasts as long as its consumer likes, who may well make
		// other calls meanwhile: it gives its place back.
		a.timer.Stop()
		a.release()
	}
	return resp, nil
}

// usable refuses what is no answer to read. After a 101 the connection is no
// longer net/http's: reading from it would end with no context.
func usable(resp *http.Response) error {
	switch {
	case resp == nil:
		return errors.New("the transport gave neither an answer nor an error")
	case resp.StatusCode == http.StatusSwitchingProtocols:
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		return errors.New("the service switches to another protocol")
	}
	return nil
}

// outgoing is the request as the transport gets it.
func (a *attempts) outgoing(req *http.Request) *http.Request {
	a.wanted.Store(0) // fetching a token may have counted too
	a.got.Store(0)
	out := req.WithContext(a.ctx)
	if !a.req.Repeatable && hasIdempotencyKey(out.Header) {
		out.GetBody = nil // which keeps net/http from sending it again
	}
	return out
}

// hasIdempotencyKey tells of a header with which net/http sends a request again
// by itself when its connection breaks. The service does not know the header.
func hasIdempotencyKey(h http.Header) bool {
	return h["Idempotency-Key"] != nil || h["X-Idempotency-Key"] != nil
}

// dropBrokenLocation takes away an address that http.Client would fail at, even
// though it is not to follow it.
func dropBrokenLocation(req *http.Request, resp *http.Response) {
	if location := resp.Header.Get("Location"); location != "" {
		if _, err := req.URL.Parse(location); err != nil {
			resp.Header.Del("Location")
		}
	}
}

// start begins an attempt: the context it runs under ends with the call's, with
// AttemptTimeout, and with the deadline of the whole call.
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

// watchConnection has net/http tell whether it got as far as a connection, for
// that is what a write's fate hangs on when no answer comes.
func (a *attempts) watchConnection() {
	a.watched = true
	a.Context = httptrace.WithClientTrace(a.Context, &httptrace.ClientTrace{
		GetConn: func(string) { a.wanted.Add(1) },
		GotConn: func(httptrace.GotConnInfo) { a.got.Add(1) },
	})
}

// untouched tells whether the transport failed before the service could have
// read a byte of the request. What net/http says of its connections counts before
// what an error says, which may hold the service's own bytes; a transport of
// another make says nothing.
func (a *attempts) untouched(err error) bool {
	connected := a.got.Load() > 0
	switch {
	case a.wanted.Load() > 0 && !connected:
		return true
	case dialFailed(err):
		// The connection before was lost before anything was sent on it, unless
		// net/http had another reason to send again.
		return !connected || !hasIdempotencyKey(a.header)
	}
	return !connected && tlsFailed(err)
}

// inTime names the reason when err came of an ended context.
func (a *attempts) inTime(err error) error {
	if a.ctx.Err() == nil {
		return err
	}
	if ended := a.Context.Err(); ended != nil {
		return ended
	}
	return &timeoutError{context.Cause(a.ctx)}
}

// end frees what the attempt held. It may be called twice.
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
// final when the time for the whole call is over.
type notSentError struct {
	err   error
	final bool
}

func (e *notSentError) Error() string { return e.err.Error() }
func (e *notSentError) Unwrap() error { return e.err }

// timeoutError is our own deadline's: an attempt's, the call's, or a stream's silence.
type timeoutError struct{ cause error }

func (e *timeoutError) Error() string   { return e.cause.Error() }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Is(t error) bool { return t == context.DeadlineExceeded }
