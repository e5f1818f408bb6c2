package httpcall

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// rateLimit waits until the rate limit allows another request. Since the caller
// asked for this wait, it is added to the call's deadline.
type rateLimit struct {
	limiter *rate.Limiter // nil means no limit
	next    http.RoundTripper
}

func (s rateLimit) RoundTrip(req *http.Request) (*http.Response, error) {
	if s.limiter == nil {
		return s.next.RoundTrip(req)
	}
	ctx := req.Context()
	p := progressOf(ctx)
	began := time.Now()
	if err := s.limiter.Wait(ctx); err != nil {
		if err = ctx.Err(); err == nil {
			// The limiter gives up early when the wait would outlast the context.
			err = context.DeadlineExceeded
		}
		f := p.failNotSent(err)
		f.final = true
		return nil, f
	}
	if !p.deadline.IsZero() {
		p.deadline = p.deadline.Add(time.Since(began))
	}
	return s.next.RoundTrip(req)
}
