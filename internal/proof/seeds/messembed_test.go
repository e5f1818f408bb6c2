package seeds_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// Document 000, in English: the object of a user, creating (integrating) one,
// and getting an access token for one.
func TestMessembed(t *testing.T) {
	john := messembed.CreateUserParams{
		ID:                      "1",
		ExternalMetadata:        messembed.Metadata{"name": "John", "someOtherMetadata": "..."},
		PrivateExternalMetadata: messembed.Metadata{},
	}

	step(t, "Representation", func(t *testing.T) {
		client := messembedtest.New(t).Client(t)
		nested := messembed.Metadata{"name": "John", "avatar": "https://example.com/1.png", "more": map[string]any{"deep": []any{1.0, nil, true}}}
		private := messembed.Metadata{"crm": map[string]any{"customer": "A-1"}}

		user, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "1", ExternalMetadata: nested, PrivateExternalMetadata: private})

		require.NoError(t, err)
		assert.Equal(t, "1", user.ID, "the application chooses it")
		assert.Equal(t, time.Now().UTC(), user.CreatedAt.UTC())
		assert.Zero(t, user.UpdatedAt, "today's server has no such field")
		assert.Zero(t, user.DeletedAt)
		assert.Equal(t, nested, user.ExternalMetadata)
		assert.Equal(t, private, user.PrivateExternalMetadata)
		assert.False(t, user.Deleted())

		require.NoError(t, client.DeleteUser(t.Context(), "1"))
		page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{IncludeDeleted: true})
		require.NoError(t, err)
		require.Len(t, page.Users, 1)
		assert.True(t, page.Users[0].Deleted())
		assert.Equal(t, time.Now().UTC(), page.Users[0].DeletedAt.UTC())
	})

	step(t, "Creating a user", func(t *testing.T) {
		client := messembedtest.New(t).Client(t)

		user, err := client.CreateUser(t.Context(), john)
		require.NoError(t, err)
		assert.Equal(t, john.ExternalMetadata, user.ExternalMetadata)
		assert.Empty(t, user.PrivateExternalMetadata)

		_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{})
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, "the id is required")
		_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "2"})
		require.NoError(t, err, "the metadata is not")
	})

	step(t, "Recommendation: integrate a user right after the registration in your application", func(t *testing.T) {
		client := messembedtest.New(t).Client(t)
		for _, first := range []bool{true, false} { // a registration that is sent twice
			user, created, err := client.EnsureUser(t.Context(), john)
			require.NoError(t, err)
			assert.Equal(t, first, created)
			assert.Equal(t, "1", user.ID)
		}
	})

	step(t, "Recommendation: integrate the users that your application already has", func(t *testing.T) {
		client := messembedtest.New(t).Client(t)
		plain := func(id string) messembed.CreateUserParams { return messembed.CreateUserParams{ID: id} }

		report, err := client.ImportUsers(t.Context(), named(plain, "1", "2", "3"), messembed.ImportOptions{})

		require.NoError(t, err)
		assert.EqualValues(t, 3, report.Created)
	})

	step(t, "The metadata can be set when the user's data are updated", func(t *testing.T) {
		client := messembedtest.New(t).Client(t)
		_, err := client.CreateUser(t.Context(), john)
		require.NoError(t, err)

		_, err = client.UpdateUser(t.Context(), "1", messembed.UpdateUserParams{PrivateExternalMetadata: messembed.Metadata{"plan": "free"}})
		require.NoError(t, err)
		states := changes(t, client, "1", func() {
			_, err := client.ModifyUser(t.Context(), "1", func(u *messembed.User) error {
				u.ExternalMetadata["name"] = "John Doe"
				u.PrivateExternalMetadata["plan"] = "paid"
				return nil
			})
			require.NoError(t, err)
		})

		assert.Equal(t, messembed.Metadata{"plan": "free"}, states[0].PrivateExternalMetadata)
		assert.Equal(t, messembed.Metadata{"plan": "paid"}, states[1].PrivateExternalMetadata)
		assert.Equal(t, messembed.Metadata{"name": "John Doe", "someOtherMetadata": "..."}, states[1].ExternalMetadata)
	})

	step(t, "Getting an access token for a user", func(t *testing.T) {
		client := messembedtest.New(t).Client(t)
		_, err := client.CreateUser(t.Context(), john)
		require.NoError(t, err)

		token, err := client.CreateAccessToken(t.Context(), "1")

		require.NoError(t, err)
		assert.NotEmpty(t, token.AccessToken)
		assert.Equal(t, "1", token.UserID)
	})
}
