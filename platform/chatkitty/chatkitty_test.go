package chatkitty_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// roundTrip is a service of a single answer.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// jane is a user to create.
func jane() messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile:          messembed.Profile{Username: "jane@chatkitty.com", DisplayName: "Jane Doe"},
		ExternalMetadata: messembed.Metadata{"favoriteNumber": 42},
	}
}

// operations are those of the fake's requests, tokens left out.
func operations(fake *chatkittytest.Server) []string {
	var ops []string
	for _, r := range fake.Requests() {
		if r.Op != "Token" {
			ops = append(ops, r.Op)
		}
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
	for says, cred := range map[string]chatkitty.Credentials{
		"Credentials.ClientID: must not be empty":         {ClientSecret: "s"},
		"Credentials.ClientSecret: must not be empty":     {ClientID: "c"},
		"Credentials.ClientID: must not contain":          {ClientID: "c\n", ClientSecret: "s"},
		"Credentials.ClientSecret: must not contain":      {ClientID: "c", ClientSecret: "s\n"}, // as a mounted secret ends
		"Credentials.TokenURL: credentials require https": {ClientID: "c", ClientSecret: "s", TokenURL: "http://example.com/token"},
		"Credentials.TokenURL: must begin with":           {ClientID: "c", ClientSecret: "s", TokenURL: "token"},
	} {
		t.Run(says, func(t *testing.T) {
			_, err := chatkitty.New(chatkitty.BaseURL, cred)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, "invalid argument: "+says)
		})
	}
	_, err := chatkitty.New("", chatkitty.Credentials{ClientID: "c", ClientSecret: "s"})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	_, err = chatkitty.New(chatkitty.BaseURL, chatkitty.Credentials{ClientID: "c", ClientSecret: "s"})
	require.NoError(t, err)
}

func TestNew_asksTheServicesTokenEndpoint(t *testing.T) {
	var asked []string
	client, err := chatkitty.New(chatkitty.BaseURL, chatkitty.Credentials{ClientID: "c", ClientSecret: "s"},
		messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}),
		messembed.WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			_, _, basic := r.BasicAuth()
			asked = append(asked, fmt.Sprint(r.Method, " ", r.URL, " basic: ", basic))
			return nil, http.ErrServerClosed
		})))
	require.NoError(t, err)
	require.Error(t, client.CheckCredentials(t.Context()))
	assert.Equal(t, []string{"POST https://authorization.chatkitty.com/oauth/token basic: true"}, asked)
}

func TestPing(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	require.NoError(t, client.Ping(t.Context()))

	fake.FailNext(messembedtest.Fault{Op: "Ping", Status: http.StatusForbidden})
	require.NoError(t, client.Ping(t.Context()), "an error status is an answer")

	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "Ping", Refuse: true})
	}
	require.ErrorIs(t, client.Ping(t.Context()), messembed.ErrUnavailable)
}

func TestPing_needsNoGoodCredentials(t *testing.T) {
	fake := chatkittytest.New(t)
	cred := fake.Credentials()
	cred.ClientSecret = "another"
	client, err := chatkitty.New(fake.BaseURL(), cred, messembed.WithTransport(fake))
	require.NoError(t, err)
	require.NoError(t, client.Ping(t.Context()))
	require.ErrorIs(t, client.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)
}

func TestCheckCredentials(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	require.NoError(t, client.CheckCredentials(t.Context()))

	for name, broken := range map[string]struct {
		fault messembedtest.Fault
		kind  error
	}{
		"wrong path, answered by the service":    {messembedtest.Fault{Status: 404, Body: `{"error":"ResourceNotFoundError","message":"Resource not found"}`}, messembed.ErrUnsupported},
		"wrong path, answered by something else": {messembedtest.Fault{Status: 404, Body: `not found`}, messembed.ErrUnsupported},
		"an HTML page":                           {messembedtest.Fault{Status: 200, Body: `<html>`}, messembed.ErrInvalidResponse},
		"another object":                         {messembedtest.Fault{Status: 200, Body: `{}`}, messembed.ErrInvalidResponse},
		"forbidden":                              {messembedtest.Fault{Status: 403, Body: `{"error":"access_denied"}`}, messembed.ErrPermissionDenied},
	} {
		t.Run(name, func(t *testing.T) {
			broken.fault.Op = "CheckCredentials"
			fake.FailNext(broken.fault)
			assert.ErrorIs(t, client.CheckCredentials(t.Context()), broken.kind)
		})
	}
}

func TestClient_overASocket(t *testing.T) {
	fake := chatkittytest.New(t)
	client, err := chatkitty.New(fake.URL(), fake.Credentials())
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	u, err := client.CreateUser(t.Context(), jane())
	require.NoError(t, err)
	assert.Equal(t, "1", u.ID)
	require.NoError(t, client.CheckCredentials(t.Context()))
}
