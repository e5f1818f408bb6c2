package httpcall_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func TestDeadline(t *testing.T) {
	tests := []struct {
		name     string
		call     time.Duration // 0: none
		ctx      time.Duration
		takes    time.Duration
		attempts int
		text     string
	}{
		{"of each attempt", 0, time.Hour, 8 * time.Second, 4, "timed out waiting for the service"},
		{"of the call: two whole attempts and the rest of the time", 5 * time.Second, time.Hour, 5 * time.Second, 3, "timed out"},
		{"of the context", time.Minute, 3 * time.Second, 3 * time.Second, 2, "context deadline exceeded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.ctx)
				defer cancel()
				call := updateUser()
				if test.call != 0 {
					call = within(test.call, call)
				}
				client := newClient(t, transport(stalls), func(c *httpcall.Config) {
					c.AttemptTimeout, c.MinBackoff, c.MaxBackoff = 2*time.Second, time.Millisecond, time.Millisecond
				})
				began := time.Now()

				_, failure := client.Do(ctx, call)

				require.ErrorIs(t, failure.Err, context.DeadlineExceeded)
				assert.EqualError(t, failure.Err, test.text)
				assert.Equal(t, httpcall.NoAnswer, failure.Reason)
				assert.Equal(t, test.takes, time.Since(began).Truncate(100*time.Millisecond))
				assert.Equal(t, test.attempts, failure.Attempts)
				assert.True(t, failure.MaybeApplied)
				var timeout interface{ Timeout() bool }
				require.ErrorAs(t, failure.Err, &timeout)
				assert.True(t, timeout.Timeout())
			})
		})
	}
}

// The caller's own reason to cancel is not shown, and may be anything.
func TestDeadline_cause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errors.New("canary")) })
		_, failure := newClient(t, transport(stalls)).Do(ctx, getUser())
		require.ErrorIs(t, failure.Err, context.Canceled)
		assert.NotContains(t, failure.Err.Error(), "canary")
		assert.Equal(t, 1, failure.Attempts)
	})
}

// What an attempt has begun ends with it.
func TestDeadline_endsTheAttempt(t *testing.T) {
	for name, service := range map[string]transport{"answered": status(200), "refused": status(400), "broken": fails(errReset)} {
		recorded := scripted(service)
		newClient(t, recorded, attempts(1)).Do(t.Context(), getUser())
		assert.ErrorIs(t, recorded.requests[0].Context().Err(), context.Canceled, name)
	}
}

// So it does when the transport panics, and its place is given back.
func TestDeadline_panic(t *testing.T) {
	var ctx context.Context
	service := scripted(func(r *http.Request) (*http.Response, error) {
		ctx = r.Context()
		panic("broken")
	}, status(200))
	client := newClient(t, service, slots(1))
	assert.PanicsWithValue(t, "broken", func() { client.Do(t.Context(), getUser()) })
	require.Error(t, ctx.Err())
	_, failure := client.Do(t.Context(), within(time.Second, getUser()))
	assert.Nil(t, failure)
}
