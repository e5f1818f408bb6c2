package rocketchattest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// Recorded requests contain no secret.
func TestRequests(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	id := c.post("/api/v1/users.create", ada()).user()["_id"]
	c.post("/api/v1/users.update", object{"userId": id, "data": object{"password": "secret-canary"}})
	c.post("/api/v1/users.createToken", object{"userId": id, "secret": c.cred.TokenSecret})
	data, err := json.Marshal(fake.Requests())
	require.NoError(t, err)
	bodies := ""
	for _, request := range fake.Requests() {
		bodies += string(request.Body)
	}
	for _, shown := range []string{string(data), bodies} {
		assert.NotContains(t, shown, "canary")
		assert.NotContains(t, shown, c.cred.TokenSecret)
		assert.NotContains(t, shown, c.cred.AuthToken)
	}
	assert.Contains(t, bodies, `"username":"ada"`)
}

func TestAddUser(t *testing.T) {
	fake := rocketchattest.New(t)
	created := time.Date(2020, 1, 2, 3, 4, 5, 6e6, time.UTC)
	given := messembed.User{
		ID: "custom", CreatedAt: created, UpdatedAt: created.Add(time.Hour), ExternalMetadata: messembed.Metadata{"a": "b"},
		Profile: messembed.Profile{
			Username: "ada", DisplayName: "Ada", Emails: []messembed.Email{{Address: "a@b", Verified: true}}, Roles: []string{"user"}, Type: messembed.UserPerson,
			Locale: "de",
		},
		Presence: &messembed.Presence{UserID: "custom", Status: messembed.PresenceBusy, Online: true, Text: "x", Raw: "busy"},
	}
	assert.Equal(t, "custom", fake.AddUser(given))
	got, found := fake.User("custom")
	require.True(t, found)
	assert.NotEmpty(t, got.Raw)
	got.Raw = nil
	assert.Equal(t, given, got)

	other := fake.AddUser(messembed.User{})
	assert.NotEqual(t, other, fake.AddUser(messembed.User{}))
	fake.AddUser(messembed.User{ID: "custom", BlockStatus: messembed.BlockDeactivated})
	assert.Len(t, fake.Users(), 3)
	got, _ = fake.User("custom")
	assert.True(t, got.Blocked())
	assert.Empty(t, call(t, fake).get("/api/v1/users.info?username=ada").user(), "the replaced user is gone")
	_, found = fake.User("nobody")
	assert.False(t, found)
	_, found = fake.User(fake.Credentials().UserID)
	assert.False(t, found)
}

// A replaced user keeps its tokens and its place in the list.
func TestAddUser_replaces(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "bob"}})
	token, err := fake.Client(t).CreateAccessToken(t.Context(), id)
	require.NoError(t, err)

	assert.Equal(t, id, fake.AddUser(messembed.User{ID: id, Profile: messembed.Profile{Username: "lovelace"}}))

	users := fake.Users()
	require.Len(t, users, 2)
	assert.Equal(t, "lovelace", users[0].Profile.Username, "in the same place")
	own, err := rocketchat.New(fake.BaseURL(), rocketchat.Credentials{UserID: id, AuthToken: token.AccessToken}, messembed.WithTransport(fake))
	require.NoError(t, err)
	user, err := own.GetUser(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, "lovelace", user.Profile.Username)
}

func TestMistakes(t *testing.T) {
	tb := &recorder{TB: t}
	fake := rocketchattest.New(tb)
	fake.AddUser(messembed.User{ID: "1", Profile: messembed.Profile{Username: "ada", Emails: []messembed.Email{{Address: "a@b"}}}})
	for says, u := range map[string]messembed.User{
		"Raw is not a JSON object":        {Raw: json.RawMessage(`[]`)},
		`username "Ada" is already taken`: {Profile: messembed.Profile{Username: "Ada"}},
		`address "A@b" is already taken`:  {Profile: messembed.Profile{Emails: []messembed.Email{{Address: "A@b"}}}},
		"the id belongs to the account":   {ID: fake.Credentials().UserID},
	} {
		tb.problems = nil
		assert.Empty(t, fake.AddUser(u))
		require.Len(t, tb.problems, 1)
		assert.Contains(t, tb.problems[0], says)
	}
	assert.Len(t, fake.Users(), 1)
	fake.SetConnected("nobody", true)
	fake.SetLastOwner("nobody")
	assert.Len(t, tb.problems, 3)
}
