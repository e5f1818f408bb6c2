package rocketchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestCreateAccessToken(t *testing.T) {
	for version, body := range map[string]map[string]any{
		"6.x": {"userId": "u1"},
		"7.x": {"userId": "u1"},
		"8.0": {"userId": "u1", "secret": ""},
		"8.7": {"userId": "u1", "secret": ""},
	} {
		t.Run(version, func(t *testing.T) {
			fake := rocketchattest.New(t, rocketchattest.WithServerVersion(version), rocketchattest.WithTokenSecret("secret-canary"))
			fake.AddUser(messembed.User{ID: "u1"})

			token, err := fake.Client(t).CreateAccessToken(t.Context(), "u1")

			require.NoError(t, err)
			assert.Equal(t, "u1", token.UserID)
			assert.Len(t, token.AccessToken, 43)
			assert.True(t, token.ExpiresAt.IsZero(), "the service does not report it")
			assert.Equal(t, body, sent(t, fake, "CreateAccessToken"))

			// The token logs that user in.
			own, err := rocketchat.New(fake.BaseURL(), rocketchat.Credentials{UserID: "u1", AuthToken: token.AccessToken}, messembed.WithTransport(fake))
			require.NoError(t, err)
			require.NoError(t, own.CheckCredentials(t.Context()))
			failure(t, own.DeleteUser(t.Context(), "u1"), messembed.ErrPermissionDenied)
		})
	}
}

func TestCreateAccessToken_refused(t *testing.T) {
	with := func(fake *rocketchattest.Server, secret string) *messembed.Client {
		cred := fake.Credentials()
		cred.TokenSecret = secret
		client, err := rocketchat.New(fake.BaseURL(), cred, messembed.WithTransport(fake))
		require.NoError(t, err)
		return client
	}
	fake := rocketchattest.New(t)
	fake.AddUser(messembed.User{ID: "u1"})

	_, err := with(fake, "wrong-canary").CreateAccessToken(t.Context(), "u1")
	e := failure(t, err, messembed.ErrPermissionDenied)
	assert.Equal(t, "error-not-authorized", e.Code)
	assert.Contains(t, e.Message, "CREATE_TOKENS_FOR_USERS_SECRET")
	assert.NotContains(t, e.Error(), "canary")

	_, err = with(fake, "").CreateAccessToken(t.Context(), "u1")
	assert.Contains(t, failure(t, err, messembed.ErrInvalidArgument).Message, "Credentials.TokenSecret")

	fake = rocketchattest.New(t, rocketchattest.WithServerVersion("7.x"), rocketchattest.WithTokenSecret(""))
	fake.AddUser(messembed.User{ID: "u1"})
	_, err = fake.Client(t).CreateAccessToken(t.Context(), "u1")
	failure(t, err, messembed.ErrPermissionDenied)
}

func TestCreateAccessToken_oddAnswers(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	for _, body := range []string{`{"success":true}`, `{"data":{"authToken":null}}`, `{"data":[]}`, `{"data":{"userId":"u2","authToken":"t"}}`} {
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 200, Body: body})
		_, err := client.CreateAccessToken(t.Context(), "u1")
		assert.True(t, failure(t, err, messembed.ErrInvalidResponse).MaybeApplied)
	}
	fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 200, Body: `{"data":{"authToken":"t"}}`})
	token, err := client.CreateAccessToken(t.Context(), "u1")
	require.NoError(t, err)
	assert.Equal(t, "u1", token.UserID)
}
