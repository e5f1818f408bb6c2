package httpcall

import (
	"context"
	"net/http"
	"time"
)

// inFlight limits the number of requests in flight. A stream counts until its
// response begins: it lasts as long as its consumer likes, who may well make
// other calls meanwhile.
type inFlight struct {
	slots slots
	next  http.RoundTripper
}

func (s inFlight) RoundTrip(req *http.Request) (*http.Response, error) {
	p := progressOf(req.Context())
	if err := s.slots.take(req.Context(), p.deadline); err != nil {
		return nil, p.failNotSent(err)
	}
	defer s.slots.give()
	return s.next.RoundTrip(req)
}

type slots chan struct{}

// take waits for a slot until ctx or the deadline ends.
func (s slots) take(ctx context.Context, deadline time.Time) error {
	select {
	case s <- struct{}{}:
		return nil
	default:
	}
	var expired <-chan time.Time
	if !deadline.IsZero() {
		expired = time.After(time.Until(deadline))
	}
	select {
	case s <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-expired:
		return context.DeadlineExceeded
	}
}

func (s slots) give() { <-s }
