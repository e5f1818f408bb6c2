package rightech_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestCreateAccessToken_guess(t *testing.T) {
	fake := rightechtest.New(t)
	id := fake.AddUser(messembed.User{})
	token, err := fake.Client(t).CreateAccessToken(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, id, token.UserID)
	assert.NotEmpty(t, token.AccessToken)
	assert.Zero(t, token.ExpiresAt)
	sent := fake.Requests()[0]
	assert.Equal(t, "/api/v1/users/tokens", sent.Path)
	assert.JSONEq(t, `{"user":"`+id+`"}`, string(sent.Body))
}

func TestCreateAccessToken_otherShapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shape := rightech.TokenShape{
			UserField: "userId", TokenField: "jwt", Lifetime: time.Hour, ExpiresField: "until", Fields: map[string]any{"kind": "api"},
		}
		fake := rightechtest.New(t, rightechtest.WithTokenShape(shape), rightechtest.WithOpenTokenRoute())
		id := fake.AddUser(messembed.User{})
		token, err := fake.Client(t, rightech.WithTokenShape(shape)).CreateAccessToken(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, time.Now().Add(time.Hour).Truncate(time.Millisecond).UnixMilli(), token.ExpiresAt.UnixMilli())

		_, err = fake.Client(t).CreateAccessToken(t.Context(), id)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, "this service does not accept the guess")
	})
}

func TestCreateAccessToken_readsSeveralAnswers(t *testing.T) {
	fake := rightechtest.New(t)
	id := fake.AddUser(messembed.User{})
	client := fake.Client(t)
	for body, want := range map[string]string{
		`{"token":"a","success":true}`: "a", `{"accessToken":"b"}`: "b", `{"access_token":"c","token":""}`: "c", `"d"`: "d",
	} {
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 200, Body: body})
		token, err := client.CreateAccessToken(t.Context(), id)
		require.NoError(t, err, body)
		assert.Equal(t, want, token.AccessToken)
	}
	for _, body := range []string{`{}`, `{"token":7}`, `[]`, ``, `<html>`} {
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 200, Body: body})
		_, err := client.CreateAccessToken(t.Context(), id)
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
	}
	fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: 200, Body: `{"token":"a"}`})
	_, err := fake.Client(t, rightech.WithTokenShape(rightech.TokenShape{TokenField: "jwt"})).CreateAccessToken(t.Context(), id)
	require.ErrorIs(t, err, messembed.ErrInvalidResponse)
	assert.ErrorContains(t, err, "jwt")
}

func TestCreateAccessToken_unknownUser(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	const nobody = "5d8a18d5d0025e0012fb6a34"
	_, err := client.CreateAccessToken(t.Context(), nobody)
	require.ErrorIs(t, err, messembed.ErrNotFound)
	for _, status := range []int{http.StatusBadRequest, http.StatusInternalServerError} {
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: status})
		_, err = client.CreateAccessToken(t.Context(), nobody)
		require.ErrorIs(t, err, messembed.ErrNotFound)

		id := fake.AddUser(messembed.User{})
		fake.FailNext(messembedtest.Fault{Op: "CreateAccessToken", Status: status})
		_, err = client.CreateAccessToken(t.Context(), id)
		require.Error(t, err)
		require.NotErrorIs(t, err, messembed.ErrNotFound)
	}
}
