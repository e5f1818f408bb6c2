package rightech_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTrip is a service of a single answer.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const role = "5cc89f6af79a4969291dcbd7"

// ada is a user to create.
func ada() messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: "ada.lovelace", DisplayName: "Ada Lovelace", Emails: []messembed.Email{{Address: "ada@example.com"}}, Roles: []string{role},
		},
		Password: "Analytical1",
	}
}

// operations are those of the fake's requests.
func operations(fake *rightechtest.Server) []string {
	var ops []string
	for _, r := range fake.Requests() {
		ops = append(ops, r.Op)
	}
	return ops
}

// failure is err as the SDK's own.
func failure(t *testing.T, err, kind error) *messembed.Error {
	t.Helper()
	require.ErrorIs(t, err, kind)
	e, ok := errors.AsType[*messembed.Error](err)
	require.True(t, ok, "%T", err)
	return e
}

func TestNew_refusesBadCredentials(t *testing.T) {
	for name, token := range map[string]string{"none": "", "with a line break": "a\r\nX-Admin: yes"} {
		t.Run(name, func(t *testing.T) {
			_, err := rightech.New("https://dev.rightech.io", rightech.Credentials{Token: token})
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, "invalid argument: Credentials.Token: ")
			assert.NotContains(t, err.Error(), "X-Admin")
		})
	}
	_, err := rightech.New("http://dev.rightech.io", rightech.Credentials{Token: "t"})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument, "a token does not travel over http")
}

func TestNew_keepsAPathPrefix(t *testing.T) {
	var asked []string
	client, err := rightech.New("https://iot.example.com/ric/", rightech.Credentials{Token: "the-token"},
		messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}),
		messembed.WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Header.Get("Authorization"))
			return nil, http.ErrServerClosed
		})))
	require.NoError(t, err)
	_, err = client.GetUser(t.Context(), "5d8a18d5d0025e0012fb6a34")
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	assert.Equal(t, []string{"GET https://iot.example.com/ric/api/v1/users/5d8a18d5d0025e0012fb6a34 Bearer the-token"}, asked)
}

func TestPing(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	require.NoError(t, client.Ping(t.Context()))
	another, err := rightech.New(fake.BaseURL(), rightech.Credentials{Token: "another"}, messembed.WithTransport(fake))
	require.NoError(t, err)
	require.NoError(t, another.Ping(t.Context()), "refused credentials are an answer")
	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "Ping", Refuse: true})
	}
	require.ErrorIs(t, client.Ping(t.Context()), messembed.ErrUnavailable)
}

func TestCheckCredentials(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	require.NoError(t, client.CheckCredentials(t.Context()))
	assert.Equal(t, "limit=1", fake.Requests()[0].Query)

	another, err := rightech.New(fake.BaseURL(), rightech.Credentials{Token: "another"}, messembed.WithTransport(fake))
	require.NoError(t, err)
	require.ErrorIs(t, another.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)
	assert.Len(t, fake.Requests(), 2, "there is no other token to try")

	for body, kind := range map[string]error{`<html>`: messembed.ErrInvalidResponse, `{}`: messembed.ErrInvalidResponse, `null`: messembed.ErrInvalidResponse} {
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: body})
		assert.ErrorIs(t, client.CheckCredentials(t.Context()), kind, body)
	}
}

func TestClient_overASocket(t *testing.T) {
	fake := rightechtest.New(t)
	client, err := rightech.New(fake.URL(), fake.Credentials())
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	u, err := client.CreateUser(t.Context(), ada())
	require.NoError(t, err)
	_, err = client.GetUser(t.Context(), u.ID)
	require.NoError(t, err)
}
