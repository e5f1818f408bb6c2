package messembed_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func countOps(fake *messembedtest.Server, op string) (n int) {
	for _, request := range fake.Requests() {
		if request.Op == op {
			n++
		}
	}
	return n
}

func TestClientCredentials(t *testing.T) {
	gateway := func(t *testing.T, opts ...messembedtest.Option) *messembedtest.Server {
		fake := messembedtest.New(t, append(opts, messembedtest.WithClientCredentials("shop", "secret-canary"))...)
		fake.AddUser(messembed.User{ID: "ada"})
		return fake
	}
	block := func(t *testing.T, client *messembed.Client) error {
		_, err := client.BlockUser(t.Context(), "ada")
		return err
	}
	t.Run("one fetch for all who wait", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := gateway(t)
			fake.FailNext(messembedtest.Fault{Op: "Token", Delay: time.Second})
			client := fake.Client(t)
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() { assert.NoError(t, block(t, client)) })
			}
			wg.Wait()
			assert.Equal(t, 1, countOps(fake, "Token"))
		})
	})
	t.Run("each waits no longer than its own context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := gateway(t)
			fake.FailNext(messembedtest.Fault{Op: "Token", Delay: 5 * time.Second})
			client := fake.Client(t)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			var patient error
			var wg sync.WaitGroup
			wg.Go(func() {
				_, err := client.BlockUser(ctx, "ada") // starts the fetch
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				failure, _ := errors.AsType[*messembed.Error](err)
				assert.Zero(t, failure.Attempts)
				assert.False(t, failure.MaybeApplied)
			})
			synctest.Wait()
			wg.Go(func() { patient = block(t, client) })
			wg.Wait()
			require.NoError(t, patient)
			assert.Equal(t, 1, countOps(fake, "Token"))
		})
	})
	t.Run("refreshed before it expires", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := gateway(t, messembedtest.WithTokenLifetime(10*time.Minute))
			client := fake.Client(t)
			for range 12 {
				require.NoError(t, block(t, client))
				time.Sleep(5*time.Minute - time.Second)
			}
			for _, request := range fake.Requests() {
				assert.NotEqual(t, 401, request.Status)
			}
			assert.Greater(t, countOps(fake, "Token"), 4)
		})
	})
	t.Run("after a 401 dropped and fetched anew once", func(t *testing.T) {
		fake := gateway(t)
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
		require.NoError(t, block(t, client))
		fake.ExpireTokens()
		var meta messembed.Meta
		_, err := client.BlockUser(t.Context(), "ada", messembed.WithMeta(&meta))
		require.NoError(t, err)
		assert.Equal(t, 2, meta.Attempts)
		assert.Equal(t, 2, countOps(fake, "Token"))

		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "UpdateUser", Status: 401})
		err = block(t, client)
		require.ErrorIs(t, err, messembed.ErrUnauthenticated)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, 2, failure.Attempts)
		assert.Equal(t, 3, countOps(fake, "Token"))
	})
	t.Run("a business code does not fetch anew", func(t *testing.T) {
		fake := gateway(t)
		client := fake.Client(t)
		fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 401, Body: `{"statusCode":401,"code":"BLOCK_STATUS_DOES_NOT_ALLOW"}`})
		require.ErrorIs(t, block(t, client), messembed.ErrUserBlocked)
		assert.Equal(t, 1, countOps(fake, "Token"))
	})
	t.Run("refused credentials end the call", func(t *testing.T) {
		for _, status := range []int{400, 401, 403, 302} {
			fake := gateway(t)
			fake.FailRandomly(1, 1, messembedtest.Fault{Op: "Token", Status: status, Body: `{"error":"invalid_client","error_description":"secret-canary"}`,
				Header: http.Header{"Location": {"https://evil.example.com"}}})
			err := block(t, fake.Client(t))
			require.ErrorIs(t, err, messembed.ErrUnauthenticated)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Zero(t, failure.Attempts)
			assert.False(t, failure.MaybeApplied)
			assert.NotContains(t, err.Error(), "canary")
			assert.Equal(t, len(fake.Requests()), countOps(fake, "Token"), "nothing but the token was asked for")
			assert.LessOrEqual(t, countOps(fake, "Token"), 2, "x/oauth2 tries the header and then the form")
		}
	})
	t.Run("its other failures are tried again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := gateway(t)
			fake.FailNext(messembedtest.Fault{Op: "Token", Status: 500, Body: "secret-canary"})
			fake.FailNext(messembedtest.Fault{Op: "Token", Reset: true})
			require.NoError(t, block(t, fake.Client(t)))

			fake = gateway(t)
			fake.FailRandomly(1, 1, messembedtest.Fault{Op: "Token", Status: 503, Body: "secret-canary"})
			err := block(t, fake.Client(t))
			require.ErrorIs(t, err, messembed.ErrUnavailable)
			assert.NotContains(t, err.Error(), "canary")
			assert.Equal(t, 8, countOps(fake, "Token"), "four times, each by header and by form")
		})
	})
}

func TestTokenSource(t *testing.T) {
	fake := messembedtest.New(t)
	var sent []string
	record := roundTripper(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.Header.Get("Authorization"))
		return fake.RoundTrip(r)
	})
	source := &countingSource{}
	client, err := messembed.New(fake.BaseURL(), messembed.WithTransport(record), messembed.WithInsecureHTTP(), messembed.WithTokenSource(source))
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, client.Ping(t.Context()))
	}
	assert.Equal(t, []string{"Bearer token", "Bearer token", "Bearer token"}, sent)
	assert.EqualValues(t, 1, source.calls.Load())
}

type countingSource struct{ calls atomic.Int32 }

func (s *countingSource) Token() (*oauth2.Token, error) {
	s.calls.Add(1)
	return &oauth2.Token{AccessToken: "token"}, nil
}

func TestAuthHeaders(t *testing.T) {
	var sent http.Header
	client, err := messembed.New("https://chat.example.com", messembed.WithAuthHeaders(map[string]string{"x-auth-token": "t", "X-User-Id": "u"}),
		messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			sent = r.Header
			return nil, context.Canceled
		})), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	require.Error(t, client.Ping(t.Context()))
	assert.Equal(t, "t", sent.Get("X-Auth-Token"))
	assert.Equal(t, "u", sent.Get("X-User-Id"))
}
