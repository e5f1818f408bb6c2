package seeds_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

// Document 001: the six actions, each by its route.
func TestRightech(t *testing.T) {
	const role = "5cc89f6af79a4969291dcbd7"
	account := func(login string) messembed.CreateUserParams {
		return messembed.CreateUserParams{
			Profile: messembed.Profile{
				Username: login, DisplayName: "user_name", Emails: []messembed.Email{{Address: login + "@example.com"}}, Roles: []string{role}, Phone: "+1234567890",
			},
			Password: "Secret123",
		}
	}
	// documented has the fields of the document's example.
	documented := messembed.User{
		ID:      "5d8a18d5d0025e0012fb6a34",
		Profile: messembed.Profile{Username: "user_login", DisplayName: "user_name", Emails: []messembed.Email{{Address: "user_email"}}, Roles: []string{role}},
		Raw:     []byte(`{"rights": 1.5, "messages": true}`),
	}

	step(t, "Getting a list of users", func(t *testing.T) {
		fake := rightechtest.New(t)
		id := fake.AddUser(documented)
		other := fake.AddUser(messembed.User{})
		fake.SetGroup(other, "another group")

		page, err := fake.Client(t).ListUsers(t.Context(), messembed.ListUsersParams{})

		require.NoError(t, err)
		var ids []string
		for _, u := range page.Users {
			ids = append(ids, u.ID)
		}
		assert.Contains(t, ids, id)
		assert.NotContains(t, ids, other, "only users of the same group")
	})

	step(t, "Getting information about one user", func(t *testing.T) {
		fake := rightechtest.New(t)

		user, err := fake.Client(t).GetUser(t.Context(), fake.AddUser(documented))

		require.NoError(t, err)
		assert.Equal(t, "user_login", user.Profile.Username)
		assert.Equal(t, "user_name", user.Profile.DisplayName)
		assert.Equal(t, []messembed.Email{{Address: "user_email"}}, user.Profile.Emails)
		assert.Equal(t, []string{role}, user.Profile.Roles)
		assert.Equal(t, []string{"_id", "email", "group", "login", "messages", "name", "rights", "role", "success"}, slices.Sorted(maps.Keys(fields(t, user))))
		whole, err := rightech.Decode(user)
		require.NoError(t, err)
		assert.Equal(t, "5d8a18d5d0025e0012fb6a34", whole.ID)
		assert.InDelta(t, 1.5, whole.Rights, 0)
		assert.True(t, whole.Messages)
	})

	step(t, "Creating a new account", func(t *testing.T) {
		client := rightechtest.New(t).Client(t)

		user, err := client.CreateUser(t.Context(), account("lovelace"))

		require.NoError(t, err)
		assert.Len(t, user.ID, 24, "assigned by the system")
		assert.Equal(t, account("lovelace").Profile, user.Profile)
		_, err = client.CreateUser(t.Context(), account("lovelace"))
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
		_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{})
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, "there are required fields")
	})

	step(t, "Editing a new account", func(t *testing.T) {
		client := rightechtest.New(t).Client(t)
		user, err := client.CreateUser(t.Context(), account("lovelace"))
		require.NoError(t, err)

		states := changes(t, client, user.ID, func() {
			_, err := client.ModifyUser(t.Context(), user.ID, func(u *messembed.User) error {
				u.Profile.Username, u.Profile.DisplayName, u.Profile.Phone = "countess", "Ada Lovelace", "+44"
				u.Profile.Roles = []string{"5cc89f6af79a4969291dcbd8"}
				u.BlockStatus = messembed.BlockDeactivated
				return nil
			})
			require.NoError(t, err)
		})

		assert.Equal(t, account("lovelace").Profile, states[0].Profile)
		after := account("lovelace").Profile
		after.Username, after.DisplayName, after.Phone, after.Roles = "countess", "Ada Lovelace", "+44", []string{"5cc89f6af79a4969291dcbd8"}
		assert.Equal(t, after, states[1].Profile)
		assert.True(t, states[1].Blocked())
	})

	step(t, "Deleting a new account", func(t *testing.T) {
		client := rightechtest.New(t).Client(t)
		user, err := client.CreateUser(t.Context(), account("lovelace"))
		require.NoError(t, err)

		require.NoError(t, client.DeleteUser(t.Context(), user.ID))

		_, err = client.GetUser(t.Context(), user.ID)
		require.ErrorIs(t, err, messembed.ErrNotFound)
	})

	step(t, "Publication of a token for the user", func(t *testing.T) {
		client := rightechtest.New(t).Client(t)
		user, err := client.CreateUser(t.Context(), account("lovelace"))
		require.NoError(t, err)

		token, err := client.CreateAccessToken(t.Context(), user.ID)

		require.NoError(t, err)
		assert.NotEmpty(t, token.AccessToken)
		assert.Equal(t, user.ID, token.UserID)
	})
}
