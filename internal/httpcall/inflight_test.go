package httpcall_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func slots(n int) func(*httpcall.Config) {
	return func(c *httpcall.Config) { c.MaxInFlight = n }
}

func TestInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		now, most := 0, 0
		service := transport(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return status(200)(r)
		})
		client := newClient(t, service, slots(3))
		began := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, failure := client.Do(t.Context(), getUser())
				assert.Nil(t, failure)
			})
		}
		wg.Wait()
		assert.Equal(t, 3, most)
		assert.Equal(t, 7*time.Second, time.Since(began))
	})
}

func TestInFlight_aStreamGivesItsPlaceBack(t *testing.T) {
	client := newClient(t, answer(200, "[]"), slots(1))
	got, failure := client.Do(t.Context(), listUsers())
	require.Nil(t, failure)
	_, failure = client.Do(t.Context(), within(time.Second, getUser()))
	require.Nil(t, failure)
	require.NoError(t, got.Stream.Close())
}

func TestInFlight_waiting(t *testing.T) {
	tests := map[string]struct {
		call func() *httpcall.Call
		ctx  time.Duration
		err  error
	}{
		"for a place":                      {func() *httpcall.Call { return within(30*time.Second, updateUser()) }, time.Hour, nil},
		"uses up the call's time":          {func() *httpcall.Call { return within(5*time.Second, updateUser()) }, time.Hour, context.DeadlineExceeded},
		"ends with the context":            {updateUser, 5 * time.Second, context.DeadlineExceeded},
		"ends with the earlier of the two": {func() *httpcall.Call { return within(7*time.Second, updateUser()) }, 5 * time.Second, context.DeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := scripted(stalls, status(200))
				client := newClient(t, service, slots(1), attempts(1))
				go client.Do(t.Context(), getUser()) // ten seconds
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), test.ctx)
				defer cancel()
				began := time.Now()
				_, failure := client.Do(ctx, test.call())
				if test.err == nil {
					require.Nil(t, failure)
					assert.Equal(t, 10*time.Second, time.Since(began))
				} else {
					require.ErrorIs(t, failure.Err, test.err)
					assert.Equal(t, 5*time.Second, time.Since(began))
					assert.Zero(t, failure.Attempts)
					assert.False(t, failure.MaybeApplied)
					assert.Equal(t, 1, service.sent())
				}
				time.Sleep(10 * time.Second) // the first has ended
			})
		})
	}
}
