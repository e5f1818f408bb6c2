package rocketchattest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestSetAvatar(t *testing.T) {
	fake := rocketchattest.New(t)
	c := call(t, fake)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada"}})
	assert.Equal(t, "Missing Content-Type", c.send(http.MethodPost, "/api/v1/users.setAvatar", "", nil).error())
	assert.Equal(t, 200, c.post("/api/v1/users.setAvatar", object{"avatarUrl": "https://x", "userId": id}).status)
	assert.Equal(t, "error-invalid-user", c.post("/api/v1/users.setAvatar", object{"avatarUrl": "https://x", "username": "nobody"}).body["errorType"])
	assert.Equal(t, 400, c.post("/api/v1/users.setAvatar", object{"avatarUrl": "https://x", "zz": 1}).status)
	got := c.get("/api/v1/users.getAvatar?userId=" + id)
	assert.Equal(t, 307, got.status)
	assert.Equal(t, "https://rocketchat.test/avatar/ada", got.header.Get("Location"))
}

// The server responds before it stores the picture.
func TestSetAvatar_isStoredLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		c := call(t, fake)
		id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", AvatarURL: "https://x/old"}})
		gone := fake.AddUser(messembed.User{})
		etag := func() any { return c.get("/api/v1/users.info?userId=" + id).user()["avatarETag"] }
		before := etag()
		require.NotEmpty(t, before)

		require.Equal(t, 200, c.post("/api/v1/users.setAvatar", object{"avatarUrl": "https://x/new", "userId": id}).status)
		require.Equal(t, 200, c.post("/api/v1/users.setAvatar", object{"avatarUrl": "https://x/new", "userId": gone}).status)
		require.Equal(t, 200, c.post("/api/v1/users.delete", object{"userId": gone}).status)
		time.Sleep(499 * time.Millisecond)
		assert.Equal(t, before, etag())
		time.Sleep(time.Millisecond)
		synctest.Wait()
		assert.NotEqual(t, before, etag())
		assert.Len(t, fake.Users(), 1)
	})
}

func TestSetAvatar_withoutDelay(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithPictureDelay(0))
	c := call(t, fake)
	id := fake.AddUser(messembed.User{})
	require.Equal(t, 200, c.post("/api/v1/users.setAvatar", object{"avatarUrl": "https://x", "userId": id}).status)
	assert.NotEmpty(t, c.get("/api/v1/users.info?userId=" + id).user()["avatarETag"])
}
