package httpcall_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func everySeconds(n int) func(*httpcall.Config) {
	return func(c *httpcall.Config) { c.Limiter = rate.NewLimiter(rate.Every(time.Duration(n)*time.Second), 1) }
}

func TestRateLimit_countsRetriesAndDoesNotUseUpTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(status(200), status(503), status(200))
		client := newClient(t, service, everySeconds(10))
		began := time.Now()
		_, failure := client.Do(t.Context(), within(5*time.Second, getUser()))
		require.Nil(t, failure)
		assert.Zero(t, time.Since(began))
		_, failure = client.Do(t.Context(), within(5*time.Second, getUser())) // two requests, ten seconds before each
		require.Nil(t, failure)
		assert.Equal(t, 20*time.Second, time.Since(began).Round(time.Second))
	})
}

func TestRateLimit_waitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(status(200))
		client := newClient(t, service, everySeconds(1000))
		_, failure := client.Do(t.Context(), getUser())
		require.Nil(t, failure)

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, failure = client.Do(ctx, updateUser())
		require.ErrorIs(t, failure.Err, context.Canceled)
		assert.Equal(t, time.Second, time.Since(began))

		short, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		_, failure = client.Do(short, updateUser())
		require.ErrorIs(t, failure.Err, context.DeadlineExceeded, "at once, since the wait would outlast it")
		assert.Equal(t, time.Second, time.Since(began))
		assert.False(t, failure.MaybeApplied)
		assert.Zero(t, failure.Attempts)
		assert.Equal(t, 1, service.sent())
	})
}
