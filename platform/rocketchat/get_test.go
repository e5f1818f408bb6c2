package rocketchat_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

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
		"a long date":       {`{"user":{"_id":"u","createdAt":{"$date":{"$numberLong":"1565546054692"}}}}`, ""},
		"no date":           {`{"user":{"_id":"u","createdAt":"yesterday","_updatedAt":{"date":1}}}`, ""},
		"another user":      {`{"user":{"_id":"v","username":"v"}}`, "about another user"},
		"a user with null":  {`{"user":{"_id":null}}`, "about another user"},
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

// The client's own type reads the same object.
func TestGetUser_document002(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{Raw: document002(t)})
	user, err := fake.Client(t).GetUser(t.Context(), id)
	require.NoError(t, err)
	assert.Equal(t, time.Date(2023, 3, 2, 17, 59, 43, 415e6, time.UTC), user.CreatedAt)
	assert.Equal(t, "demouser", user.Profile.Username)
}

// Usernames are unique regardless of case.
func TestEnsureUser_anotherCase(t *testing.T) {
	fake := rocketchattest.New(t)
	client := fake.Client(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "Ada"}})
	fake.AddUser(messembed.User{ID: "bob"})

	user, created, err := client.EnsureUser(t.Context(), params("aDA"))
	require.NoError(t, err)
	assert.False(t, created)
	assert.Equal(t, id, user.ID)

	user, created, err = client.EnsureUser(t.Context(), params("bob"))
	require.NoError(t, err)
	assert.True(t, created, "the id of somebody else is no username")
	assert.NotEqual(t, "bob", user.ID)

	fake.FailNext(messembedtest.Fault{Op: "FindUser", Status: 200, Body: `{"_id":"` + id + `","status":"online","success":true}`})
	_, _, err = client.EnsureUser(t.Context(), params("mallory"))
	failure(t, err, messembed.ErrInvalidResponse)

	fake.FailNext(messembedtest.Fault{Op: "FindUser", Status: 404})
	_, created, err = client.EnsureUser(t.Context(), params("eve"))
	require.NoError(t, err)
	assert.True(t, created, "an old server has no such route")
	fake.FailNext(messembedtest.Fault{Op: "FindUser", Status: 401})
	_, _, err = client.EnsureUser(t.Context(), params("dan"))
	failure(t, err, messembed.ErrUnauthenticated)
}
