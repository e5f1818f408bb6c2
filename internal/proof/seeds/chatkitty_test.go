package seeds_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

// Document 003. "The current user" is that of a client; a server names the user.
func TestChatKitty(t *testing.T) {
	jane := messembed.CreateUserParams{
		Profile:          messembed.Profile{Username: "jane@chatkitty.com", DisplayName: "Jane Doe"},
		ExternalMetadata: messembed.Metadata{"favoriteNumber": 42.0},
	}
	type application struct {
		*messembed.Client
		fake *chatkittytest.Server
		id   string // of jane
	}
	open := func(t *testing.T) application {
		fake := chatkittytest.New(t)
		client := fake.Client(t)
		user, err := client.CreateUser(t.Context(), jane)
		require.NoError(t, err)
		return application{client, fake, user.ID}
	}

	step(t, "Schema", func(t *testing.T) {
		for _, options := range [][]chatkittytest.Option{nil, {chatkittytest.WithSnakeCase()}} { // the table's names, and the example's
			fake := chatkittytest.New(t, options...)
			id := fake.AddUser(messembed.User{
				Profile:          messembed.Profile{Username: "jane@chatkitty.com", DisplayName: "Jane Doe", AvatarURL: "https://example.com/jane.png", Guest: true},
				ExternalMetadata: messembed.Metadata{"favoriteNumber": 42.0},
				Presence:         &messembed.Presence{Raw: "UNAVAILABLE", CallStatus: "IN_CALL"},
			})

			user, err := fake.Client(t).GetUser(t.Context(), id)

			require.NoError(t, err)
			whole, err := chatkitty.Decode(user)
			require.NoError(t, err)
			assert.Equal(t, "PERSON", whole.Type)
			assert.Equal(t, id, user.ID)
			assert.NotZero(t, whole.ID)
			assert.Equal(t, "IN_CALL", whole.CallStatus)
			assert.Equal(t, "Jane Doe", whole.DisplayName)
			assert.Equal(t, "https://example.com/jane.png", whole.DisplayPictureURL)
			assert.True(t, whole.IsGuest)
			assert.Equal(t, "jane@chatkitty.com", whole.Name)
			assert.Equal(t, chatkitty.Presence{Status: "UNAVAILABLE"}, whole.Presence)
			assert.Equal(t, messembed.Metadata{"favoriteNumber": 42.0}, whole.Properties)
			assert.NotEmpty(t, whole.Links["self"].Href)
			assert.Equal(t, messembed.Profile{
				Username: whole.Name, DisplayName: whole.DisplayName, AvatarURL: whole.DisplayPictureURL, Type: messembed.UserPerson, Guest: true,
			}, user.Profile)
		}
	})

	step(t, "Current User", func(t *testing.T) {
		a := open(t)
		user, err := a.GetUser(t.Context(), a.id)
		require.NoError(t, err)
		assert.Equal(t, "jane@chatkitty.com", user.Profile.Username)
	})

	step(t, "Observing, and updating, the current user", func(t *testing.T) {
		a := open(t)
		states := changes(t, a.Client, a.id, func() {
			updated, err := a.ModifyUser(t.Context(), a.id, func(user *messembed.User) error {
				user.ExternalMetadata["favorite-number"] = 42.0
				return nil
			})
			require.NoError(t, err)
			assert.Equal(t, messembed.Metadata{"favoriteNumber": 42.0, "favorite-number": 42.0}, updated.ExternalMetadata)
		})
		assert.Equal(t, jane.ExternalMetadata, states[0].ExternalMetadata, "the observer is called with the current value first")
		assert.Contains(t, states[1].ExternalMetadata, "favorite-number")
	})

	step(t, "Updating the current user's display picture", func(t *testing.T) {
		a := open(t)
		before, err := a.GetUser(t.Context(), a.id)
		require.NoError(t, err)
		uploaded, err := a.SetUserPicture(t.Context(), a.id, messembed.Picture{Name: "jane.png", ContentType: "image/png", Content: strings.NewReader("png")})
		require.NoError(t, err)
		assert.NotEqual(t, before.Profile.AvatarURL, uploaded.Profile.AvatarURL)
		hosted, err := a.SetUserPicture(t.Context(), a.id, messembed.Picture{
			URL: "https://example.com/files/jane.png", Name: "jane.png", ContentType: "image/png", Size: 123115,
		})
		require.NoError(t, err)
		assert.Equal(t, "https://example.com/files/jane.png", hosted.Profile.AvatarURL)
	})

	step(t, "Guest users", func(t *testing.T) {
		a := open(t)
		guest := messembed.CreateUserParams{Profile: messembed.Profile{Username: "guest", DisplayName: "A guest", Guest: true}}
		user, err := a.CreateUser(t.Context(), guest)
		require.NoError(t, err)
		assert.True(t, user.Profile.Guest)
		native := false
		user, err = a.UpdateUser(t.Context(), user.ID, messembed.UpdateUserParams{Profile: &messembed.ProfileUpdate{Guest: &native}})
		require.NoError(t, err)
		assert.False(t, user.Profile.Guest)
	})

	step(t, "Creating a user", func(t *testing.T) {
		a := open(t)
		user, found := a.fake.User(a.id)
		require.True(t, found)
		assert.Equal(t, "Jane Doe", user.Profile.DisplayName)
		assert.False(t, user.Profile.Guest)
		assert.Equal(t, messembed.Metadata{"favoriteNumber": 42.0}, user.ExternalMetadata)
		_, err := a.CreateUser(t.Context(), jane)
		require.ErrorIs(t, err, messembed.ErrAlreadyExists, "users are identified by a unique name")
	})

	step(t, "Retrieving a user by ID", func(t *testing.T) {
		a := open(t)
		_, err := a.GetUser(t.Context(), a.id)
		require.NoError(t, err)
		_, err = a.GetUser(t.Context(), "77")
		require.ErrorIs(t, err, messembed.ErrNotFound)
	})

	step(t, "Observing user online/presence changes", func(t *testing.T) {
		a := open(t)
		var seen []bool
		for p, err := range a.WatchPresence(t.Context(), []string{a.id}) {
			require.NoError(t, err)
			if seen = append(seen, p.Online); len(seen) == 2 {
				break
			}
			a.fake.SetOnline(a.id, true)
		}
		assert.Equal(t, []bool{false, true}, seen)
		require.NoError(t, a.SetPresence(t.Context(), a.id, messembed.SetPresenceParams{Status: messembed.PresenceAway}))
		got, err := a.GetPresence(t.Context(), a.id)
		require.NoError(t, err)
		assert.Equal(t, messembed.PresenceAway, got.Status)
		assert.Equal(t, "UNAVAILABLE", got.Raw)
		assert.True(t, got.Online)
	})

	step(t, "Listing and deleting users", func(t *testing.T) {
		a := open(t)
		page, err := a.ListUsers(t.Context(), messembed.ListUsersParams{})
		require.NoError(t, err)
		assert.Len(t, page.Users, 1)
		require.NoError(t, a.DeleteUser(t.Context(), a.id))
		_, err = a.GetUser(t.Context(), a.id)
		require.ErrorIs(t, err, messembed.ErrNotFound)
	})
}
