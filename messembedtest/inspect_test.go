package messembedtest_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// An Inspector's actions meet no faults, need no gateway token and are not
// requests.
func TestInspector_Do(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/p"), messembedtest.WithClientCredentials("id", "secret"))
	in := fake.Inspect()
	fake.FailNext(messembedtest.Fault{Reset: true})
	changed := in.Changed()

	status, answer, err := in.Do("POST", "/admin-api/users", map[string]any{"id": "a/b", "externalMetadata": map[string]any{"name": "Ada"}})
	require.NoError(t, err)
	assert.Equal(t, http.StatusCreated, status)
	assert.Contains(t, string(answer), `"_id":"a/b"`)
	<-changed
	status, answer, err = in.Do("GET", "/users/a%2Fb", nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, string(answer), `"name":"Ada"`)
	status, answer, err = in.Do("POST", "/admin-api/users", map[string]any{"id": "a/b"})
	require.NoError(t, err)
	assert.Equal(t, http.StatusConflict, status)
	assert.JSONEq(t, `{"statusCode":409,"code":"USER_ID_IS_NOT_UNIQUE"}`, string(answer))
	status, _, err = in.Do("PUT", "/nowhere", nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotFound, status)
	_, _, err = in.Do("POST", "/admin-api/users", func() {})
	require.Error(t, err)
	_, _, err = in.Do("bad method", "/", nil)
	require.Error(t, err)

	assert.Empty(t, fake.Requests())
	assert.Len(t, in.PendingFaults(), 1)
}

func TestInspector_chats(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time {
		now = now.Add(time.Second)
		return now
	}))
	in := fake.Inspect()
	var ids []string
	for i := range 3 {
		fake.AddUser(messembed.User{ID: fmt.Sprint(i)})
		ids = append(ids, fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: "0"}, SecondCompanion: &messembed.User{ID: fmt.Sprint(i)}}))
	}
	for i := range 5 {
		status, _, err := in.Do("POST", "/admin-api/chats/"+ids[1]+"/messages", map[string]any{"userId": "1", "content": fmt.Sprint(i)})
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status)
	}

	chats, matching := in.Chats("", 2)
	require.Len(t, chats, 2)
	assert.Equal(t, 3, matching)
	assert.Equal(t, ids[1], chats[0].ID, "the chat with the latest message")
	assert.Equal(t, ids[2], chats[1].ID)
	_, matching = in.Chats(ids[2], 2)
	assert.Equal(t, 1, matching)

	chat, messages, count, ok := in.Chat(ids[1], 2)
	require.True(t, ok)
	assert.Equal(t, ids[1], chat.ID)
	assert.Equal(t, 5, count)
	require.Len(t, messages, 2)
	assert.Equal(t, "3", messages[0].Content)
	assert.Equal(t, "4", messages[1].Content)
	_, _, _, ok = in.Chat("nowhere", 2)
	assert.False(t, ok)
}

func TestInspector_Clear(t *testing.T) {
	fake := messembedtest.New(t)
	in, client, ctx := fake.Inspect(), fake.Client(t), t.Context()
	fill := func() {
		for _, id := range []string{"ada", "grace"} {
			_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: id})
			require.NoError(t, err)
		}
		_, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "grace"})
		require.NoError(t, err)
		for range 102 {
			_, err = client.CreateAccessToken(ctx, "ada")
			require.NoError(t, err)
		}
	}
	fill()
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 500})
	fake.RefuseWebsockets(true)
	before := in.Counts()
	assert.Equal(t, 2, before.Users.Count)
	assert.Equal(t, 102, before.Tokens.Count)
	assert.Len(t, in.Tokens(), 100)
	assert.Equal(t, "ada", in.Tokens()[0].UserID)

	in.Clear()
	after := in.Counts()
	assert.Zero(t, after.Users.Count+after.Chats.Count+after.Messages.Count+after.Tokens.Count)
	assert.NotEqual(t, before.Users.Revision, after.Users.Revision)
	assert.NotEqual(t, before.Chats.Revision, after.Chats.Revision)
	assert.Empty(t, fake.Requests())
	assert.Empty(t, in.PendingFaults())
	assert.Empty(t, in.Tokens())
	assert.False(t, in.RefusesWebsockets())
	fill() // no fault is left
	users, matching := in.Users("GRACE", 10)
	assert.Equal(t, 1, matching)
	assert.Equal(t, "grace", users[0].ID)
}
