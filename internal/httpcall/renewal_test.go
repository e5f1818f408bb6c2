package httpcall_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func TestRenewal(t *testing.T) {
	tests := []struct {
		name     string
		answers  []transport
		requests int
		tokens   int
		code     int // of the failure
	}{
		{"a rejected token is fetched anew", []transport{status(401), status(200)}, 2, 2, 0},
		{"once", []transport{status(401)}, 2, 2, 401},
		{"not for what the credentials cannot mend", []transport{answer(401, "BLOCK_STATUS_DOES_NOT_ALLOW")}, 1, 1, 401},
		{"and what comes then is judged as ever", []transport{status(401), status(409)}, 2, 2, 409},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source := &numbered{}
			service := scripted(test.answers...)
			client := newClient(t, service, attempts(1), auth(httpcall.TokenSource(source)))

			got, failure := client.Do(t.Context(), createMessage())

			assert.Equal(t, test.requests, service.sent())
			assert.EqualValues(t, test.tokens, source.calls.Load())
			for _, body := range service.bodies {
				assert.JSONEq(t, `{"content":"hello"}`, body)
			}
			if test.code == 0 {
				require.Nil(t, failure)
				assert.Equal(t, 2, got.Attempts)
				assert.Equal(t, "Bearer token-1", service.requests[0].Header.Get("Authorization"), "as it was sent")
				assert.Equal(t, "Bearer token-2", service.requests[1].Header.Get("Authorization"))
				return
			}
			require.NotNil(t, failure)
			assert.Equal(t, test.code, failure.StatusCode)
			assert.Equal(t, test.requests, failure.Attempts)
			assert.False(t, failure.MaybeApplied)
		})
	}
}

// It takes none of the attempts of the retry table, and is one request more for
// the rate limit.
func TestRenewal_besideRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted(status(503, "Retry-After", "0"), status(401), status(503, "Retry-After", "0"), status(401))
		limit := func(c *httpcall.Config) { c.Limiter = rate.NewLimiter(1, 1) }
		began := time.Now()
		_, failure := newClient(t, service, attempts(3), limit, auth(httpcall.TokenSource(&numbered{}))).Do(t.Context(), getUser())
		assert.Equal(t, 401, failure.StatusCode)
		assert.Equal(t, 4, failure.Attempts)
		assert.Equal(t, 3*time.Second, time.Since(began))
	})
}

// Nothing is sent for a context that ended with the first answer.
func TestRenewal_endsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	service := scripted(func(*http.Request) (*http.Response, error) {
		cancel()
		return status(401)(nil)
	})
	_, failure := newClient(t, service, auth(httpcall.TokenSource(&numbered{}))).Do(ctx, getUser())
	require.ErrorIs(t, failure.Err, context.Canceled)
	assert.Equal(t, 1, service.sent())
}

// Whatever a service says of the credentials, what it may have carried out is not
// sent again.
func TestRenewal_maybeApplied(t *testing.T) {
	service := scripted(status(401))
	call := createMessage()
	call.Judge = func(int, http.Header, []byte) httpcall.Verdict {
		return httpcall.Verdict{Status: http.StatusNotImplemented, Unauthenticated: true}
	}
	_, failure := newClient(t, service, auth(httpcall.TokenSource(&numbered{}))).Do(t.Context(), call)
	assert.True(t, failure.MaybeApplied)
	assert.Equal(t, 1, service.sent())
}

func TestRenewal_fixedCredentials(t *testing.T) {
	for name, a := range map[string]httpcall.Authenticator{"basic": httpcall.Basic("admin", "password"), "none": nil} {
		service := scripted(status(401))
		_, failure := newClient(t, service, auth(a)).Do(t.Context(), getUser())
		assert.Equal(t, 401, failure.StatusCode, name)
		assert.Equal(t, 1, service.sent(), name)
	}
}
