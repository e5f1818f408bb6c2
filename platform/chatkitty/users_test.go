package chatkitty_test

import (
	"encoding/json"
	"math"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestCreateUser_mapsTheProfile(t *testing.T) {
	fake := chatkittytest.New(t)
	params := jane()
	params.Profile.Guest = true
	params.Profile.Type = messembed.UserPerson
	u, err := fake.Client(t).CreateUser(t.Context(), params)
	require.NoError(t, err)

	sent := fake.Requests()[1]
	assert.JSONEq(t, `{"name":"jane@chatkitty.com","displayName":"Jane Doe","isGuest":true,"properties":{"favoriteNumber":42}}`, string(sent.Body))
	assert.Equal(t, "application/json", sent.Header.Get("Content-Type"))
	assert.Equal(t, "application/json", sent.Header.Get("Accept"))
	assert.Equal(t, "/v1/users", sent.Path)
	assert.Equal(t, "1", u.ID)
	assert.Equal(t, messembed.Profile{
		Username: "jane@chatkitty.com", DisplayName: "Jane Doe", AvatarURL: "https://api.chatkitty.com/v1/picture/Jane+Doe",
		Type: messembed.UserPerson, Guest: true,
	}, u.Profile)
	assert.Equal(t, messembed.Metadata{"favoriteNumber": 42.0}, u.ExternalMetadata)
	assert.Nil(t, u.PrivateExternalMetadata)
	assert.Zero(t, u.CreatedAt)
	assert.Equal(t, &messembed.Presence{UserID: "1", Status: messembed.PresenceOffline, Raw: "UNAVAILABLE"}, u.Presence)
	stored, ok := fake.User("1")
	require.True(t, ok)
	assert.JSONEq(t, string(stored.Raw), string(u.Raw))
	stored.Raw, u.Raw = nil, nil
	assert.Equal(t, stored, *u)
}

func TestCreateUser_sendsIsGuestWhenItIsFalse(t *testing.T) {
	fake := chatkittytest.New(t)
	_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{Profile: messembed.Profile{Username: "a", DisplayName: "b"}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"a","displayName":"b","isGuest":false}`, string(fake.Requests()[1].Body))
}

func TestCreateUser_refusesWhatCannotBeStored(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	cyclic := messembed.Metadata{}
	cyclic["self"] = cyclic
	for field, change := range map[string]func(*messembed.CreateUserParams){
		"ID:":                      func(p *messembed.CreateUserParams) { p.ID = "7" },
		"Profile.Username:":        func(p *messembed.CreateUserParams) { p.Profile.Username = "" },
		"Profile.Username: must":   func(p *messembed.CreateUserParams) { p.Profile.Username = "\xff" },
		"Profile.DisplayName:":     func(p *messembed.CreateUserParams) { p.Profile.DisplayName = "" },
		"Profile.AvatarURL:":       func(p *messembed.CreateUserParams) { p.Profile.AvatarURL = "https://example.com/a.png" },
		"Profile.Phone:":           func(p *messembed.CreateUserParams) { p.Profile.Phone = "1" },
		"Profile.Locale:":          func(p *messembed.CreateUserParams) { p.Profile.Locale = "en" },
		"Profile.Emails:":          func(p *messembed.CreateUserParams) { p.Profile.Emails = []messembed.Email{{Address: "a@b"}} },
		"Profile.Roles:":           func(p *messembed.CreateUserParams) { p.Profile.Roles = []string{"admin"} },
		"Profile.Type:":            func(p *messembed.CreateUserParams) { p.Profile.Type = messembed.UserBot },
		"PrivateExternalMetadata:": func(p *messembed.CreateUserParams) { p.PrivateExternalMetadata = messembed.Metadata{"a": 1} },
		"BlockStatus:":             func(p *messembed.CreateUserParams) { p.BlockStatus = messembed.BlockDeactivated },
		"Password:":                func(p *messembed.CreateUserParams) { p.Password = "secret" },
		"externalMetadata.a: must be a finite number": func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"a": math.NaN()} },
		"nested too deeply":                           func(p *messembed.CreateUserParams) { p.ExternalMetadata = cyclic },
		"externalMetadata.a[1].b: must be valid UTF-8": func(p *messembed.CreateUserParams) {
			p.ExternalMetadata = messembed.Metadata{"a": []any{1, map[string]any{"b": "\xff"}}}
		},
	} {
		t.Run(field, func(t *testing.T) {
			params := jane()
			change(&params)
			_, err := client.CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, field)
			_, _, err = client.EnsureUser(t.Context(), params)
			assert.ErrorIs(t, err, messembed.ErrInvalidArgument)
		})
	}
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "7", Password: "secret"})
	e := failure(t, err, messembed.ErrInvalidArgument)
	assert.Len(t, e.Details, 4, "everything that is wrong is said")
	assert.NotContains(t, err.Error(), "secret")
	assert.Empty(t, fake.Requests())
}

func TestCreateUser_takenNameIsClassified(t *testing.T) {
	for name, status := range map[string]int{"400": http.StatusBadRequest, "409": http.StatusConflict} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t, chatkittytest.WithDuplicateStatus(status))
			client := fake.Client(t)
			_, err := client.CreateUser(t.Context(), jane())
			require.NoError(t, err)
			_, err = client.CreateUser(t.Context(), jane())
			e := failure(t, err, messembed.ErrAlreadyExists)
			assert.Equal(t, "ClientError", e.Code)
			assert.Equal(t, status, e.StatusCode)
			assert.Equal(t, 1, e.Attempts)
			assert.False(t, e.MaybeApplied)
			assert.Equal(t, []string{"CreateUser", "CreateUser", "UserExists"}, operations(fake))
			assert.Equal(t, "name=jane%40chatkitty.com", fake.Requests()[3].Query)
		})
	}
}

func TestCreateUser_otherRefusalsAreNotAlreadyExists(t *testing.T) {
	for name, status := range map[string]int{"400": http.StatusBadRequest, "409": http.StatusConflict} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t)
			fake.FailNext(messembedtest.Fault{Op: "CreateUser", Status: status, Body: `{"error":"ClientError","message":"no","explanation":"because"}`})
			_, err := fake.Client(t).CreateUser(t.Context(), jane())
			require.NotErrorIs(t, err, messembed.ErrAlreadyExists)
			e := failure(t, err, messembed.ErrInvalidArgument)
			assert.Equal(t, []string{"because"}, e.Details)
			assert.Equal(t, "no", e.Message)
		})
	}
}

func TestCreateUser_lostAnswerIsSettled(t *testing.T) {
	fake := chatkittytest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})
	u, err := fake.Client(t).CreateUser(t.Context(), jane())
	require.NoError(t, err)
	assert.Equal(t, "1", u.ID)
	assert.Len(t, fake.Users(), 1)
	assert.Equal(t, []string{"CreateUser", "CreateUser", "UserExists", "FindUser"}, operations(fake))
}

func TestCreateUser_anothersUserIsNotTakenForTheLostOne(t *testing.T) {
	fake := chatkittytest.New(t)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane@chatkitty.com", DisplayName: "Another Jane"}})
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})
	_, err := fake.Client(t).CreateUser(t.Context(), jane())
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
}

func TestCreateUser_unsettledSaysSo(t *testing.T) {
	fake := chatkittytest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})
	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "UserExists", Status: http.StatusServiceUnavailable})
	}
	_, err := fake.Client(t).CreateUser(t.Context(), jane())
	e := failure(t, err, messembed.ErrUnavailable)
	assert.True(t, e.MaybeApplied)
	assert.Equal(t, 2, e.Attempts)
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

func TestDeleteUser(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	require.NoError(t, client.DeleteUser(t.Context(), id), "the answer is the application and is not read as a user")
	assert.Empty(t, fake.Users())
	require.ErrorIs(t, client.DeleteUser(t.Context(), id), messembed.ErrNotFound)
}

func TestDeleteUser_lostAnswer(t *testing.T) {
	for name, fault := range map[string]messembedtest.Fault{
		"connection reset": {Op: "DeleteUser", Reset: true, AfterApply: true},
		"answer cut short": {Op: "DeleteUser", Truncate: 3},
	} {
		t.Run(name, func(t *testing.T) {
			fake := chatkittytest.New(t)
			id := fake.AddUser(messembed.User{})
			fake.FailNext(fault)
			require.NoError(t, fake.Client(t).DeleteUser(t.Context(), id))
			assert.Empty(t, fake.Users())
		})
	}
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
	} {
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusOK, Body: body})
		_, err := client.GetUser(t.Context(), "1")
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
		assert.ErrorContains(t, err, says)
	}
	for body, id := range map[string]string{
		`{"id":null}`: "",
		`{"id":"12"}`: "12",
		`{"id":7,"properties":[1],"presence":"odd","isGuest":"yes","type":3,"_links":7,"displayName":null}`: "7",
	} {
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusOK, Body: body})
		u, err := client.GetUser(t.Context(), "1")
		require.NoError(t, err, body)
		assert.Equal(t, id, u.ID)
		assert.Nil(t, u.ExternalMetadata)
		assert.Nil(t, u.Presence)
		assert.JSONEq(t, body, string(u.Raw))
	}
}
