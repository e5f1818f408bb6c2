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
	next, standing := in.PendingFaults()
	assert.Len(t, next, 1)
	assert.Empty(t, standing)
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

	chats, matching := in.Chats("", 0, 2)
	require.Len(t, chats, 2)
	assert.Equal(t, 3, matching)
	assert.Equal(t, ids[1], chats[0].ID, "the chat with the latest message")
	assert.Equal(t, ids[2], chats[1].ID)
	_, matching = in.Chats(ids[2], 0, 2)
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

// Search finds what people and clients have chosen, not what every document has.
func TestInspector_search(t *testing.T) {
	fake := messembedtest.New(t)
	in := fake.Inspect()
	ada := messembed.User{ID: "u1", ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace", "born": 1815, "tags": []any{map[string]any{"kind": "Poet"}}}}
	bob := messembed.User{ID: "u2", PrivateExternalMetadata: messembed.Metadata{"plan": "pro"}, BlockStatus: messembed.BlockCantSendAndReceive}
	fake.AddUser(ada)
	fake.AddUser(bob)
	chat := fake.AddChat(messembed.Chat{FirstCompanion: &ada, SecondCompanion: &bob})
	fake.AddMessage(messembed.Message{ChatID: chat, UserID: "u2", Content: "A moth!", Attachments: []messembed.Attachment{{"type": "picture"}}})
	for text, want := range map[string]struct{ users, chats int }{
		"":                 {2, 1},
		"ada":              {1, 1},
		"LOVELACE  ada":    {1, 1},
		"ada pro":          {0, 1},
		"1815":             {1, 1},
		"poet":             {1, 1},
		"u":                {2, 1},
		"cant_send":        {1, 1},
		"moth":             {0, 1},
		"picture":          {0, 1},
		chat:               {0, 1},
		"externalMetadata": {0, 0},
		"name":             {0, 0},
		"kind":             {0, 0},
		"createdAt":        {0, 0},
		"true":             {0, 0},
		"z":                {0, 0},
	} {
		users, matchingUsers := in.Users(text, 0, 10)
		chats, matchingChats := in.Chats(text, 0, 10)
		assert.Len(t, users, want.users, text)
		assert.Equal(t, want.users, matchingUsers, text)
		assert.Len(t, chats, want.chats, text)
		assert.Equal(t, want.chats, matchingChats, text)
	}
	users, matching := in.Users("", 1, 10)
	require.Len(t, users, 1)
	assert.Equal(t, "u1", users[0].ID, "the newest is first")
	assert.Equal(t, 2, matching)
	users, _ = in.Users("", 3, 10)
	assert.Empty(t, users)
}

// A fake with a limited log keeps the responses, without credentials.
func TestInspector_answers(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithRequestLog(10))
	client, ctx := fake.Client(t), t.Context()
	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	require.NoError(t, err)
	token, err := client.CreateAccessToken(ctx, "ada")
	require.NoError(t, err)
	_, err = client.CreateAccessToken(ctx, "bob")
	require.Error(t, err)

	var newest []int
	for r := range fake.Inspect().Requests() {
		newest = append(newest, r.Number)
		assert.NotContains(t, string(r.AnswerBody), token.AccessToken)
	}
	assert.Equal(t, len(newest), newest[0])
	created, ok := fake.Inspect().Request(1)
	require.True(t, ok)
	assert.Contains(t, string(created.AnswerBody), `{"_id":"ada",`)
	assert.Len(t, created.AnswerBody, created.AnswerSize)
	assert.Equal(t, "application/json; charset=utf-8", created.AnswerHeader.Get("Content-Type"))
	minted, _ := fake.Inspect().Request(2)
	assert.Empty(t, minted.AnswerBody)
	assert.NotZero(t, minted.AnswerSize)
	failed, _ := fake.Inspect().Request(3)
	assert.Contains(t, string(failed.AnswerBody), "Internal server error", "an error is no token")
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
	fake.Fail(messembedtest.Fault{Op: "GetChat", Status: 500})
	fake.FailRandomly(0.5, 1, messembedtest.Fault{Op: "ListUsers", Status: 500})
	assert.Equal(t, 0.5, in.RandomShare())
	fake.RefuseWebsockets(true)
	before := in.Counts()
	assert.Equal(t, 2, before.Users.Count)
	assert.Equal(t, 102, before.Tokens.Count)
	assert.Equal(t, 105, before.Requests.Count)
	tokens, kept := in.Tokens(0, 100)
	assert.Len(t, tokens, 100)
	assert.Equal(t, 102, kept)
	assert.Equal(t, "ada", tokens[0].UserID)

	in.Clear()
	after := in.Counts()
	assert.Zero(t, after.Users.Count+after.Chats.Count+after.Messages.Count+after.Tokens.Count)
	assert.NotEqual(t, before.Users.Revision, after.Users.Revision)
	assert.NotEqual(t, before.Chats.Revision, after.Chats.Revision)
	assert.Empty(t, fake.Requests())
	next, standing := in.PendingFaults()
	assert.Empty(t, next)
	assert.Empty(t, standing)
	assert.Zero(t, in.RandomShare())
	assert.NotEqual(t, before.Requests, after.Requests)
	tokens, kept = in.Tokens(0, 100)
	assert.Empty(t, tokens)
	assert.Zero(t, kept)
	assert.False(t, in.RefusesWebsockets())
	fill() // no fault is left
	users, matching := in.Users("GRACE", 0, 10)
	assert.Equal(t, 1, matching)
	assert.Equal(t, "grace", users[0].ID)
}

// All tokens that are kept can be reached, a page at a time.
func TestInspector_tokens(t *testing.T) {
	fake := messembedtest.New(t)
	in := fake.Inspect()
	const minted, kept = 10_003, 10_000
	fake.AddUser(messembed.User{ID: "first"})
	fake.AddUser(messembed.User{ID: "last"})
	mint := func(id string) {
		status, _, err := in.Do("POST", "/admin-api/users/"+id+"/access-tokens", nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, status)
	}
	for range minted - 1 {
		mint("first")
	}
	mint("last")
	for offset, want := range map[int][]string{
		-1: {"last", "first"}, 0: {"last", "first"}, 1: {"first", "first"}, kept - 1: {"first"}, kept: nil, kept + 1: nil,
	} {
		tokens, n := in.Tokens(offset, 2)
		assert.Equal(t, kept, n)
		var users []string
		for _, token := range tokens {
			users = append(users, token.UserID)
		}
		assert.Equal(t, want, users, offset)
	}
	assert.Equal(t, minted, in.Counts().Tokens.Count)
}
