package chatkitty_test

import (
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
