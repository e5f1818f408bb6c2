package messembedtest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestAddUser(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 123456789, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return now }))
	then := time.Date(2020, 1, 2, 3, 4, 5, 6_000_000, time.UTC)
	fake.AddUser(messembed.User{ID: "plain"})
	fake.AddUser(messembed.User{
		ID: "full", CreatedAt: then, UpdatedAt: then.Add(time.Hour), BlockStatus: messembed.BlockCantSendAndReceive, BlockStatusUpdatedAt: then.Add(time.Minute),
		ExternalMetadata: messembed.Metadata{"b": 1, "a": []any{nil, true, "x"}}, PrivateExternalMetadata: messembed.Metadata{},
	})

	_, body := send(t, fake, "GET", "/users/plain", "")
	assert.Equal(t, `{"_id":"plain","createdAt":"2026-11-21T10:00:00.123Z","updatedAt":null,"deletedAt":null,"blockStatus":null,"blockStatusUpdatedAt":null,"__v":0}`, body)
	_, body = send(t, fake, "GET", "/users/full", "")
	assert.Equal(t, `{"_id":"full","createdAt":"2020-01-02T03:04:05.006Z","updatedAt":"2020-01-02T04:04:05.006Z","deletedAt":null,`+
		`"externalMetadata":{"a":[null,true,"x"],"b":1},"privateExternalMetadata":{},`+
		`"blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES","blockStatusUpdatedAt":"2020-01-02T03:05:05.006Z","__v":0}`, body)

	user, ok := fake.User("full")
	require.True(t, ok)
	assert.Equal(t, body, string(user.Raw))
	assert.True(t, user.Blocked())
	assert.Equal(t, then, user.CreatedAt)
	assert.Equal(t, then.Add(time.Minute), user.BlockStatusUpdatedAt)
	assert.Equal(t, messembed.Metadata{"a": []any{nil, true, "x"}, "b": 1.0}, user.ExternalMetadata)
	assert.Equal(t, messembed.Metadata{}, user.PrivateExternalMetadata)
	_, ok = fake.User("nobody")
	assert.False(t, ok)

	fake.AddUser(messembed.User{ID: "plain", ExternalMetadata: messembed.Metadata{"n": 1}})
	users := fake.Users()
	require.Len(t, users, 2)
	assert.Equal(t, "plain", users[0].ID, "replaced in place")
	assert.Equal(t, messembed.Metadata{"n": 1.0}, users[0].ExternalMetadata)
}

// Users that can exist on the server but not in the SDK.
func TestUser_odd(t *testing.T) {
	fake := messembedtest.New(t)
	resp, _ := send(t, fake, "POST", "/admin-api/users", `{"id":"text","externalMetadata":"x","blockStatus":"NOPE"}`)
	require.Equal(t, 201, resp.StatusCode)
	users := fake.Users()
	require.Len(t, users, 1)
	assert.Nil(t, users[0].ExternalMetadata)
	assert.Equal(t, messembed.BlockStatus("NOPE"), users[0].BlockStatus)
}

// An id that is empty is answered as it was sent, and stored as another.
func TestUser_withoutID(t *testing.T) {
	fake := messembedtest.New(t)
	for _, id := range []string{`null`, `null`, `""`, `""`} {
		resp, body := send(t, fake, "POST", "/admin-api/users", `{"id":`+id+`}`)
		require.Equal(t, 201, resp.StatusCode)
		assert.Contains(t, body, `{"_id":`+id+`,`)
	}
	users := fake.Users()
	require.Len(t, users, 4)
	seen := map[string]bool{}
	for _, user := range users {
		assert.Regexp(t, "^[0-9a-f]{24}$", user.ID)
		assert.Contains(t, string(user.Raw), `{"_id":"`+user.ID+`","createdAt":`)
		seen[user.ID] = true
	}
	assert.Len(t, seen, 4)
	_, listed := send(t, fake, "GET", "/admin-api/users", "")
	assert.Contains(t, listed, `{"_id":"`+users[0].ID+`",`)
}

// A user called like a property of every object breaks the live events of its
// chats: what the client is told has failed is stored.
func TestUser_calledLikeAProperty(t *testing.T) {
	for _, id := range []string{
		"constructor", "__proto__", "toString", "toLocaleString", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "valueOf",
		"__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
	} {
		t.Run(id, func(t *testing.T) {
			fake := messembedtest.New(t)
			for _, user := range []string{"ada", id} {
				resp, _ := send(t, fake, "POST", "/admin-api/users", `{"id":"`+user+`"}`)
				require.Equal(t, 201, resp.StatusCode)
			}
			resp, _ := send(t, fake, "GET", "/users/"+id, "")
			assert.Equal(t, 200, resp.StatusCode)

			resp, body := send(t, fake, "POST", "/admin-api/chats", `{"firstCompanionId":"ada","secondCompanionId":"`+id+`"}`)
			assert.Equal(t, 500, resp.StatusCode)
			assert.Equal(t, `{"statusCode":500,"message":"Internal server error"}`, body)
			chats := fake.Chats()
			require.Len(t, chats, 1)

			username, password := fake.Credentials()
			ws := connect(t, fake, url.Values{"username": {username}, "password": {password}})
			for _, sender := range []string{"ada", id} {
				resp, _ = send(t, fake, "POST", "/admin-api/chats/"+chats[0].ID+"/messages", `{"userId":"`+sender+`","content":"hi"}`)
				assert.Equal(t, 500, resp.StatusCode)
			}
			assert.Len(t, fake.Messages(chats[0].ID), 2)
			chat := fake.Chats()[0]
			assert.Nil(t, chat.LastMessage)
			assert.Zero(t, chat.NotReadByFirstCompanionMessagesCount+chat.NotReadBySecondCompanionMessagesCount)
			say(t, ws, "2")
			assert.Equal(t, "3", hear(t, ws), "the pong and no event")
		})
	}
}

func TestChatsAndMessages(t *testing.T) {
	fake := messembedtest.New(t)
	for _, id := range []string{"ada", "bob"} {
		fake.AddUser(messembed.User{ID: id, ExternalMetadata: messembed.Metadata{"name": id}})
	}
	client := fake.Client(t)
	chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob", ExternalMetadata: messembed.Metadata{"t": 1}})
	require.NoError(t, err)
	for i := range 3 {
		_, err = client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chat.ID, UserID: "bob", Content: fmt.Sprint(i),
			Attachments: []messembed.Attachment{{"type": "image"}}, ExternalMetadata: messembed.Metadata{"k": "v"}})
		require.NoError(t, err)
	}

	chats := fake.Chats()
	require.Len(t, chats, 1)
	got := chats[0]
	assert.Equal(t, chat.ID, got.ID)
	assert.Equal(t, "ada", got.FirstCompanion.ID)
	assert.Equal(t, "bob", got.SecondCompanion.ExternalMetadata["name"])
	assert.Equal(t, 3, got.NotReadByFirstCompanionMessagesCount)
	assert.Zero(t, got.NotReadBySecondCompanionMessagesCount)
	assert.Equal(t, "2", got.LastMessage.Content)
	assert.Equal(t, messembed.Metadata{"t": 1.0}, got.ExternalMetadata)
	assert.True(t, got.Active)

	messages := fake.Messages(chat.ID)
	require.Len(t, messages, 3)
	assert.Equal(t, "0", messages[0].Content)
	assert.Equal(t, "bob", messages[0].UserID)
	assert.Equal(t, []messembed.Attachment{{"type": "image"}}, messages[0].Attachments)
	assert.Less(t, messages[0].ID, messages[1].ID, "ids count up")
	assert.Len(t, messages[0].ID, 24)
	assert.Empty(t, fake.Messages("another"))
	assert.Len(t, fake.Messages(""), 3)
}

// Concurrent creates can leave two chats of one pair; lookups find the older one.
func TestAddChat(t *testing.T) {
	fake := messembedtest.New(t)
	for _, id := range []string{"ada", "bob"} {
		fake.AddUser(messembed.User{ID: id})
	}
	then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	pair := messembed.Chat{FirstCompanion: &messembed.User{ID: "ada"}, SecondCompanion: &messembed.User{ID: "bob"}, ExternalMetadata: messembed.Metadata{"n": 1}, CreatedAt: then}
	first, second := fake.AddChat(pair), fake.AddChat(pair)
	assert.NotEqual(t, first, second)
	assert.Equal(t, then, fake.Chats()[1].CreatedAt)

	client := fake.Client(t)
	walked := 0
	for _, err := range client.Chats(t.Context()) {
		require.NoError(t, err)
		walked++
	}
	assert.Equal(t, 2, walked)
	found, err := client.GetChatByCompanions(t.Context(), "bob", "ada")
	require.NoError(t, err)
	assert.Equal(t, first, found.ID)
	_, err = client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "bob", SecondCompanionID: "ada"})
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
}

func TestAddMessage(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "ada"})
	fake.AddUser(messembed.User{ID: "bob", BlockStatus: messembed.BlockCantSendAndReceive})
	chat := fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: "ada"}, SecondCompanion: &messembed.User{ID: "bob"}})
	username, password := fake.Credentials()
	ws := connect(t, fake, url.Values{"username": {username}, "password": {password}})
	then := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	first := fake.AddMessage(messembed.Message{ChatID: chat, UserID: "ada", Content: "old", CreatedAt: then, Read: true})
	second := fake.AddMessage(messembed.Message{
		ChatID: chat, UserID: "bob", Content: "new", Attachments: []messembed.Attachment{{"type": "image"}},
		ExternalMetadata: messembed.Metadata{"a": 1}, PrivateExternalMetadata: messembed.Metadata{"b": 2},
	})
	say(t, ws, "2")
	assert.Equal(t, "3", hear(t, ws), "the pong and no event")
	assert.Len(t, fake.Requests(), 1, "the handshake")

	listed, err := fake.Client(t).ListMessages(t.Context(), messembed.ListMessagesParams{ChatID: chat})
	require.NoError(t, err)
	require.Len(t, listed.Messages, 2)
	old, latest := listed.Messages[0], listed.Messages[1]
	assert.Equal(t, first, old.ID)
	assert.Equal(t, then, old.CreatedAt)
	assert.True(t, old.Read)
	assert.Equal(t, second, latest.ID)
	assert.Equal(t, "bob", latest.UserID, "although blocked")
	assert.WithinDuration(t, time.Now(), latest.CreatedAt, time.Minute)
	assert.False(t, latest.Read)
	assert.Equal(t, []messembed.Attachment{{"type": "image"}}, latest.Attachments)
	assert.Equal(t, messembed.Metadata{"a": 1.0}, latest.ExternalMetadata)
	assert.Equal(t, messembed.Metadata{"b": 2.0}, latest.PrivateExternalMetadata)

	stored := fake.Chats()[0]
	assert.Equal(t, second, stored.LastMessage.ID)
	assert.Equal(t, 1, stored.NotReadByFirstCompanionMessagesCount)
	assert.Zero(t, stored.NotReadBySecondCompanionMessagesCount, "the first was read")
}

// The SDK's signer accepts the server's tokens, and the server those of the
// signer.
func TestJWTSecret(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithJWTSecret([]byte("a secret that is long enough for HS256")))
	fake.AddUser(messembed.User{ID: "ada"})
	signer, err := messembed.NewTokenSigner(fake.JWTSecret())
	require.NoError(t, err)
	minted, err := fake.Client(t).CreateAccessToken(t.Context(), "ada")
	require.NoError(t, err)
	id, err := signer.Verify(minted.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, "ada", id)
	signed, err := signer.Sign("ada", time.Hour)
	require.NoError(t, err)
	resp, body := send(t, fake, "GET", "/user", "", "Authorization", "Bearer "+signed.AccessToken)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Contains(t, body, `"_id":"ada"`)

	// The server compares signatures as they are written: that of 32 bytes has two
	// bits at its end that say nothing, and are 0.
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(signed.AccessToken) - 1
	other := signed.AccessToken[:last] + string(digits[strings.IndexByte(digits, signed.AccessToken[last])|1])
	resp, _ = send(t, fake, "GET", "/user", "", "Authorization", "Bearer "+other)
	assert.Equal(t, 401, resp.StatusCode)
}

// The fake shows a user that the SDK has deleted as a client sees it.
func TestUser_deletedByTheSDK(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for _, id := range []string{"ada", "bob"} {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
	}
	require.NoError(t, client.DeleteUser(t.Context(), "ada"))

	_, err := client.GetUser(t.Context(), "ada")
	require.ErrorIs(t, err, messembed.ErrNotFound)
	user, ok := fake.User("ada")
	require.True(t, ok)
	assert.True(t, user.Deleted())
	var deleted []bool
	for _, user := range fake.Users() {
		deleted = append(deleted, user.Deleted())
	}
	assert.Equal(t, []bool{true, false}, deleted)

	fake.AddUser(messembed.User{ID: "bob", PrivateExternalMetadata: messembed.Metadata{"messembedDeletedAt": "soon"}})
	user, _ = fake.User("bob")
	assert.False(t, user.Deleted(), "no time, no mark")
}
