package httpcall

import (
	"context"
	"time"
)

// slots limits the number of requests in flight.
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
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
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

// waitForRate waits until the rate limit allows another request. Since the
// caller asked for this wait, it is added to the call's deadline.
func (c *Client) waitForRate(a *attempts) error {
	if c.cfg.Limiter == nil {
		return nil
	}
	began := time.Now()
	if err := c.cfg.Limiter.Wait(a.Context); err != nil {
		if ended := a.Context.Err(); ended != nil {
			return ended
		}
		// The limiter gives up early when the wait would outlast the context.
		return context.DeadlineExceeded
	}
	if !a.deadline.IsZero() {
		a.deadline = a.deadline.Add(time.Since(began))
	}
	return nil
}
