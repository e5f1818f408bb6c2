package rightech_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestGetUser(t *testing.T) {
	for name, options := range map[string][]rightechtest.Option{"as documented": nil, "whole": {rightechtest.WithFullReads()}} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t, options...)
			created, changed := time.UnixMilli(1781302873439).UTC(), time.UnixMilli(1781302934135).UTC()
			id := fake.AddUser(messembed.User{
				Profile:   messembed.Profile{Username: "jane", Phone: "1", Locale: "ru", Roles: []string{role}},
				CreatedAt: created, UpdatedAt: changed, BlockStatus: messembed.BlockDeactivated, Raw: json.RawMessage(`{"somethingNew":1}`),
			})
			client := fake.Client(t)
			u, err := client.GetUser(t.Context(), id)
			require.NoError(t, err)
			assert.True(t, u.Blocked())
			assert.Equal(t, "ru", u.Profile.Locale)
			assert.Equal(t, name == "whole", created.Equal(u.CreatedAt) && changed.Equal(u.UpdatedAt))
			assert.Contains(t, string(u.Raw), `"somethingNew":1`)
			_, err = client.GetUser(t.Context(), "5d8a18d5d0025e0012fb6a34")
			require.ErrorIs(t, err, messembed.ErrNotFound)
		})
	}
}

func TestEnsureUser(t *testing.T) {
	for name, options := range map[string][]rightechtest.Option{"": nil, "search without logins": {rightechtest.WithoutLoginSearch()}} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t, options...)
			fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada.lovelace.2", DisplayName: "ada.lovelace"}}) // found by the search, but a different user
			client := fake.Client(t)
			u, created, err := client.EnsureUser(t.Context(), ada())
			require.NoError(t, err)
			assert.True(t, created)
			again, created, err := client.EnsureUser(t.Context(), ada())
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, u.ID, again.ID)
		})
	}
}

func TestIDs_thatAreNoneAreNotSent(t *testing.T) {
	fake := rightechtest.New(t)
	client, ctx := fake.Client(t), t.Context()
	for _, id := range []string{"tokens", "5D8A18D5D0025E0012FB6A34", "5d8a18d5d0025e0012fb6a3", "5d8a18d5d0025e0012fb6a345", "5d8a18d5d0025e0012fb6a3/", "5d8a18d5d0025e0012fb6aé"} {
		_, err := client.GetUser(ctx, id)
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
		_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{})
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
		assert.ErrorIs(t, client.DeleteUser(ctx, id), messembed.ErrInvalidArgument, id)
		_, err = client.BlockUser(ctx, id)
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
		_, err = client.CreateAccessToken(ctx, id)
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
	}
	assert.Empty(t, fake.Requests())
}

func TestAnswers_areNotTrusted(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	get := func(body string) (*messembed.User, error) {
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusOK, Body: body})
		return client.GetUser(t.Context(), "5d8a18d5d0025e0012fb6a34")
	}
	for body, says := range map[string]string{
		"<html><title>200</title></html>":    "HTML",
		"":                                   "empty",
		"[]":                                 "unexpected JSON",
		`{"success":false}`:                  "_id: missing from the response",
		`{"_id":"5d8a18d5d0025e0012fb6a35"}`: "about another user",
		`{"_id":null}`:                       "about another user",
	} {
		_, err := get(body)
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
		assert.ErrorContains(t, err, says)
	}
	wrapped := `{"_id":"5d8a18d5d0025e0012fb6a34","login":"ada"}`
	u, err := get("[" + wrapped + "]")
	require.NoError(t, err)
	assert.Equal(t, "ada", u.Profile.Username)
	assert.JSONEq(t, wrapped, string(u.Raw))
	for fields, created := range map[string]time.Time{
		`"time":null,"email":7,"role":["a"],"disabled":"yes","phone":{}`: {},
		`"time":1.781302873439e12`:                                       time.UnixMilli(1781302873439).UTC(),
		`"time":"2026-01-01T00:00:00Z"`:                                  {},
		`"time":1e300,"_at":{}`:                                          {},
	} {
		body := `{"_id":"5d8a18d5d0025e0012fb6a34",` + fields + `}`
		u, err := get(body)
		require.NoError(t, err, body)
		assert.Equal(t, created, u.CreatedAt)
		assert.Zero(t, u.UpdatedAt)
		assert.False(t, u.Blocked())
		assert.Nil(t, u.Profile.Emails)
		assert.JSONEq(t, body, string(u.Raw))
	}
}
