package messembed

import (
	"context"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// Backoff waits between the attempts of something that is retried for as long
// as it takes, such as a live connection. Its pauses are those of [WithRetry],
// without a last attempt. It is for implementers of a [Platform]; applications
// do not need it. It is not safe for concurrent use.
type Backoff struct {
	policy   RetryPolicy
	failures int // in a row
}

// longestPause limits the pause that a service can ask for.
const longestPause = 5 * time.Minute

// Backoff returns a new Backoff without failures.
func (call *Call) Backoff() *Backoff { return &Backoff{policy: call.client.cfg.retry} }

// Lasted reports how long a connection lasted before it was lost. Only a
// connection that lasted MaxBackoff or longer resets the backoff.
func (b *Backoff) Lasted(d time.Duration) {
	if d >= b.policy.MaxBackoff {
		b.failures = 0
	}
}

// Wait waits after a failure, at least for atLeast, such as the pause that the
// service asked for, of which it heeds up to five minutes. It returns false if
// ctx ends first.
func (b *Backoff) Wait(ctx context.Context, atLeast time.Duration) bool {
	b.failures++
	wait := httpcall.Backoff(b.policy.MinBackoff, b.policy.MaxBackoff, b.failures)
	return sleep(ctx, max(wait, min(atLeast, longestPause)))
}

// sleep waits for d. It returns false if ctx ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
