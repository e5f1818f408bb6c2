package rocketchat_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// params describe a user that the service can store.
func params(username string) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: username, DisplayName: "Name of " + username, Emails: []messembed.Email{{Address: username + "@example.com", Verified: true}},
		},
		ExternalMetadata: messembed.Metadata{"note": username},
	}
}

// sent returns the body of the last request of an operation.
func sent(t *testing.T, fake *rocketchattest.Server, op string) map[string]any {
	t.Helper()
	var body map[string]any
	for _, request := range fake.Requests() {
		if request.Op == op {
			body = nil
			require.NoError(t, json.Unmarshal(request.Body, &body))
		}
	}
	require.NotNil(t, body, "no request of %s", op)
	return body
}

func count(fake *rocketchattest.Server, op string) (n int) {
	for _, request := range fake.Requests() {
		if request.Op == op {
			n++
		}
	}
	return n
}

func ops(fake *rocketchattest.Server) (names []string) {
	for _, request := range fake.Requests() {
		names = append(names, request.Op)
	}
	return names
}

// failure returns err as the SDK's error.
func failure(t *testing.T, err, kind error) *messembed.Error {
	t.Helper()
	require.ErrorIs(t, err, kind)
	e, ok := errors.AsType[*messembed.Error](err)
	require.True(t, ok, "%T", err)
	return e
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNew_refused(t *testing.T) {
	good := rocketchat.Credentials{UserID: "u", AuthToken: "t"}
	for name, c := range map[string]struct {
		url  string
		cred rocketchat.Credentials
		opts []messembed.Option
		says string
	}{
		"no user id":        {"https://chat.test", rocketchat.Credentials{AuthToken: "t"}, nil, "Credentials.UserID: must not be empty"},
		"no token":          {"https://chat.test", rocketchat.Credentials{UserID: "u"}, nil, "Credentials.AuthToken: must not be empty"},
		"a broken user id":  {"https://chat.test", rocketchat.Credentials{UserID: "a\nb", AuthToken: "t"}, nil, "Credentials.UserID: value must not contain a line break"},
		"a broken token":    {"https://chat.test", rocketchat.Credentials{UserID: "u", AuthToken: "a\nb"}, nil, "Credentials.AuthToken: value must not contain a line break"},
		"no url":            {"", good, nil, "base URL: must not be empty"},
		"plain http":        {"http://chat.example.com", good, nil, "base URL: credentials require https"},
		"other credentials": {"https://chat.test", good, []messembed.Option{messembed.WithBasicAuth("a", "b")}, "credentials: only one"},
		"an option":         {"https://chat.test", good, []messembed.Option{messembed.WithLogger(nil)}, "WithLogger:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := rocketchat.New(c.url, c.cred, c.opts...)
			e := failure(t, err, messembed.ErrInvalidArgument)
			assert.Truef(t, strings.HasPrefix(e.Message, c.says), "%q", e.Message)
		})
	}
}

func TestPing(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, client.Ping(t.Context()))
	for status, kind := range map[int]error{
		401: nil, 403: nil, 429: nil, 404: messembed.ErrUnsupported, 502: messembed.ErrUnavailable, 301: messembed.ErrInvalidResponse,
	} {
		fake.FailNext(messembedtest.Fault{Op: "Ping", Status: status})
		assert.ErrorIs(t, client.Ping(t.Context()), kind, "%d", status)
	}
}

func TestCheckCredentials(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	require.NoError(t, client.CheckCredentials(t.Context()))
	fake.RevokeCredentials()
	failure(t, client.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)
	fake.FailNext(messembedtest.Fault{Op: "CheckCredentials", Status: 200, Body: `{}`})
	failure(t, client.CheckCredentials(t.Context()), messembed.ErrInvalidResponse)
}
