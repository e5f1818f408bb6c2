package rocketchat_test

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// The kind of each refusal.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   error
		code   string
		says   string
	}{
		"not found, in plain text": {400, `{"success":false,"error":"User not found."}`, messembed.ErrNotFound, "User not found.", "User not found."},
		"not found, without dot":   {400, `{"success":false,"error":"User not found"}`, messembed.ErrNotFound, "User not found", ""},
		"not found, by errorType": {
			400, `{"success":false,"error":"User not found [error-user-not-found]","errorType":"error-user-not-found"}`, messembed.ErrNotFound,
			"error-user-not-found", "User not found",
		},
		"not found, in brackets": {
			400, `{"success":false,"error":"The required \"userId\" or \"username\" param provided does not match any users [error-invalid-user]"}`,
			messembed.ErrNotFound, "error-invalid-user", "does not match any users",
		},
		"taken": {
			400, `{"success":false,"error":"a [b] is already in use :( [error-field-unavailable]"}`, messembed.ErrAlreadyExists,
			"error-field-unavailable", "a [b] is already in use :(",
		},
		"taken, of very old servers": {400, `{"success":false,"error":"Email already exists. [403]"}`, messembed.ErrAlreadyExists, "403", "Email already exists."},
		"another 403 of old servers": {400, `{"success":false,"error":"Not so [403]"}`, messembed.ErrInvalidArgument, "403", "Not so"},
		"a taken e-mail, on update": {
			400, `{"success":false,"error":"a@b is already in use :( [error-field-unavailable]","errorType":"error-field-unavailable","details":{"function":"_setEmail","field":"a@b"}}`,
			messembed.ErrAlreadyExists, "error-field-unavailable", "a@b is already in use :(",
		},
		"a blocked username": {
			400, `{"success":false,"error":"root is blocked and can't be used! [error-blocked-username]","errorType":"error-blocked-username"}`,
			messembed.ErrInvalidArgument, "error-blocked-username", "blocked",
		},
		"a custom field": {
			400, `{"success":false,"error":"The field tier is required [error-user-registration-custom-field]","errorType":"error-user-registration-custom-field"}`,
			messembed.ErrInvalidArgument, "error-user-registration-custom-field", "The field tier is required",
		},
		"a licence": {
			400, `{"success":false,"error":"Limit reached [error-license-user-limit-reached]","errorType":"error-license-user-limit-reached"}`,
			messembed.ErrPermissionDenied, "error-license-user-limit-reached", "Limit reached",
		},
		"a schema": {
			400, `{"success":false,"errorType":"invalid-params","error":"must have required property 'email'\n must NOT have additional properties"}`,
			messembed.ErrInvalidArgument, "invalid-params", "must have required property 'email'; must NOT have additional properties",
		},
		"an older schema": {
			400, `{"success":false,"error":"must have required property 'userId'\n must match a schema in anyOf [invalid-params]"}`,
			messembed.ErrInvalidArgument, "invalid-params", "must match a schema in anyOf",
		},
		"an unknown role": {
			400, `{"success":false,"error":"The field Roles consist invalid role id [error-action-not-allowed]","errorType":"error-action-not-allowed"}`,
			messembed.ErrInvalidArgument, "error-action-not-allowed", "invalid role id",
		},
		"an action":            {400, `{"success":false,"error":"Adding user is not allowed [error-action-not-allowed]"}`, messembed.ErrPermissionDenied, "error-action-not-allowed", ""},
		"not authorized":       {400, `{"success":false,"errorType":"error-not-authorized","error":"Not authorized [error-not-authorized]"}`, messembed.ErrPermissionDenied, "error-not-authorized", ""},
		"a permission":         {403, `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`, messembed.ErrPermissionDenied, "error-unauthorized", ""},
		"forbidden":            {403, `{"success":false,"error":"forbidden"}`, messembed.ErrPermissionDenied, "", "forbidden"},
		"forbidden, up to 8":   {403, `{"success":false,"error":"unauthorized"}`, messembed.ErrPermissionDenied, "", "unauthorized"},
		"not logged in, 8":     {401, `{"success":false,"status":"error","error":"You must be logged in to do this.","message":"You must be logged in to do this."}`, messembed.ErrUnauthenticated, "", "You must be logged in"},
		"a federated user":     {400, `{"success":false,"error":"Not possible to edit a federated user [Edit_Federated_User_Not_Allowed]"}`, messembed.ErrPermissionDenied, "Edit_Federated_User_Not_Allowed", ""},
		"the last owner":       {400, `{"success":false,"error":"[user-last-owner]","errorType":"user-last-owner","details":{}}`, messembed.ErrPermissionDenied, "user-last-owner", "ConfirmRelinquish"},
		"a second factor":      {400, `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required"}`, messembed.ErrPermissionDenied, "totp-required", "personal access token"},
		"not logged in":        {401, `{"success":false,"error":"You must be logged in to do this."}`, messembed.ErrUnauthenticated, "", "You must be logged in"},
		"not logged in, older": {401, `{"status":"error","message":"You must be logged in to do this."}`, messembed.ErrUnauthenticated, "", "You must be logged in"},
		"401 as a number":      {401, `{"success":false,"status":"error","error":401,"message":"Unauthorized"}`, messembed.ErrUnauthenticated, "", "Unauthorized"},
		"no such route":        {404, `{"success":false,"error":"Resource not found"}`, messembed.ErrUnsupported, "", "base URL"},
		"a proxy's 404":        {404, `<html>nginx</html>`, messembed.ErrUnsupported, "", "base URL"},
		"plain text":           {400, `{"success":false,"error":"Name contains invalid characters"}`, messembed.ErrInvalidArgument, "Name contains invalid characters", ""},
		"an error object":      {400, `{"success":false,"error":{"a":1}}`, messembed.ErrInvalidArgument, "", ""},
		"a crash":              {500, `{"success":false,"error":"Internal server error"}`, messembed.ErrUnavailable, "", "Internal server error"},
		"down":                 {503, ``, messembed.ErrUnavailable, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t)
			client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
			fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: c.status, Body: c.body})

			_, err := client.UpdateUser(t.Context(), "u", messembed.UpdateUserParams{RemoveBlockStatus: true})

			e := failure(t, err, c.kind)
			assert.Equal(t, c.status, e.StatusCode)
			assert.Equal(t, c.code, e.Code)
			assert.Contains(t, e.Message, c.says)
			assert.Equal(t, c.status == 500, e.MaybeApplied)
		})
	}
}

// A server that quotes the request does not get a secret into an error.
func TestRefusals_secrets(t *testing.T) {
	for _, secret := range []string{"x9z", "secret-canary"} { // a short one is a secret, too
		t.Run(secret, func(t *testing.T) {
			fake := rocketchattest.New(t, rocketchattest.WithTokenSecret(secret))
			cred := fake.Credentials()
			body := `{"success":false,"error":"bad token ` + cred.AuthToken + `, bad secret ` + secret + `"}`
			fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 400, Body: body})
			fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 400, Body: body})
			client := fake.Client(t)

			_, getErr := client.GetUser(t.Context(), "u")
			_, tokenErr := client.CreateAccessToken(t.Context(), "u")

			for _, err := range []error{getErr, tokenErr} {
				e := failure(t, err, messembed.ErrInvalidArgument)
				assert.Contains(t, e.Error(), "bad secret")
				for _, secret := range []string{cred.AuthToken, cred.TokenSecret} {
					assert.NotContains(t, e.Error(), secret)
					assert.NotContains(t, e.Code, secret)
				}
			}
		})
	}
}

func TestRateLimit_waits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t, rocketchattest.WithRateLimit(3, time.Minute))
		id := fake.AddUser(messembed.User{})
		client := fake.Client(t, messembed.WithTimeout(5*time.Minute), messembed.WithRetry(messembed.RetryPolicy{MaxBackoff: 2 * time.Minute}))
		began := time.Now()
		for range 7 {
			_, err := client.GetUser(t.Context(), id)
			require.NoError(t, err)
		}
		assert.Equal(t, 2*time.Minute, time.Since(began))
		assert.Equal(t, 9, count(fake, "GetUser"))
	})
}

// The default limits do not allow for such a wait.
func TestRateLimit_endsTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t, rocketchattest.WithRateLimit(1, time.Minute))
		client := fake.Client(t)
		_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
		require.NoError(t, err)
		time.Sleep(18 * time.Second)

		_, err = client.ListUsers(t.Context(), messembed.ListUsersParams{})

		e := failure(t, err, messembed.ErrRateLimited)
		assert.Equal(t, 42*time.Second, e.RetryAfter)
		assert.Equal(t, "error-too-many-requests", e.Code)
		assert.Equal(t, 1, e.Attempts)
		assert.False(t, e.MaybeApplied)
	})
}

func TestRateLimit_pause(t *testing.T) {
	const text = `{"success":false,"error":"Error, too many requests. Please slow down. You must wait 7 seconds before trying this endpoint again. [error-too-many-requests]"}`
	reset := func(in time.Duration) http.Header {
		return http.Header{"X-Ratelimit-Reset": {strconv.FormatInt(time.Now().Add(in).UnixMilli(), 10)}}
	}
	with := func(header http.Header, name, value string) http.Header {
		header.Set(name, value)
		return header
	}
	for name, c := range map[string]struct {
		fault func() messembedtest.Fault
		want  time.Duration
	}{
		"by the header": {func() messembedtest.Fault {
			return messembedtest.Fault{Status: 429, Body: text, Header: reset(20 * time.Second)}
		}, 20 * time.Second},
		"by the text": {func() messembedtest.Fault { return messembedtest.Fault{Status: 429, Body: text} }, 7 * time.Second},
		"of a limit inside, as 400, whose header is another's": {func() messembedtest.Fault {
			return messembedtest.Fault{Status: 400, Body: text, Header: reset(time.Hour)}
		}, 7 * time.Second},
		"of a limit inside, of old": {func() messembedtest.Fault {
			return messembedtest.Fault{
				Status: 400, Body: `{"success":false,"errorType":"too-many-requests","error":"Error, too many requests. Please slow down. You must wait 3 seconds before trying again. [too-many-requests]"}`,
			}
		}, 3 * time.Second},
		"by the service's clock, which is a day behind": {func() messembedtest.Fault {
			header := reset(30*time.Second - 24*time.Hour)
			header.Set("Date", time.Now().Add(-24*time.Hour).UTC().Format(http.TimeFormat))
			return messembedtest.Fault{Status: 429, Body: text, Header: header}
		}, 30 * time.Second},
		"that is over, by the text": {func() messembedtest.Fault {
			return messembedtest.Fault{Status: 429, Body: text, Header: reset(-time.Second)}
		}, 7 * time.Second},
		"that is over, by Retry-After": {func() messembedtest.Fault {
			return messembedtest.Fault{Status: 429, Body: text, Header: with(reset(-time.Second), "Retry-After", "2")}
		}, 2 * time.Second},
		"in seconds, by Retry-After": {func() messembedtest.Fault {
			seconds := strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10)
			return messembedtest.Fault{Status: 429, Header: http.Header{"X-Ratelimit-Reset": {seconds}, "Retry-After": {"2"}}}
		}, 2 * time.Second},
		"in microseconds, by Retry-After": {func() messembedtest.Fault {
			micro := strconv.FormatInt(time.Now().Add(time.Minute).UnixMicro(), 10)
			return messembedtest.Fault{Status: 429, Header: http.Header{"X-Ratelimit-Reset": {micro}, "Retry-After": {"2"}}}
		}, 2 * time.Second},
		"by the header, beside Retry-After": {func() messembedtest.Fault {
			return messembedtest.Fault{Status: 429, Body: text, Header: with(reset(20*time.Second), "Retry-After", "2")}
		}, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rocketchattest.New(t)
				id := fake.AddUser(messembed.User{})
				client := fake.Client(t, messembed.WithTimeout(time.Hour), messembed.WithRetry(messembed.RetryPolicy{MaxBackoff: time.Hour}))
				fake.FailNext(c.fault())
				began := time.Now()

				_, err := client.GetUser(t.Context(), id)

				require.NoError(t, err)
				assert.Equal(t, c.want, time.Since(began))
			})
		})
	}
}

func TestTwoFactor(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithTwoFactor())
	client := fake.Client(t)

	_, err := client.CreateUser(t.Context(), params("ada"))

	e := failure(t, err, messembed.ErrPermissionDenied)
	assert.Equal(t, "totp-required", e.Code)
	assert.Contains(t, e.Message, "bypasses two-factor")

	client, err = rocketchat.New(fake.BaseURL(), fake.PersonalAccessToken(true), messembed.WithTransport(fake))
	require.NoError(t, err)
	_, err = client.CreateUser(t.Context(), params("ada"))
	require.NoError(t, err)
}
