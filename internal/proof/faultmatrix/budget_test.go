package faultmatrix_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// TestBudget shows that no call exceeds its time limit, and that a call whose
// context has ended sends nothing.
func TestBudget(t *testing.T) {
	silence := &fault{service: serving(messembedtest.Fault{Stall: true})}
	later := &fault{service: serving(messembedtest.Fault{Status: 503, RetryAfter: "4"})}
	tests := []struct {
		name   string
		fault  *fault
		option []messembed.Option
		within func(context.Context) (context.Context, context.CancelFunc)
		cause  error
		most   time.Duration // the limit
		once   bool          // the faulted request is not retried; a token request, and an import, which looks twice, may be
	}{
		{
			name: "the context has ended", cause: context.Canceled,
			within: func(ctx context.Context) (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				return ctx, cancel
			},
		},
		{
			name: "the context's deadline passes without a response", fault: silence, cause: context.DeadlineExceeded, most: 3 * time.Second,
			within: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 3*time.Second)
			},
		},
		{
			name: "the context's deadline is before Retry-After", fault: later, most: 3 * time.Second, once: true,
			within: func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, 3*time.Second)
			},
		},
		{
			name: "WithTimeout passes without a response", fault: silence, cause: context.DeadlineExceeded, most: 15 * time.Second,
			option: []messembed.Option{messembed.WithTimeout(15 * time.Second), messembed.WithListTimeout(15 * time.Second)},
		},
		{
			name: "WithTimeout passes before Retry-After", fault: later, most: 3 * time.Second, once: true,
			option: []messembed.Option{messembed.WithTimeout(3 * time.Second), messembed.WithListTimeout(3 * time.Second)},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, c := range allCalls() {
					if c.target == "none" || (c.method == "ImportUsers" || c.method == "SyncUsers") && test.within == nil {
						continue // sends nothing, or has a timeout for each request of a row
					}
					own := *c
					own.within = test.within
					own.extra = append(own.extra, test.option...)
					o := own.run(func(op string, nth int) *fault {
						if op == c.target && nth > c.skip {
							return test.fault
						}
						return c.plan(nil, firstAttempt)(op, nth)
					})
					most := test.most
					if test.option != nil && strings.HasPrefix(c.target, "List") && c.target != "ListMessages" {
						most += maxBackoff // a whole list has its own time, after what came before it
					}
					checkBudget(t, c, o, test.cause, most)
					if n := o.sent[c.target] - c.skip; test.once && n != 1 && c.target != "Token" && c.method != "ImportUsers" && c.method != "SyncUsers" {
						t.Errorf("%s: %s was sent %d times", c.name(), c.target, n)
					}
					if total(o.sent) == 0 != (test.fault == nil) {
						t.Errorf("%s: sent %v", c.name(), o.sent)
					}
				}
			})
		})
	}
}

func checkBudget(t *testing.T, c *call, o outcome, cause error, most time.Duration) {
	t.Helper()
	e, ok := errors.AsType[*messembed.Error](o.err)
	if !ok || !errors.Is(e, messembed.ErrUnavailable) {
		t.Errorf("%s: error %v, want ErrUnavailable", c.name(), o.err)
		return
	}
	// A failed look-up leaves the error that it was meant to explain.
	if cause != nil && e.StatusCode == 0 && len(c.before) == 0 && !errors.Is(e, cause) && o.took == most {
		t.Errorf("%s: error %v, want one that matches %v", c.name(), o.err, cause)
	}
	if o.took > most {
		t.Errorf("%s: took %v, want at most %v", c.name(), o.took, most)
	}
	if o.state != o.before && !e.MaybeApplied {
		t.Errorf("%s: the caller was told that it was not done, but it was: %v", c.name(), e)
	}
	if len(o.sent) == 0 && (e.Attempts != 0 || e.MaybeApplied) {
		t.Errorf("%s: Attempts %d, MaybeApplied %t, but nothing was sent", c.name(), e.Attempts, e.MaybeApplied)
	}
}
