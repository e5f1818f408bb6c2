package chatkitty_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestGetUser(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{
		ID:      "9007199254740993", // no float64 has it
		Profile: messembed.Profile{Username: "bot", Type: messembed.UserBot},
		Raw:     json.RawMessage(`{"somethingNew":[1]}`),
	})
	require.Equal(t, "9007199254740993", id)
	u, err := client.GetUser(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, id, u.ID)
	assert.Equal(t, messembed.UserBot, u.Profile.Type)
	assert.False(t, u.Profile.Guest, "isGuest is not there when it is false")
	assert.Contains(t, string(u.Raw), `"somethingNew":[1]`)

	_, err = client.GetUser(t.Context(), "404")
	e := failure(t, err, messembed.ErrNotFound)
	assert.Equal(t, "ResourceNotFoundError", e.Code)
}

func TestIDs_thatAreNoneAreNotSent(t *testing.T) {
	fake := chatkittytest.New(t)
	client, ctx := fake.Client(t), t.Context()
	for _, id := range []string{"jane", "1.0", "1e3", "+1", "01", "-0", " 1", "9223372036854775808", "0x1", "1/../2", "１"} {
		_, err := client.GetUser(ctx, id)
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
		_, err = client.UpdateUser(ctx, id, messembed.UpdateUserParams{})
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
		assert.ErrorIs(t, client.DeleteUser(ctx, id), messembed.ErrInvalidArgument, id)
		_, err = client.GetPresence(ctx, id)
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
		assert.ErrorIs(t, client.SetPresence(ctx, id, messembed.SetPresenceParams{Status: messembed.PresenceOnline}), messembed.ErrInvalidArgument, id)
		_, err = client.SetUserPicture(ctx, id, messembed.Picture{URL: "https://example.com/a.png"})
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument, id)
	}
	assert.Empty(t, fake.Requests())
	_, err := client.GetUser(ctx, "-9223372036854775808")
	assert.ErrorIs(t, err, messembed.ErrNotFound)
}

func TestAnswers_areNotTrusted(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	for body, says := range map[string]string{
		`<html>`:          "HTML",
		``:                "empty",
		`[]`:              "unexpected JSON",
		`{"name":"jane"}`: "id: missing from the response",
		`{"id":1.5}`:      "id: not a 64-bit integer",
		`{"id":{}}`:       "id: not a 64-bit integer",
		`{"id":null}`:     "about another user",
		`{"id":2}`:        "about another user",
	} {
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusOK, Body: body})
		_, err := client.GetUser(t.Context(), "1")
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
		assert.ErrorContains(t, err, says)
	}
	for body, id := range map[string]string{
		`{"id":"12"}`: "12",
		`{"id":7,"properties":[1],"presence":"odd","isGuest":"yes","type":3,"_links":7,"displayName":null}`: "7",
	} {
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusOK, Body: body})
		u, err := client.GetUser(t.Context(), id)
		require.NoError(t, err, body)
		assert.Equal(t, id, u.ID)
		assert.Nil(t, u.ExternalMetadata)
		assert.Nil(t, u.Presence)
		assert.JSONEq(t, body, string(u.Raw))
	}
}

func TestEnsureUser_looksUpByName(t *testing.T) {
	for name, option := range map[string]chatkittytest.Option{
		"exact filter": func(*chatkittytest.Server) {}, "loose filter": chatkittytest.WithLooseNameFilter(), "snake case": chatkittytest.WithSnakeCase(),
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t, option)
			for range 120 { // more than a page of names that a loose filter finds first
				fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "x" + jane().Profile.Username + string(rune('a'+len(fake.Users())))}})
			}
			client := fake.Client(t)
			u, created, err := client.EnsureUser(t.Context(), jane())
			require.NoError(t, err)
			assert.True(t, created)
			again, created, err := client.EnsureUser(t.Context(), jane())
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, u.ID, again.ID)
		})
	}
}
