package chatkitty_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		fault   messembedtest.Fault
		kind    error
		code    string
		message string
	}{
		"400":           {messembedtest.Fault{Status: 400, Body: `{"error":"ClientError","message":"check your request","timestamp":"x"}`}, messembed.ErrInvalidArgument, "ClientError", "check your request"},
		"403":           {messembedtest.Fault{Status: 403, Body: `{"error":"access_denied","error_description":"Access is denied"}`}, messembed.ErrPermissionDenied, "access_denied", "Access is denied"},
		"404":           {messembedtest.Fault{Status: 404, Body: `{"error":"ResourceNotFoundError","message":"Resource not found"}`}, messembed.ErrNotFound, "ResourceNotFoundError", "Resource not found"},
		"404 of others": {messembedtest.Fault{Status: 404, Body: `<html>nope</html>`}, messembed.ErrUnsupported, "", "check the base URL, including its path"},
		"410":           {messembedtest.Fault{Status: 410, Body: `{"error":"Gone","message":"gone"}`}, messembed.ErrNotFound, "Gone", "gone"},
		"406":           {messembedtest.Fault{Status: 406, Body: `{"error":"ClientError","message":["odd"]}`}, messembed.ErrInvalidArgument, "ClientError", ""},
		"500":           {messembedtest.Fault{Status: 500, Body: `{"error":"ServerError","message":"oops"}`}, messembed.ErrUnavailable, "ServerError", "oops"},
		"redirect":      {messembedtest.Fault{Status: 302, Header: http.Header{"Location": {"https://example.com"}}}, messembed.ErrInvalidResponse, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t)
			client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
			c.fault.Op = "GetUser"
			fake.FailNext(c.fault)
			_, err := client.GetUser(t.Context(), "1")
			e := failure(t, err, c.kind)
			assert.Equal(t, c.code, e.Code)
			assert.Contains(t, e.Message, c.message)
			assert.Equal(t, c.fault.Status, e.StatusCode)
		})
	}
}

func TestCoolOffDuration_isWaitedOut(t *testing.T) {
	for name, options := range map[string][]chatkittytest.Option{
		"in the body": nil, "in a header too": {chatkittytest.WithRetryAfterHeader()},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := chatkittytest.New(t, append(options, chatkittytest.WithRateLimit(2, 8*time.Second))...)
				client := fake.Client(t)
				began := time.Now()
				for range 5 {
					_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
					require.NoError(t, err)
				}
				assert.Equal(t, 16*time.Second, time.Since(began))
			})
		})
	}
}

func TestCoolOffDuration_tooLongEndsTheCall(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT16.919S":      16919 * time.Millisecond,
		"PT1M3S":         63 * time.Second,
		"PT1H":           time.Hour,
		"P1DT1S":         24*time.Hour + time.Second,
		"P2W":            14 * 24 * time.Hour,
		"PT20,5S":        20500 * time.Millisecond,
		"P99999999999D":  3650 * 24 * time.Hour,
		"PT0.000000001S": 0, // waited out and asked again
		"16919":          0,
		"P":              0,
		"PT":             0,
		"P1DT":           0,
		"PT-5S":          0,
		"P1M":            0,
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := chatkittytest.New(t)
				fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 429, Body: `{"coolOffDuration":"` + text + `","error":"RateLimitedError","message":"retry after a while"}`})
				_, err := fake.Client(t).GetUser(t.Context(), "1")
				if want == 0 {
					assert.Equal(t, 2, failure(t, err, messembed.ErrNotFound).Attempts)
					return
				}
				e := failure(t, err, messembed.ErrRateLimited)
				assert.Equal(t, want, e.RetryAfter)
				assert.Equal(t, 1, e.Attempts)
			})
		})
	}
}

func TestTokens_areRenewed(t *testing.T) {
	for name, options := range map[string][]chatkittytest.Option{
		"invalid_token": nil, "another code": {chatkittytest.WithExpiredTokenError("unauthorized")},
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t, options...)
			client := fake.Client(t)
			u, err := client.CreateUser(t.Context(), jane())
			require.NoError(t, err)
			fake.ExpireTokens()
			var meta messembed.Meta
			_, err = client.GetUser(t.Context(), u.ID, messembed.WithMeta(&meta))
			require.NoError(t, err)
			assert.Equal(t, 2, meta.Attempts)
		})
	}
}

func TestTokens_renewedBeforeTheyExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		client := fake.Client(t)
		require.NoError(t, client.CheckCredentials(t.Context()))
		time.Sleep(42892*time.Second - 10*time.Second)
		require.NoError(t, client.CheckCredentials(t.Context()))
		var got []string
		for _, r := range fake.Requests() {
			got = append(got, r.Op)
		}
		assert.Equal(t, []string{"Token", "CheckCredentials", "Token", "CheckCredentials"}, got)
	})
}

func TestTokens_refusedCredentials(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	fake.FailNext(messembedtest.Fault{Op: "Token", Status: 401, Body: `{"error":"invalid_client","error_description":"Bad client credentials"}`})
	_, err := client.GetUser(t.Context(), "1")
	require.ErrorIs(t, err, messembed.ErrUnauthenticated)
	assert.Empty(t, operations(fake), "nothing was sent to the API")
}
