package httpcall

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// deadline gives each attempt a context of its own, which ends with the call's,
// with AttemptTimeout and with the deadline of the whole call.
type deadline struct {
	attemptTimeout time.Duration
	next           http.RoundTripper
}

func (s deadline) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	p := progressOf(req.Context())
	p.began = time.Now()
	if ended := req.Context().Err(); ended != nil { // nothing is sent, whatever the transport makes of it
		return nil, p.failNotSent(ended)
	}
	limit, cause := s.attemptTimeout, errAttemptTimeout
	if p.call.ListTimeout > 0 {
		limit = p.call.ListTimeout
	}
	if !p.deadline.IsZero() {
		if left := p.deadline.Sub(p.began); left < limit {
			limit, cause = left, errCallTimeout
			if p.call.ListTimeout > 0 {
				cause = errAttemptTimeout // it is the same time
			}
		}
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(limit, func() { cancel(cause) })
	p.timer = timer
	var stream *Stream
	defer func() { // of a panic too: whoever recovers may continue to use the client
		timer.Stop()
		if stream == nil {
			cancel(nil)
		}
	}()
	resp, err = s.next.RoundTrip(req.WithContext(ctx))
	if err == nil {
		if stream, _ = resp.Body.(*Stream); stream != nil {
			stream.timer, stream.maxSilence, stream.cancel = timer, s.attemptTimeout, cancel
		}
	}
	return resp, err
}

// reasonOf returns why the context of an attempt has ended, or err if it has not.
func reasonOf(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if timeout, ok := context.Cause(ctx).(*timeoutError); ok { //nolint:errorlint // it is never wrapped
		return timeout
	}
	return ctx.Err()
}

// timeoutError is the end of a deadline of ours: of an attempt, of the call, or
// of a silent stream.
type timeoutError struct{ text string }

var (
	errAttemptTimeout = &timeoutError{"timed out waiting for the service"}
	errCallTimeout    = &timeoutError{"timed out"}
	errSilence        = &timeoutError{"the service stopped sending in the middle of its response"}
)

// timedOut reports whether an attempt ended because it took too long, by a
// deadline of ours or of the transport's.
func timedOut(err error) bool {
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && timeout.Timeout()
}

func (e *timeoutError) Error() string   { return e.text }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Is(t error) bool { return t == context.DeadlineExceeded }
