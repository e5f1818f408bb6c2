package messembed

import (
	"context"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// Backoff is the pauses of what goes on for as long as it takes, such as a live
// connection: those of [WithRetry], without a last attempt. Its methods are for
// one goroutine.
type Backoff struct {
	policy   RetryPolicy
	failures int // in a row
}

// longestPause is how long a service that asks for a pause is listened to.
const longestPause = 5 * time.Minute

// Backoff begins with no failures.
func (call *Caller) Backoff() *Backoff { return &Backoff{policy: call.client.cfg.retry} }

// Lasted tells how long a connection stood before it was lost. One that is lost as
// soon as it is made is no success: only from MaxBackoff on are the failures
// before it forgotten.
func (b *Backoff) Lasted(d time.Duration) {
	if d >= b.policy.MaxBackoff {
		b.failures = 0
	}
}

// Wait waits after a failure: atLeast, such as the service asks for, but no longer
// than five minutes then. It says false when ctx ends first.
func (b *Backoff) Wait(ctx context.Context, atLeast time.Duration) bool {
	b.failures++
	wait := httpcall.Backoff(b.policy.MinBackoff, b.policy.MaxBackoff, b.failures)
	return sleep(ctx, max(wait, min(atLeast, longestPause)))
}

// sleep waits, and says false when ctx ends first.
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
