package rocketchat_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestUpdateUser(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	user, err := client.CreateUser(t.Context(), params("ada"))
	require.NoError(t, err)
	text := func(s string) *string { return &s }

	updated, err := client.UpdateUser(t.Context(), user.ID, messembed.UpdateUserParams{
		BlockStatus: messembed.BlockDeactivated,
		Profile: &messembed.ProfileUpdate{
			Username: text("lovelace"), DisplayName: text("Ada Lovelace"),
			Emails: []messembed.Email{{Address: "lovelace@example.com", Verified: true}}, Roles: []string{"user", "moderator"},
		},
	})

	require.NoError(t, err)
	assert.Equal(t, user.ID, updated.ID)
	assert.Equal(t, messembed.Profile{
		Username: "lovelace", DisplayName: "Ada Lovelace", Type: messembed.UserPerson,
		Emails: []messembed.Email{{Address: "lovelace@example.com", Verified: true}}, Roles: []string{"user", "moderator"},
	}, updated.Profile)
	assert.True(t, updated.Blocked())
	assert.Equal(t, messembed.Metadata{"note": "ada"}, updated.ExternalMetadata, "fields that are not given are unchanged")
	assert.Equal(t, 1, count(fake, "UpdateUser"))

	updated, err = client.UpdateUser(t.Context(), user.ID, messembed.UpdateUserParams{RemoveBlockStatus: true})
	require.NoError(t, err)
	assert.False(t, updated.Blocked())
	assert.Equal(t, map[string]any{"userId": user.ID, "data": map[string]any{"active": true}}, sent(t, fake, "UpdateUser"))
}

// A guest is a user with the role guest; an update that does not give roles has
// to read the others first.
func TestUpdateUser_guest(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Roles: []string{"user", "moderator"}}})
	guest := func(is bool, roles ...string) *messembed.User {
		user, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Guest: &is, Roles: roles}})
		require.NoError(t, err)
		return user
	}

	assert.Equal(t, []string{"user", "moderator", "guest"}, guest(true).Profile.Roles)
	assert.True(t, guest(true).Profile.Guest)
	assert.Equal(t, []string{"user", "moderator"}, guest(false).Profile.Roles)
	assert.Equal(t, []string{"user", "guest"}, guest(true, "user").Profile.Roles)
}

// Very old servers keep a username that they cannot change, and say nothing.
func TestUpdateUser_keptUsername(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	ada := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "bob"}})
	for to, kind := range map[string]error{"bob": messembed.ErrAlreadyExists, "free": messembed.ErrInvalidArgument, " ada ": nil} {
		fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 200, Body: `{"user":{"_id":"` + ada + `","username":"ada"},"success":true}`})
		_, err := client.UpdateUser(t.Context(), ada, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Username: &to}})
		if kind == nil {
			require.NoError(t, err)
			continue
		}
		e := failure(t, err, kind)
		assert.Contains(t, e.Message, "Profile.Username: ")
		assert.True(t, e.MaybeApplied, "everything else was stored")
	}
}

func TestUpdateUser_replacesCustomFields(t *testing.T) {
	for name, c := range map[string]struct {
		opts     []rocketchattest.Option
		requests int
	}{
		"the server replaces": {[]rocketchattest.Option{rocketchattest.WithReplacedCustomFields()}, 1},
		"the server merges":   {[]rocketchattest.Option{rocketchattest.WithMergedCustomFields()}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t, c.opts...)
			client := fake.Client(t)
			id := fake.AddUser(messembed.User{ExternalMetadata: messembed.Metadata{"old": 1, "kept": "x"}})

			user, err := client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"kept": "y", "new": true}})

			require.NoError(t, err)
			assert.Equal(t, messembed.Metadata{"kept": "y", "new": true}, user.ExternalMetadata)
			assert.Equal(t, c.requests, count(fake, "UpdateUser"))
			read, err := client.GetUser(t.Context(), id)
			require.NoError(t, err)
			assert.Equal(t, user.ExternalMetadata, read.ExternalMetadata)
		})
	}
}

func TestUpdateUser_refused(t *testing.T) {
	text := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		p    messembed.UpdateUserParams
		says string
	}{
		"private metadata": {messembed.UpdateUserParams{PrivateExternalMetadata: messembed.Metadata{"a": 1}}, "PrivateExternalMetadata:"},
		"another block":    {messembed.UpdateUserParams{BlockStatus: "NOPE"}, "BlockStatus:"},
		"no username":      {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Username: text("")}}, "Profile.Username:"},
		"no name":          {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{DisplayName: text("")}}, "Profile.DisplayName:"},
		"no e-mail":        {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Emails: []messembed.Email{}}}, "Profile.Emails:"},
		"a picture":        {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{AvatarURL: text("https://x")}}, "Profile.AvatarURL:"},
		"a phone":          {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Phone: text("")}}, "Profile.Phone:"},
		"a language":       {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Locale: text("de")}}, "Profile.Locale:"},
		"an empty role":    {messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Roles: []string{""}}}, "Profile.Roles:"},
		"a key with NUL":   {messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"a\x00": 1}}, `externalMetadata.a\x00:`},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t)

			_, err := fake.Client(t).UpdateUser(t.Context(), "u", c.p)

			assert.Contains(t, failure(t, err, messembed.ErrInvalidArgument).Message, c.says)
			assert.Empty(t, fake.Requests())
		})
	}
}

// The service says the same for a taken username and for other reasons.
func TestUpdateUser_takenUsername(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	ada := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "bob"}})
	rename := func(to string) error {
		_, err := client.UpdateUser(t.Context(), ada, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Username: &to}})
		return err
	}

	e := failure(t, rename("bob"), messembed.ErrAlreadyExists)
	assert.Equal(t, "error-could-not-save-identity", e.Code)
	assert.Equal(t, 400, e.StatusCode)

	fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 400, Body: `{"success":false,"error":"Could not save user identity [error-could-not-save-identity]"}`})
	failure(t, rename("free"), messembed.ErrInvalidArgument)
	require.NoError(t, rename("ADA"), "the user's own name in another case")
}

// The response to blocking contains almost nothing of the user.
func TestBlockUser(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	var meta messembed.Meta

	user, err := client.BlockUser(t.Context(), id, messembed.WithMeta(&meta))

	require.NoError(t, err)
	assert.Equal(t, "ada", user.Profile.Username)
	assert.Equal(t, messembed.BlockDeactivated, user.BlockStatus)
	assert.Equal(t, 1, meta.Attempts)
	assert.Equal(t, []string{"BlockUser", "GetUser"}, ops(fake))

	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 403})
	_, err = client.UnblockUser(t.Context(), id)
	assert.True(t, failure(t, err, messembed.ErrPermissionDenied).MaybeApplied, "only reading it back failed")
	stored, _ := fake.User(id)
	assert.False(t, stored.Blocked())
}
