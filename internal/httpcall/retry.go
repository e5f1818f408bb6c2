package httpcall

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// newRetrying returns the first stage. go-retryablehttp sends an attempt through
// an http.Client, which is given nothing to do: a redirect comes up to it as a
// *Failure. Its own defaults for the callbacks would resend any POST, wait out
// any Retry-After and lose the last response.
func newRetrying(cfg Config, next http.RoundTripper) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: next},
		RetryMax:     cfg.MaxAttempts - 1,
		CheckRetry:   checkRetry,
		Backoff:      noBackoff,
		PrepareRetry: waitToRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// checkRetry adds up what the attempts have left open, and decides on another.
func checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	f, failed := errors.AsType[*Failure](err)
	if !failed {
		return false, nil
	}
	p := progressOf(ctx)
	p.failures++
	p.doubt = p.doubt || f.MaybeApplied
	f.MaybeApplied = p.doubt
	p.last = f
	return p.mayRetry(ctx, f), nil
}

// noBackoff leaves the pause to waitToRetry: which call it is for is known here
// only if there was a response.
func noBackoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }

// waitToRetry waits as long as mayRetry has decided.
func waitToRetry(req *http.Request) error {
	ctx := req.Context()
	p := progressOf(ctx)
	p.logRetry(ctx, p.last, p.wait)
	select {
	case <-time.After(p.wait):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// mayRetry is the retry table. It reports whether another attempt is safe and
// may help, and there is time for it after p.wait.
func (p *progress) mayRetry(ctx context.Context, f *Failure) bool {
	switch f.Reason {
	case NoAnswer, TokenRateLimited:
		return !f.final && ctx.Err() == nil && (f.notSent || p.call.Repeatable) && p.mayWait(ctx, p.pause(f))
	case CutShort:
		return !f.final && p.call.Repeatable && p.mayWait(ctx, p.jitter())
	case Refused:
		return p.mayRetryStatus(ctx, f)
	}
	return false
}

func (p *progress) mayRetryStatus(ctx context.Context, f *Failure) bool {
	switch f.Verdict.Status {
	case http.StatusTooEarly, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return p.mayWait(ctx, p.pause(f))
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout, 520, 521, 522, 523, 524: // of Cloudflare: the service behind it did not answer
		return p.call.Repeatable && p.mayWait(ctx, p.jitter())
	case http.StatusInternalServerError:
		// Messembed responds 500 to bad input too, which no retry will mend.
		if !p.call.Repeatable || p.retried500 {
			return false
		}
		p.retried500 = true
		return p.mayWait(ctx, p.jitter())
	}
	return false
}

// deniesEffect reports whether a status means that this attempt was not carried
// out. It says nothing about earlier attempts. A 303 is a redirect after the
// work was done; a 408 may be a proxy's, about the service behind it.
func deniesEffect(status int) bool {
	switch status {
	case http.StatusServiceUnavailable:
		return true
	case http.StatusSeeOther, http.StatusRequestTimeout:
		return false
	}
	return status/100 == 3 || status/100 == 4
}

// mayWait reports whether there is time to wait, and keeps how long.
func (p *progress) mayWait(ctx context.Context, wait time.Duration) bool {
	if wait > p.client.cfg.MaxBackoff {
		return false
	}
	at := time.Now().Add(wait)
	if !p.deadline.IsZero() && at.After(p.deadline) {
		return false
	}
	if end, ok := ctx.Deadline(); ok && at.After(end) {
		return false
	}
	p.wait = wait
	return true
}

// pause returns what was asked for, or else the backoff.
func (p *progress) pause(f *Failure) time.Duration {
	if f.Verdict.HasRetryAfter {
		return f.RetryAfter
	}
	return p.jitter()
}

// jitter returns the pause after the failures so far.
func (p *progress) jitter() time.Duration {
	cfg := &p.client.cfg
	return Backoff(cfg.MinBackoff, cfg.MaxBackoff, p.failures)
}
