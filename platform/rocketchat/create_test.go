package rocketchat_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestCreateUser(t *testing.T) {
	fake := rocketchattest.New(t)
	p := params("ada")
	p.Password = "correct horse"
	p.BlockStatus = messembed.BlockDeactivated
	p.Profile.Roles, p.Profile.Guest = []string{"user"}, true

	user, err := fake.Client(t).CreateUser(t.Context(), p)

	require.NoError(t, err)
	assert.Len(t, user.ID, 17)
	assert.Equal(t, messembed.BlockDeactivated, user.BlockStatus)
	assert.True(t, user.Blocked())
	assert.Equal(t, messembed.Metadata{"note": "ada"}, user.ExternalMetadata)
	assert.WithinDuration(t, time.Now(), user.CreatedAt, time.Minute)
	assert.WithinDuration(t, time.Now(), user.UpdatedAt, time.Minute)
	assert.Equal(t, messembed.Profile{
		Username: "ada", DisplayName: "Name of ada", Emails: []messembed.Email{{Address: "ada@example.com", Verified: true}},
		Roles: []string{"user", "guest"}, Type: messembed.UserPerson, Guest: true,
	}, user.Profile)
	assert.Equal(t, &messembed.Presence{UserID: user.ID, Status: messembed.PresenceOffline, Raw: "offline"}, user.Presence)
	assert.Equal(t, map[string]any{
		"email": "ada@example.com", "name": "Name of ada", "password": "", "username": "ada", "active": false, "verified": true,
		"roles": []any{"user", "guest"}, "customFields": map[string]any{"note": "ada"},
	}, sent(t, fake, "CreateUser"))
}

func TestCreateUser_withoutPassword(t *testing.T) {
	fake := rocketchattest.New(t)

	_, err := fake.Client(t).CreateUser(t.Context(), params("ada"))

	require.NoError(t, err)
	assert.Equal(t, true, sent(t, fake, "CreateUser")["setRandomPassword"])
	decoded, err := rocketchat.Decode(&fake.Users()[0])
	require.NoError(t, err)
	assert.True(t, decoded.RequirePasswordChange)
}

// Parameters that cannot be stored are rejected before anything is sent.
func TestCreateUser_refused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*messembed.CreateUserParams)
		says   string
	}{
		"an id":              {func(p *messembed.CreateUserParams) { p.ID = "x" }, "ID:"},
		"private metadata":   {func(p *messembed.CreateUserParams) { p.PrivateExternalMetadata = messembed.Metadata{"a": 1} }, "PrivateExternalMetadata:"},
		"no username":        {func(p *messembed.CreateUserParams) { p.Profile.Username = "" }, "Profile.Username:"},
		"no name":            {func(p *messembed.CreateUserParams) { p.Profile.DisplayName = " " }, "Profile.DisplayName:"},
		"no e-mail":          {func(p *messembed.CreateUserParams) { p.Profile.Emails = nil }, "Profile.Emails:"},
		"an empty e-mail":    {func(p *messembed.CreateUserParams) { p.Profile.Emails = []messembed.Email{{}} }, "Profile.Emails:"},
		"two e-mails":        {func(p *messembed.CreateUserParams) { p.Profile.Emails = make([]messembed.Email, 2) }, "Profile.Emails:"},
		"another block":      {func(p *messembed.CreateUserParams) { p.BlockStatus = messembed.BlockCantSendAndReceive }, "BlockStatus:"},
		"a picture":          {func(p *messembed.CreateUserParams) { p.Profile.AvatarURL = "https://x" }, "Profile.AvatarURL:"},
		"a phone":            {func(p *messembed.CreateUserParams) { p.Profile.Phone = "+1" }, "Profile.Phone: Rocket.Chat has no phone field"},
		"a language":         {func(p *messembed.CreateUserParams) { p.Profile.Locale = "de" }, "Profile.Locale:"},
		"an app":             {func(p *messembed.CreateUserParams) { p.Profile.Type = messembed.UserApp }, "Profile.Type:"},
		"a bot without role": {func(p *messembed.CreateUserParams) { p.Profile.Type = messembed.UserBot }, "Profile.Type:"},
		"a broken name":      {func(p *messembed.CreateUserParams) { p.Profile.DisplayName = "\xff" }, "Profile.DisplayName:"},
		"a key with a dot":   {func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"a.b": 1} }, "externalMetadata.a.b:"},
		"a key with a dollar": {func(p *messembed.CreateUserParams) {
			p.ExternalMetadata = messembed.Metadata{"a": map[string]any{"$b": 1}}
		}, "externalMetadata.a.$b:"},
		"a key in a list": {func(p *messembed.CreateUserParams) {
			p.ExternalMetadata = messembed.Metadata{"l": []any{1, map[string]any{"x.y": 1}}}
		}, "externalMetadata.l[1].x.y:"},
		"an empty key":  {func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"": 1} }, "externalMetadata.: a key must not be empty"},
		"no JSON":       {func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"f": func() {}} }, "externalMetadata.f:"},
		"no UTF-8":      {func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"a": "\xff"} }, "externalMetadata.a: must be valid UTF-8"},
		"a key without": {func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"\xff": 1} }, "externalMetadata: a key must be valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t)
			p := params("ada")
			c.change(&p)

			_, err := fake.Client(t).CreateUser(t.Context(), p)

			e := failure(t, err, messembed.ErrInvalidArgument)
			assert.Contains(t, e.Message, c.says)
			assert.Zero(t, e.StatusCode)
			assert.Empty(t, fake.Requests())
		})
	}
}

// A bot is a user with the role bot.
func TestCreateUser_bot(t *testing.T) {
	fake := rocketchattest.New(t)
	p := params("robot")
	p.Profile.Type, p.Profile.Roles = messembed.UserBot, []string{"bot"}

	user, err := fake.Client(t).CreateUser(t.Context(), p)

	require.NoError(t, err)
	assert.Equal(t, messembed.UserBot, user.Profile.Type)
}

// The workspace silently drops custom fields that it does not define; the SDK
// reports them.
func TestCustomFields_undefined(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithCustomFields("note"))
	client := fake.Client(t)
	p := params("ada")
	p.ExternalMetadata = messembed.Metadata{"note": "x", "tier": "gold", "nothing": nil}

	_, err := client.CreateUser(t.Context(), p)

	e := failure(t, err, messembed.ErrInvalidArgument)
	assert.Contains(t, e.Message, "tier")
	assert.NotContains(t, e.Message, "nothing")
	assert.True(t, e.MaybeApplied, "the user is there")
	require.Len(t, fake.Users(), 1)

	_, err = client.UpdateUser(t.Context(), fake.Users()[0].ID, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"tier": 1}})
	assert.Contains(t, failure(t, err, messembed.ErrInvalidArgument).Message, "tier")
}

// A server that responds with another user has mixed up its responses.
func TestCreateUser_anotherUser(t *testing.T) {
	for body, kind := range map[string]error{
		`{"user":{"_id":"u","username":"bob"}}`: messembed.ErrInvalidResponse,
		`{"user":{"_id":"u","username":"ADA"}}`: nil,
		`{"user":{"_id":"u"}}`:                  nil,
	} {
		fake := rocketchattest.New(t)
		fake.FailNext(messembedtest.Fault{Op: "CreateUser", Status: 200, Body: body})
		p := params("ada")
		p.ExternalMetadata = nil

		_, err := fake.Client(t).CreateUser(t.Context(), p)

		require.ErrorIs(t, err, kind, body)
		if kind != nil {
			assert.True(t, failure(t, err, kind).MaybeApplied)
		}
	}
}

// A licence that is used up ends an import: no further row could be created.
func TestImportUsers_licenceUsedUp(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	for range 2 {
		fake.FailNext(messembedtest.Fault{Op: "CreateUser"})
	}
	fake.FailNext(messembedtest.Fault{
		Op: "CreateUser", Status: 400, Body: `{"success":false,"error":"Limit reached [error-license-user-limit-reached]","errorType":"error-license-user-limit-reached"}`,
	})
	var failed []int

	report, err := client.ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		for i := range 100 {
			if !yield(params(fmt.Sprint("user", i)), nil) {
				return
			}
		}
	}, messembed.ImportOptions{Concurrency: 1, OnRow: func(r messembed.ImportRow) {
		if r.Outcome == messembed.RowFailed {
			failed = append(failed, r.Row)
		}
	}})

	assert.Equal(t, "error-license-user-limit-reached", failure(t, err, messembed.ErrPermissionDenied).Code)
	assert.Equal(t, []int{3}, failed)
	assert.Equal(t, 2, report.Created)
	assert.Equal(t, 2, report.Through, "a later run goes on at the row that was refused")
	assert.Equal(t, 3, count(fake, "CreateUser"))
}

// A caller who must not deactivate leaves the new user active.
func TestCreateUser_notAllowedToDeactivate(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithoutPermissions("edit-other-user-active-status"))
	p := params("ada")
	p.BlockStatus = messembed.BlockDeactivated

	_, err := fake.Client(t).CreateUser(t.Context(), p)

	assert.True(t, failure(t, err, messembed.ErrPermissionDenied).MaybeApplied)
	assert.Len(t, fake.Users(), 1)
}

func TestCreateUser_lostAnswer(t *testing.T) {
	fake := rocketchattest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})

	user, err := fake.Client(t).CreateUser(t.Context(), params("ada"))

	require.NoError(t, err)
	assert.Equal(t, "ada", user.Profile.Username)
	assert.Len(t, fake.Users(), 1)
}

// Another user has the name, and a response was lost.
func TestCreateUser_lostAnswerOfATakenName(t *testing.T) {
	fake := rocketchattest.New(t)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", DisplayName: "Another"}})
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})

	_, err := fake.Client(t).CreateUser(t.Context(), params("ada"))

	e := failure(t, err, messembed.ErrAlreadyExists)
	assert.Equal(t, "error-field-unavailable", e.Code)
	assert.Equal(t, 400, e.StatusCode)
	assert.Equal(t, 2, e.Attempts)
}

// A row whose user exists is kept; one that only shares an e-mail address with
// somebody else was not imported, and must not count as if it was.
func TestImportUsers_emailOfSomebodyElse(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	_, err := client.CreateUser(t.Context(), params("ada"))
	require.NoError(t, err)
	bob := params("bob")
	bob.Profile.Emails = params("ada").Profile.Emails

	var errs []error
	report, err := client.ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		_ = yield(params("ada"), nil) && yield(bob, nil)
	}, messembed.ImportOptions{OnExisting: messembed.KeepExisting, OnRow: func(row messembed.ImportRow) { errs = append(errs, row.Err) }, Concurrency: 1})

	require.NoError(t, err)
	assert.Equal(t, 1, report.Kept)
	assert.Equal(t, 1, report.Failed)
	require.Len(t, errs, 2)
	require.NoError(t, errs[0])
	require.ErrorIs(t, errs[1], messembed.ErrAlreadyExists)
}
