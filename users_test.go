package messembed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestUsers_roundTrip(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	ctx := t.Context()

	created, err := client.CreateUser(ctx, messembed.CreateUserParams{
		ID:                      "ада/1",
		ExternalMetadata:        md{"name": "Ада", "emoji": "😀", "nested": md{"z": 1, "list": []any{1.5, nil}}},
		PrivateExternalMetadata: md{"plan": "gold"},
		BlockStatus:             messembed.BlockCantSendAndReceive,
	})
	require.NoError(t, err)
	assert.Equal(t, "ада/1", created.ID)
	assert.False(t, created.CreatedAt.IsZero())
	assert.True(t, created.UpdatedAt.IsZero())
	assert.True(t, created.Blocked())
	assert.Equal(t, created.CreatedAt, created.BlockStatusUpdatedAt)
	assert.Contains(t, string(created.Raw), `"__v":0`)

	read, err := client.GetUser(ctx, "ада/1")
	require.NoError(t, err)
	assert.Equal(t, created, read)

	_, err = client.CreateUser(ctx, messembed.CreateUserParams{ID: "ада/1"})
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	_, err = client.GetUser(ctx, "nobody")
	require.ErrorIs(t, err, messembed.ErrNotFound)
	_, err = client.UpdateUser(ctx, "nobody", messembed.UpdateUserParams{})
	require.ErrorIs(t, err, messembed.ErrNotFound)

	updated, err := client.UpdateUser(ctx, "ада/1", messembed.UpdateUserParams{ExternalMetadata: md{"name": "Ада Л."}, RemoveBlockStatus: true})
	require.NoError(t, err)
	assert.Equal(t, md{"name": "Ада Л."}, updated.ExternalMetadata, "replaced, not merged")
	assert.Equal(t, md{"plan": "gold"}, updated.PrivateExternalMetadata, "not given, so it stays")
	assert.False(t, updated.Blocked())

	emptied, err := client.UpdateUser(ctx, "ада/1", messembed.UpdateUserParams{PrivateExternalMetadata: md{}})
	require.NoError(t, err)
	assert.Empty(t, emptied.PrivateExternalMetadata)

	blocked, err := client.BlockUser(ctx, "ада/1")
	require.NoError(t, err)
	assert.Equal(t, messembed.BlockCantSendAndReceive, blocked.BlockStatus)
	again, err := client.BlockUser(ctx, "ада/1")
	require.NoError(t, err)
	assert.Equal(t, blocked.BlockStatusUpdatedAt, again.BlockStatusUpdatedAt)
	unblocked, err := client.UnblockUser(ctx, "ада/1")
	require.NoError(t, err)
	assert.False(t, unblocked.Blocked())
	_, err = client.BlockUser(ctx, "nobody")
	require.ErrorIs(t, err, messembed.ErrNotFound)
}

func TestDeleteUser_withoutARoute(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	ctx := t.Context()
	fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: md{"name": "Ada"}, PrivateExternalMetadata: md{"plan": "gold"}})
	fake.AddUser(messembed.User{ID: "bob"})

	require.NoError(t, client.DeleteUser(ctx, "ada"))

	stored, _ := fake.User("ada")
	assert.Empty(t, stored.ExternalMetadata)
	assert.Equal(t, messembed.BlockCantSendAndReceive, stored.BlockStatus)
	assert.Len(t, stored.PrivateExternalMetadata, 1)
	at, err := time.Parse(time.RFC3339, stored.PrivateExternalMetadata["messembedDeletedAt"].(string))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), at, 5*time.Second)

	_, err = client.GetUser(ctx, "ada")
	require.ErrorIs(t, err, messembed.ErrNotFound)
	_, err = client.ModifyUser(ctx, "ada", func(*messembed.User) error { return nil })
	require.ErrorIs(t, err, messembed.ErrNotFound)
	_, err = client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	for user, err := range client.Users(ctx) {
		require.NoError(t, err)
		assert.Equal(t, "bob", user.ID)
	}
	page, err := client.ListUsers(ctx, messembed.ListUsersParams{})
	require.NoError(t, err)
	assert.Len(t, page.Users, 1)
	assert.Equal(t, 1, page.TotalCount)
	page, err = client.ListUsers(ctx, messembed.ListUsersParams{IncludeDeleted: true})
	require.NoError(t, err)
	require.Len(t, page.Users, 2)
	assert.Equal(t, 2, page.TotalCount)
	assert.True(t, page.Users[0].Deleted())

	before := len(fake.Requests())
	require.NoError(t, client.DeleteUser(ctx, "ada"), "deleting again is no error")
	assert.Len(t, fake.Requests(), before+1, "that there is no route is remembered")
	require.ErrorIs(t, client.DeleteUser(ctx, "nobody"), messembed.ErrNotFound)
}

func TestDeleteUser_withARoute(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
	fake.AddUser(messembed.User{ID: "ada"})
	client := fake.Client(t)
	require.NoError(t, client.DeleteUser(t.Context(), "ada"))
	assert.Empty(t, fake.Users())
	assert.Len(t, fake.Requests(), 1)
	require.ErrorIs(t, client.DeleteUser(t.Context(), "ada"), messembed.ErrNotFound)
}

func TestDeleteUser_methodNotAllowed(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "ada"})
	fake.FailNext(messembedtest.Fault{Status: 405})
	require.NoError(t, fake.Client(t).DeleteUser(t.Context(), "ada"))
	stored, _ := fake.User("ada")
	assert.Contains(t, stored.PrivateExternalMetadata, "messembedDeletedAt")
}

// A wrong base URL is not taken for a service without the route.
func TestDeleteUser_wrongBaseURL(t *testing.T) {
	fake := messembedtest.New(t)
	client, err := messembed.New(fake.BaseURL()+"/nowhere", messembed.WithTransport(fake))
	require.NoError(t, err)
	for range 2 {
		require.ErrorIs(t, client.DeleteUser(t.Context(), "ada"), messembed.ErrUnsupported)
	}
	assert.Len(t, fake.Requests(), 4, "DELETE and PATCH, each time")
}

func TestEnsureUser(t *testing.T) {
	params := messembed.CreateUserParams{ID: "ada", ExternalMetadata: md{"name": "Ada"}}
	t.Run("creates", func(t *testing.T) {
		fake := messembedtest.New(t)
		user, created, err := fake.Client(t).EnsureUser(t.Context(), params)
		require.NoError(t, err)
		assert.True(t, created)
		assert.Equal(t, "Ada", user.ExternalMetadata["name"])
	})
	t.Run("leaves as it is", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: md{"name": "Other"}, BlockStatus: messembed.BlockCantSendAndReceive})
		user, created, err := fake.Client(t).EnsureUser(t.Context(), params)
		require.NoError(t, err)
		assert.False(t, created)
		assert.Equal(t, "Other", user.ExternalMetadata["name"])
		assert.True(t, user.Blocked())
	})
	for name, withMetadata := range map[string]messembed.CreateUserParams{"with metadata": params, "bare": {ID: "ada"}, "blocked": {ID: "ada", BlockStatus: messembed.BlockCantSendAndReceive}} {
		t.Run("brings back to life "+name, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			fake.AddUser(messembed.User{ID: "ada", PrivateExternalMetadata: md{"old": 1}})
			require.NoError(t, client.DeleteUser(t.Context(), "ada"))
			user, created, err := client.EnsureUser(t.Context(), withMetadata)
			require.NoError(t, err)
			assert.True(t, created)
			assert.False(t, user.Deleted())
			assert.Equal(t, withMetadata.BlockStatus, user.BlockStatus)
			assert.Len(t, user.ExternalMetadata, len(withMetadata.ExternalMetadata))
			assert.Empty(t, user.PrivateExternalMetadata)
		})
	}
	t.Run("many at once create one", func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		createdBy := 0
		for range 32 {
			wg.Go(func() {
				_, created, err := client.EnsureUser(t.Context(), params)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				if created {
					createdBy++
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 1, createdBy)
		assert.Len(t, fake.Users(), 1)
	})
}

func TestModifyUser(t *testing.T) {
	setUp := func(t *testing.T) (*messembedtest.Server, *messembed.Client) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: md{"name": "Ada", "tags": []any{"x"}}, PrivateExternalMetadata: md{"plan": "gold"}})
		return fake, fake.Client(t)
	}
	t.Run("sends what differs", func(t *testing.T) {
		fake, client := setUp(t)
		user, err := client.ModifyUser(t.Context(), "ada", func(u *messembed.User) error {
			u.ExternalMetadata["tags"].([]any)[0] = "y"
			u.BlockStatus = messembed.BlockCantSendAndReceive
			return nil
		})
		require.NoError(t, err)
		assert.Equal(t, md{"name": "Ada", "tags": []any{"y"}}, user.ExternalMetadata)
		assert.True(t, user.Blocked())
		assert.JSONEq(t, `{"externalMetadata":{"name":"Ada","tags":["y"]},"blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}`, string(fake.Requests()[1].Body))
	})
	t.Run("sends nothing when nothing differs", func(t *testing.T) {
		fake, client := setUp(t)
		_, err := client.ModifyUser(t.Context(), "ada", func(u *messembed.User) error {
			u.ExternalMetadata["name"] = "Ada"
			return nil
		})
		require.NoError(t, err)
		assert.Len(t, fake.Requests(), 1)
	})
	t.Run("empties and unblocks", func(t *testing.T) {
		fake, client := setUp(t)
		_, err := client.BlockUser(t.Context(), "ada")
		require.NoError(t, err)
		user, err := client.ModifyUser(t.Context(), "ada", func(u *messembed.User) error {
			u.PrivateExternalMetadata, u.BlockStatus = nil, ""
			return nil
		})
		require.NoError(t, err)
		assert.Empty(t, user.PrivateExternalMetadata)
		assert.False(t, user.Blocked())
		assert.Len(t, fake.Requests(), 3)
	})
	t.Run("the change's own error", func(t *testing.T) {
		fake, client := setUp(t)
		own := errors.New("changed my mind")
		_, err := client.ModifyUser(t.Context(), "ada", func(*messembed.User) error { return own })
		assert.Equal(t, own, err)
		assert.Len(t, fake.Requests(), 1)
	})
	t.Run("the id", func(t *testing.T) {
		_, client := setUp(t)
		_, err := client.ModifyUser(t.Context(), "ada", func(u *messembed.User) error { u.ID = "eve"; return nil })
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.ErrorContains(t, err, "ID")
	})
}

func TestProfile_metadata(t *testing.T) {
	profile := messembed.Profile{
		Username: "ada", DisplayName: "Ada L.", AvatarURL: "https://pics.example.com/ada.png", Phone: "+1", Locale: "en", Guest: true,
		Emails: []messembed.Email{{Address: "a@x"}, {Address: "b@x"}}, Roles: []string{"admin"}, Type: messembed.UserBot,
	}
	assert.Equal(t, md{
		"name": "Ada L.", "username": "ada", "avatar": "https://pics.example.com/ada.png", "phone": "+1", "locale": "en", "guest": true,
		"email": "a@x", "emails": []any{"a@x", "b@x"}, "roles": []any{"admin"}, "type": "bot",
	}, profile.Metadata())
	assert.Empty(t, messembed.Profile{}.Metadata())
}

func TestEnsureUser_tooLargeIsNotSent(t *testing.T) {
	fake := messembedtest.New(t)
	_, _, err := fake.Client(t).EnsureUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: md{"x": strings.Repeat("x", 110_000)}})
	require.ErrorIs(t, err, messembed.ErrTooLarge)
	assert.Empty(t, fake.Requests())
}

func TestCreateUserParams_hideThePassword(t *testing.T) {
	p := messembed.CreateUserParams{ID: "ada", Password: "pw-canary"}
	failure := messembed.ImportRow{Row: 1, Params: p}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		for _, value := range []any{p, &p, failure, []messembed.CreateUserParams{p}} {
			assert.NotContains(t, fmt.Sprintf(verb, value), "canary")
		}
	}
	assert.Contains(t, fmt.Sprintf("%+v", p), "ID:ada")
	assert.NotContains(t, slog.AnyValue(p).Resolve().String(), "canary")
	assert.Equal(t, "pw-canary", p.Password)
}

func TestValues_printShort(t *testing.T) {
	raw := []byte(`{"_id":"x"}`)
	user := &messembed.User{ID: "ada", ExternalMetadata: md{"name": "Ada"}, Raw: raw}
	assert.Equal(t, `User{ID:"ada" ExternalMetadata:map[name:Ada] BlockStatus:""}`, fmt.Sprint(user))
	assert.Equal(t, `Chat{ID:1 Active:true Companions:"ada",""}`, fmt.Sprint(&messembed.Chat{ID: "1", Active: true, FirstCompanion: user, Raw: raw}))
	assert.Equal(t, `Message{ID:2 ChatID:1 UserID:"ada" Content:"hi"}`, fmt.Sprint(&messembed.Message{ID: "2", ChatID: "1", UserID: "ada", Content: "hi", Raw: raw}))
}

// A deleted user that looks like the requested one is not what a create made.
func TestCreateUser_lostAnswerAndADeletedUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: md{"name": "Ada"}, DeletedAt: time.Now()})
		fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})
		_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: md{"name": "Ada"}})
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	})
}

// What a platform finds after a lost answer is the user that was asked for, or
// somebody else.
func TestCreateUser_lostAnswerOnAnotherPlatform(t *testing.T) {
	emails := func(addresses ...string) (list []messembed.Email) {
		for _, address := range addresses {
			list = append(list, messembed.Email{Address: address, Verified: true})
		}
		return list
	}
	type profile = messembed.Profile
	for name, tc := range map[string]struct {
		stored messembed.User
		asked  profile
		taken  bool
	}{
		"nothing more":           {messembed.User{Profile: profile{Username: "ada", Emails: emails("a@x.org"), Roles: []string{"user"}}}, profile{}, false},
		"deleted":                {messembed.User{DeletedAt: time.Now()}, profile{}, true},
		"blocked":                {messembed.User{BlockStatus: messembed.BlockCantSendAndReceive}, profile{}, true},
		"the same addresses":     {messembed.User{Profile: profile{Emails: emails("a@x.org", "b@x.org")}}, profile{Emails: emails("a@x.org", "b@x.org")}, false},
		"one address more":       {messembed.User{Profile: profile{Emails: emails("a@x.org", "b@x.org")}}, profile{Emails: emails("a@x.org")}, false},
		"one address less":       {messembed.User{Profile: profile{Emails: emails("a@x.org")}}, profile{Emails: emails("a@x.org", "b@x.org")}, true},
		"another second address": {messembed.User{Profile: profile{Emails: emails("a@x.org", "c@x.org")}}, profile{Emails: emails("a@x.org", "b@x.org")}, true},
		"one role more":          {messembed.User{Profile: profile{Roles: []string{"user", "bot"}}}, profile{Roles: []string{"bot"}}, false},
		"one role less":          {messembed.User{Profile: profile{Roles: []string{"user"}}}, profile{Roles: []string{"user", "bot"}}, true},
		"a guest":                {messembed.User{Profile: profile{Guest: true}}, profile{Guest: true}, false},
		"no guest":               {messembed.User{}, profile{Guest: true}, true},
		"another username":       {messembed.User{Profile: profile{Username: "bob"}}, profile{Username: "ada"}, true},
		"another name":           {messembed.User{Profile: profile{DisplayName: "Bob"}}, profile{DisplayName: "Ada"}, true},
		"another avatar":         {messembed.User{Profile: profile{AvatarURL: "https://x.org/b"}}, profile{AvatarURL: "https://x.org/a"}, true},
		"another phone":          {messembed.User{Profile: profile{Phone: "2"}}, profile{Phone: "1"}, true},
		"another locale":         {messembed.User{Profile: profile{Locale: "de"}}, profile{Locale: "en"}, true},
		"all that was asked for": {messembed.User{Profile: profile{Username: "ada", DisplayName: "Ada", AvatarURL: "https://x.org/a", Phone: "1", Locale: "en"}}, profile{Username: "ada", DisplayName: "Ada", AvatarURL: "https://x.org/a", Phone: "1", Locale: "en"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			client := messembedtest.New(t).Client(t, messembed.WithPlatform(losingAnswers{stored: &tc.stored}))
			user, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", Profile: tc.asked})
			if tc.taken {
				require.ErrorIs(t, err, messembed.ErrAlreadyExists)
				return
			}
			require.NoError(t, err)
			assert.Same(t, &tc.stored, user)
		})
	}
}

// losingAnswers is a platform on which every answer to a create is lost.
type losingAnswers struct {
	listing
	stored *messembed.User
}

func (losingAnswers) CreateUser(context.Context, *messembed.Call, messembed.CreateUserParams) (*messembed.User, error) {
	return nil, &messembed.Error{Op: "CreateUser", Kind: messembed.ErrAlreadyExists, MaybeApplied: true}
}

func (l losingAnswers) FindUser(context.Context, *messembed.Call, string) (*messembed.User, error) {
	return l.stored, nil
}

// Of a profile what was changed is sent; a list that was emptied is an empty one.
func TestModifyUser_lists(t *testing.T) {
	ada := messembed.User{ID: "ada", Profile: messembed.Profile{
		Username: "ada", Emails: []messembed.Email{{Address: "a@x.org"}}, Roles: []string{"user"},
	}}
	more := []messembed.Email{{Address: "a@x.org"}, {Address: "b@x.org"}}
	for name, tc := range map[string]struct {
		change func(p *messembed.Profile)
		want   messembed.ProfileUpdate
	}{
		"one address more": {func(p *messembed.Profile) { p.Emails = more }, messembed.ProfileUpdate{Emails: more}},
		"no address":       {func(p *messembed.Profile) { p.Emails = nil }, messembed.ProfileUpdate{Emails: []messembed.Email{}}},
		"another role":     {func(p *messembed.Profile) { p.Roles = []string{"bot"} }, messembed.ProfileUpdate{Roles: []string{"bot"}}},
		"no role":          {func(p *messembed.Profile) { p.Roles = nil }, messembed.ProfileUpdate{Roles: []string{}}},
		"a guest":          {func(p *messembed.Profile) { p.Guest = true }, messembed.ProfileUpdate{Guest: new(true)}},
	} {
		t.Run(name, func(t *testing.T) {
			var sent messembed.UpdateUserParams
			client := messembedtest.New(t).Client(t, messembed.WithPlatform(editing{stored: ada, sent: &sent}))
			_, err := client.ModifyUser(t.Context(), "ada", func(u *messembed.User) error { tc.change(&u.Profile); return nil })
			require.NoError(t, err)
			assert.Equal(t, messembed.UpdateUserParams{Profile: &tc.want}, sent)
		})
	}
}

// editing is a platform with one user, that remembers what was sent last.
type editing struct {
	listing
	stored messembed.User
	sent   *messembed.UpdateUserParams
}

func (e editing) GetUser(context.Context, *messembed.Call, string) (*messembed.User, error) {
	return &e.stored, nil
}

func (e editing) UpdateUser(_ context.Context, _ *messembed.Call, _ string, p messembed.UpdateUserParams) (*messembed.User, error) {
	*e.sent = p
	return &e.stored, nil
}

func TestSetUserPicture_urls(t *testing.T) {
	client := messembedtest.New(t).Client(t, messembed.WithPlatform(pictured{}))
	for url, taken := range map[string]bool{
		"https://pics.example.com/ada.png": true, "http://pics.example.com/ada.png": true,
		"ftp://pics.example.com/ada.png": false, "https:ada.png": false, "//pics.example.com/ada.png": false, "https://pics example.com/": false,
	} {
		_, err := client.SetUserPicture(t.Context(), "ada", messembed.Picture{URL: url})
		if taken {
			require.NoError(t, err, url)
		} else {
			require.ErrorIs(t, err, messembed.ErrInvalidArgument, url)
		}
	}
}

// pictured is a platform that takes every picture.
type pictured struct{ listing }

func (pictured) SetUserPicture(context.Context, *messembed.Call, string, messembed.Picture) (*messembed.User, error) {
	return new(messembed.User), nil
}

// The server takes such an id, and then cannot show the user's chats.
func TestCreateUser_namesOfEveryObject(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for _, id := range []string{"constructor", "__proto__", "toString", "hasOwnProperty", "valueOf", "__defineGetter__"} {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.ErrorContains(t, err, "ID: ")
	}
	assert.Empty(t, fake.Requests())
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "Constructor"})
	require.NoError(t, err)
}

// What an attempt that was certainly not carried out met later is somebody
// else's: only a lost answer is settled.
func TestSettling_onlyAfterDoubt(t *testing.T) {
	body := `{"statusCode":401,"message":"Unauthorized"}`
	for name, certain := range map[string]messembedtest.Fault{
		"429": {Status: 429}, "503": {Status: 503}, "refused": {Refuse: true}, "renewed token": {Status: 401, Body: body},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithDeleteRoute(), messembedtest.WithClientCredentials("id", "secret"))
				client := fake.Client(t)
				p := numberedUser(1)
				fake.AddUser(messembed.User{ID: p.ID, ExternalMetadata: p.ExternalMetadata})

				certain.Op = "CreateUser"
				fake.FailNext(certain)
				_, err := client.CreateUser(t.Context(), p)
				require.ErrorIs(t, err, messembed.ErrAlreadyExists)
				assert.NotContains(t, err.Error(), "may have been carried out")

				fake.FailNext(certain)
				report, err := client.ImportUsers(t.Context(), rowsOf(p), messembed.ImportOptions{OnExisting: messembed.FailOnExisting})
				require.NoError(t, err)
				assert.Equal(t, messembed.ImportProgress{Read: 1, Failed: 1}, counts(report))

				certain.Op = "DeleteUser"
				fake.FailNext(certain)
				require.ErrorIs(t, client.DeleteUser(t.Context(), "nobody"), messembed.ErrNotFound)
			})
		})
	}
}

// The JSON of what the client returns has camelCase words, nothing that is zero
// and not Raw, and can be read back.
func TestJSON(t *testing.T) {
	at := time.Date(2026, 11, 21, 19, 52, 34, 374e6, time.UTC)
	user := &messembed.User{
		ID: "ada", CreatedAt: at, ExternalMetadata: md{"name": "Ada"}, PrivateExternalMetadata: md{}, Raw: []byte(`{"secret":1}`),
		Profile:  messembed.Profile{AvatarURL: "https://x/a.png", Emails: []messembed.Email{{Address: "a@x", Verified: true}}},
		Presence: &messembed.Presence{UserID: "ada", Status: messembed.PresenceAway, Raw: "away"},
	}
	message := &messembed.Message{ID: "m", ChatID: "c", UserID: "ada", Content: "hi", Attachments: []messembed.Attachment{{"url": "u"}}, DeletedFor: []string{"bob"}}
	for _, tt := range []struct {
		name     string
		value    any
		readBack any
		want     string
	}{
		{"user", user, new(messembed.User), `{"id":"ada","createdAt":"2026-11-21T19:52:34.374Z","externalMetadata":{"name":"Ada"},"privateExternalMetadata":{},` +
			`"profile":{"avatarUrl":"https://x/a.png","emails":[{"address":"a@x","verified":true}]},"presence":{"userId":"ada","status":"away"}}`},
		{"nothing", new(messembed.User), new(messembed.User), `{}`},
		{"message", message, new(messembed.Message), `{"id":"m","chatId":"c","userId":"ada","content":"hi","attachments":[{"url":"u"}],"deletedFor":["bob"]}`},
		{"chat", &messembed.Chat{ID: "c", Active: true, FirstCompanion: &messembed.User{ID: "ada"}, LastMessage: message, NotReadBySecondCompanionMessagesCount: 2},
			new(messembed.Chat), `{"id":"c","active":true,"firstCompanion":{"id":"ada"},"lastMessage":{"id":"m","chatId":"c","userId":"ada","content":"hi",` +
				`"attachments":[{"url":"u"}],"deletedFor":["bob"]},"notReadBySecondCompanionMessagesCount":2}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := json.Marshal(tt.value)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(data))
			require.NoError(t, json.Unmarshal(data, tt.readBack))
			again, err := json.Marshal(tt.readBack)
			require.NoError(t, err)
			assert.Equal(t, tt.want, string(again))
		})
	}
}

func TestLostAnswers(t *testing.T) {
	lost := messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true}
	params := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada", "age": 36, "tags": []string{"x"}}}

	t.Run("settled as created", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.FailNext(lost)
			user, err := fake.Client(t).CreateUser(t.Context(), params)
			require.NoError(t, err)
			assert.Equal(t, "Ada", user.ExternalMetadata["name"])
			assert.Len(t, fake.Users(), 1)
		})
	})
	t.Run("something else is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Another"}})
			fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})
			_, err := fake.Client(t).CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrAlreadyExists)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Equal(t, 2, failure.Attempts, "the look-up does not count")
			assert.False(t, failure.MaybeApplied)
		})
	})
	t.Run("the look-up fails", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.FailNext(lost)
			for range 4 {
				fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 502})
			}
			_, err := fake.Client(t).CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrUnavailable)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.True(t, failure.MaybeApplied)
			assert.Equal(t, 2, failure.Attempts)
		})
	})
	t.Run("one attempt only", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(lost)
		_, err := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1})).CreateUser(t.Context(), params)
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
	})
	t.Run("a first attempt that is refused is no second", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
	})
	t.Run("delete", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
			fake.AddUser(messembed.User{ID: "ada"})
			fake.FailNext(messembedtest.Fault{Op: "DeleteUser", Reset: true, AfterApply: true})
			require.NoError(t, fake.Client(t).DeleteUser(t.Context(), "ada"))
			assert.Empty(t, fake.Users())
		})
	})
	t.Run("chat", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			for _, id := range []string{"ada", "bo:b"} {
				fake.AddUser(messembed.User{ID: id})
			}
			fake.FailNext(messembedtest.Fault{Op: "CreateChat", Truncate: 3})
			chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bo:b"})
			require.NoError(t, err)
			assert.Equal(t, "bo:b", chat.SecondCompanion.ID)
			assert.Len(t, fake.Chats(), 1)
		})
	})
}
