package seeds_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// iUser is an object with every field of the document's main interface.
const iUser = `{
	"_id": "gzvcvpov9G4TxbGFS", "createdAt": "2023-03-02T17:59:43.415Z", "roles": ["user", "livechat-agent"], "type": "user", "active": true,
	"username": "demouser", "nickname": "demo", "name": "Demo User", "services": {"password": {"bcrypt": "$2b$10$u..."}},
	"emails": [{"address": "demo@example.com", "verified": true}], "status": "busy", "statusConnection": "online",
	"lastLogin": "2023-03-02T18:14:28.122Z", "bio": "biography", "avatarOrigin": "rest", "avatarETag": "etag", "avatarUrl": "https://example.com/demo.png",
	"utcOffset": 1, "language": "en", "statusDefault": "busy", "statusText": "in a call", "oauth": {"authorizedClients": ["client"]},
	"_updatedAt": "2023-03-02T18:47:15.205Z", "e2e": {"private_key": "{}", "public_key": "{}"}, "requirePasswordChange": false,
	"customFields": {"team": "red"}, "settings": {"preferences": {"language": "en"}}, "defaultRoom": "GENERAL", "ldap": false, "extension": "12",
	"inviteToken": "invite", "canViewAllInfo": true, "phone": "+1234567890", "reason": "a reason", "federated": false,
	"federation": {"avatarUrl": "mxc://x", "searchedServerNames": ["x"]},
	"banners": {"b": {"id": "b", "priority": 1, "title": "t", "text": "t", "textArguments": ["a"], "modifiers": ["large"], "link": "l", "read": true}},
	"importIds": ["import-1"]
}`

// Document 002 describes the object only; what can be done with it is on the
// service's other pages.
func TestRocketChat(t *testing.T) {
	demo := messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: "demouser", DisplayName: "Demo User", Emails: []messembed.Email{{Address: "demo@example.com", Verified: true}}, Roles: []string{"user"},
		},
		ExternalMetadata: messembed.Metadata{"team": "red"},
		Password:         "a password",
	}
	type workspace struct {
		*messembed.Client
		fake *rocketchattest.Server
		id   string // of demo
	}
	open := func(t *testing.T) workspace {
		fake := rocketchattest.New(t)
		client := fake.Client(t)
		user, err := client.CreateUser(t.Context(), demo)
		require.NoError(t, err)
		return workspace{client, fake, user.ID}
	}

	step(t, "Main Interface", func(t *testing.T) {
		user, err := rocketchat.Decode(&messembed.User{Raw: json.RawMessage(iUser)})
		require.NoError(t, err)
		assert.Empty(t, user.Extra, "every field is known")
		again, err := json.Marshal(user)
		require.NoError(t, err)
		assert.JSONEq(t, iUser, string(again))
	})

	step(t, "Fields", func(t *testing.T) {
		fake := rocketchattest.New(t)
		user, err := fake.Client(t).GetUser(t.Context(), fake.AddUser(messembed.User{Raw: json.RawMessage(iUser)}))
		require.NoError(t, err)

		assert.Equal(t, []string{ // what the server shows of another user, even to an administrator
			"_id", "active", "avatarETag", "bio", "canViewAllInfo", "createdAt", "customFields", "emails", "federated", "importIds", "lastLogin", "name",
			"nickname", "phone", "reason", "requirePasswordChange", "roles", "status", "statusConnection", "statusText", "type", "username", "utcOffset",
		}, slices.Sorted(maps.Keys(fields(t, user))))
		assert.Equal(t, "gzvcvpov9G4TxbGFS", user.ID)
		assert.Equal(t, "demouser", user.Profile.Username)
		assert.Equal(t, "Demo User", user.Profile.DisplayName)
		assert.Equal(t, []messembed.Email{{Address: "demo@example.com", Verified: true}}, user.Profile.Emails)
		assert.Equal(t, []string{"user", "livechat-agent"}, user.Profile.Roles)
		assert.Equal(t, messembed.UserPerson, user.Profile.Type)
		assert.Equal(t, "+1234567890", user.Profile.Phone)
		assert.Equal(t, fake.BaseURL()+"/avatar/demouser?etag=etag", user.Profile.AvatarURL)
		assert.Equal(t, messembed.Metadata{"team": "red"}, user.ExternalMetadata)
		assert.Equal(t, messembed.PresenceBusy, user.Presence.Status)
		assert.Equal(t, "in a call", user.Presence.Text)
		assert.False(t, user.Blocked())
		assert.NotZero(t, user.CreatedAt)
	})

	step(t, "create, list and find", func(t *testing.T) {
		w := open(t)
		_, created, err := w.EnsureUser(t.Context(), demo)
		require.NoError(t, err)
		assert.False(t, created)
		n := 0
		for u, err := range w.Users(t.Context(), messembed.WithDetails()) {
			require.NoError(t, err)
			assert.Equal(t, demo.ExternalMetadata, u.ExternalMetadata)
			n++
		}
		assert.Equal(t, 1, n)
	})

	step(t, "update by a function, and hear of it", func(t *testing.T) {
		w := open(t)
		states := changes(t, w.Client, w.id, func() {
			_, err := w.ModifyUser(t.Context(), w.id, func(u *messembed.User) error {
				u.Profile.Username, u.Profile.DisplayName = "demo", "Demo"
				u.Profile.Emails = []messembed.Email{{Address: "other@example.com"}}
				u.Profile.Roles = append(u.Profile.Roles, "moderator")
				u.ExternalMetadata["floor"] = 3.0
				return nil
			})
			require.NoError(t, err)
		})
		assert.Equal(t, demo.Profile.Username, states[0].Profile.Username)
		after := states[1]
		assert.Equal(t, "demo", after.Profile.Username)
		assert.Equal(t, "Demo", after.Profile.DisplayName)
		assert.Equal(t, []messembed.Email{{Address: "other@example.com"}}, after.Profile.Emails)
		assert.Equal(t, []string{"user", "moderator"}, after.Profile.Roles)
		assert.Equal(t, messembed.Metadata{"team": "red", "floor": 3.0}, after.ExternalMetadata)
	})

	step(t, "active", func(t *testing.T) {
		w := open(t)
		user, err := w.BlockUser(t.Context(), w.id)
		require.NoError(t, err)
		assert.True(t, user.Blocked())
		user, err = w.UnblockUser(t.Context(), w.id)
		require.NoError(t, err)
		assert.False(t, user.Blocked())
	})

	step(t, "avatarUrl", func(t *testing.T) {
		w := open(t)
		hosted, err := w.SetUserPicture(t.Context(), w.id, messembed.Picture{URL: "https://example.com/demo.png"})
		require.NoError(t, err)
		assert.NotEmpty(t, hosted.Profile.AvatarURL)
		uploaded, err := w.SetUserPicture(t.Context(), w.id, messembed.Picture{Name: "demo.png", ContentType: "image/png", Content: strings.NewReader("png")})
		require.NoError(t, err)
		assert.NotEqual(t, hosted.Profile.AvatarURL, uploaded.Profile.AvatarURL)
	})

	step(t, "status and statusText", func(t *testing.T) {
		w := open(t)
		w.fake.SetConnected(w.id, true)
		require.NoError(t, w.SetPresence(t.Context(), w.id, messembed.SetPresenceParams{Status: messembed.PresenceBusy, Text: "in a call"}))
		got, err := w.GetPresence(t.Context(), w.id)
		require.NoError(t, err)
		assert.Equal(t, messembed.PresenceBusy, got.Status)
		assert.Equal(t, "in a call", got.Text)
		var seen []messembed.PresenceStatus
		for p, err := range w.WatchPresence(t.Context(), []string{w.id}) {
			require.NoError(t, err)
			if seen = append(seen, p.Status); len(seen) == 2 {
				break
			}
			require.NoError(t, w.SetPresence(t.Context(), w.id, messembed.SetPresenceParams{Status: messembed.PresenceAway}))
		}
		assert.Equal(t, []messembed.PresenceStatus{messembed.PresenceBusy, messembed.PresenceAway}, seen)
	})

	step(t, "a guest, and a bot", func(t *testing.T) {
		w := open(t)
		guest, bot := demo, demo
		guest.Profile.Username, guest.Profile.Emails, guest.Profile.Guest = "guest", []messembed.Email{{Address: "guest@example.com"}}, true
		bot.Profile.Username, bot.Profile.Emails, bot.Profile.Roles = "robot", []messembed.Email{{Address: "robot@example.com"}}, []string{"bot"}
		user, err := w.CreateUser(t.Context(), guest)
		require.NoError(t, err)
		assert.True(t, user.Profile.Guest)
		user, err = w.CreateUser(t.Context(), bot)
		require.NoError(t, err)
		assert.Equal(t, messembed.UserBot, user.Profile.Type)
	})

	step(t, "services.resume.loginTokens", func(t *testing.T) {
		w := open(t)
		token, err := w.CreateAccessToken(t.Context(), w.id)
		require.NoError(t, err)
		own, err := rocketchat.New(w.fake.BaseURL(), rocketchat.Credentials{UserID: token.UserID, AuthToken: token.AccessToken}, messembed.WithTransport(w.fake))
		require.NoError(t, err)
		require.NoError(t, own.CheckCredentials(t.Context()), "the user can log in with it")
	})

	step(t, "delete", func(t *testing.T) {
		w := open(t)
		require.NoError(t, w.DeleteUser(t.Context(), w.id))
		_, err := w.GetUser(t.Context(), w.id)
		require.ErrorIs(t, err, messembed.ErrNotFound)
	})
}
