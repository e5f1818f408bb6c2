package rocketchat_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

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

// failure returns err as the SDK's error.
func failure(t *testing.T, err, kind error) *messembed.Error {
	t.Helper()
	require.ErrorIs(t, err, kind)
	e, ok := errors.AsType[*messembed.Error](err)
	require.True(t, ok, "%T", err)
	return e
}

// The service accepts a username as an id.
func TestGetUser_byUsername(t *testing.T) {
	fake := rocketchattest.New(t)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})

	_, err := fake.Client(t).GetUser(t.Context(), "ada")

	failure(t, err, messembed.ErrNotFound)
	assert.Equal(t, 200, fake.Requests()[0].Status)
}

func TestGetUser_profile(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithBasePath("/chat"))
	id := fake.AddUser(messembed.User{
		Profile:     messembed.Profile{Username: "ada", Roles: []string{"bot"}, AvatarURL: "https://elsewhere"},
		BlockStatus: messembed.BlockDeactivated,
		Presence:    &messembed.Presence{Status: "disabled", Text: "gone"},
		Raw:         json.RawMessage(`{"customFields":{"a":1,"b":null},"emails":[{"address":"a@b","verified":false},{"address":null},7],"zz":1,"phone":"+1"}`),
	})

	user, err := fake.Client(t).GetUser(t.Context(), id)

	require.NoError(t, err)
	assert.Equal(t, messembed.Metadata{"a": 1.0}, user.ExternalMetadata, "a null field counts as missing")
	assert.Equal(t, []messembed.Email{{Address: "a@b"}}, user.Profile.Emails)
	assert.Equal(t, "+1", user.Profile.Phone)
	assert.Equal(t, messembed.UserBot, user.Profile.Type)
	assert.Equal(t, messembed.BlockDeactivated, user.BlockStatus)
	assert.Equal(t, &messembed.Presence{UserID: id, Status: messembed.PresenceOffline, Text: "gone", Raw: "disabled"}, user.Presence)
	assert.Regexp(t, `^https://rocketchat\.test/chat/avatar/ada\?etag=\w{17}$`, user.Profile.AvatarURL)
	assert.Contains(t, string(user.Raw), `"zz":1`)
}

// Responses are not trusted.
func TestGetUser_oddAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		says string // "": it is taken
	}{
		"everything of another type": {
			`{"user":{"_id":"u","username":1,"emails":{},"roles":"admin","active":"no","customFields":[],"status":[],"phones":3},"success":true}`, "",
		},
		"an extended date":  {`{"user":{"_id":"u","createdAt":{"$date":1677779983415},"_updatedAt":{"$date":"2023-03-02T18:47:15.205Z"}}}`, ""},
		"no date":           {`{"user":{"_id":"u","createdAt":"yesterday"}}`, "createdAt"},
		"no date either":    {`{"user":{"_id":"u","_updatedAt":{"date":1}}}`, "_updatedAt"},
		"no user":           {`{"success":true}`, "user"},
		"a null user":       {`{"user":null}`, "_id"},
		"a user without id": {`{"user":{"name":"x"}}`, "_id"},
		"a list":            {`[]`, "unexpected JSON"},
		"a page":            {`<!DOCTYPE html><html></html>`, "HTML page"},
		"nothing":           {``, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t)
			fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: c.body, ContentType: "application/json"})

			user, err := fake.Client(t).GetUser(t.Context(), "u")

			if c.says == "" && c.body != "" {
				require.NoError(t, err)
				assert.Equal(t, "u", user.ID)
				assert.False(t, user.Blocked())
				return
			}
			assert.Contains(t, failure(t, err, messembed.ErrInvalidResponse).Error(), c.says)
		})
	}
}

func TestUpdateUser(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	user, err := client.CreateUser(t.Context(), params("ada"))
	require.NoError(t, err)
	text := func(s string) *string { return &s }

	updated, err := client.UpdateUser(t.Context(), user.ID, messembed.UpdateUserParams{
		BlockStatus: messembed.BlockDeactivated,
		Profile: &messembed.ProfileUpdate{
			Username: text("lovelace"), DisplayName: text("Ada Lovelace"), Phone: text("+44"),
			Emails: []messembed.Email{{Address: "lovelace@example.com", Verified: true}}, Roles: []string{"user", "moderator"},
		},
	})

	require.NoError(t, err)
	assert.Equal(t, user.ID, updated.ID)
	assert.Equal(t, messembed.Profile{
		Username: "lovelace", DisplayName: "Ada Lovelace", Phone: "+44", Type: messembed.UserPerson,
		Emails: []messembed.Email{{Address: "lovelace@example.com", Verified: true}}, Roles: []string{"user", "moderator"},
	}, updated.Profile)
	assert.True(t, updated.Blocked())
	assert.Equal(t, messembed.Metadata{"note": "ada"}, updated.ExternalMetadata, "fields that are not given are unchanged")
	assert.Equal(t, 1, count(fake, "UpdateUser"))

	updated, err = client.UpdateUser(t.Context(), user.ID, messembed.UpdateUserParams{RemoveBlockStatus: true, Profile: &messembed.ProfileUpdate{Phone: text("")}})
	require.NoError(t, err)
	assert.False(t, updated.Blocked())
	assert.Empty(t, updated.Profile.Phone)
	assert.Equal(t, map[string]any{"userId": user.ID, "data": map[string]any{"active": true, "phones": []any{}}}, sent(t, fake, "UpdateUser"))
}

// A guest is a user with the role guest; an update that does not give roles has to
// read the others first.
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

func TestDeleteUser_lastOwner(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{})
	fake.SetLastOwner(id, "general")

	e := failure(t, client.DeleteUser(t.Context(), id), messembed.ErrPermissionDenied)
	assert.Equal(t, "user-last-owner", e.Code)
	assert.Contains(t, e.Message, "ConfirmRelinquish")
	_, err := client.BlockUser(t.Context(), id)
	failure(t, err, messembed.ErrPermissionDenied)
	_, err = client.UpdateUser(t.Context(), id, messembed.UpdateUserParams{BlockStatus: messembed.BlockDeactivated})
	failure(t, err, messembed.ErrPermissionDenied)

	user, err := client.BlockUser(t.Context(), id, rocketchat.ConfirmRelinquish())
	require.NoError(t, err)
	assert.True(t, user.Blocked())
	fake.SetLastOwner(id, "general")
	require.NoError(t, client.DeleteUser(t.Context(), id, rocketchat.ConfirmRelinquish()))
	assert.Empty(t, fake.Users())
}

func TestDeleteUser_lostAnswer(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{})
	fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})

	require.NoError(t, fake.Client(t).DeleteUser(t.Context(), id))
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

func ops(fake *rocketchattest.Server) (names []string) {
	for _, request := range fake.Requests() {
		names = append(names, request.Op)
	}
	return names
}
