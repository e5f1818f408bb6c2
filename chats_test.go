package messembed_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func fakeWith(t *testing.T, ids ...string) (*messembedtest.Server, *messembed.Client) {
	fake := messembedtest.New(t)
	for _, id := range ids {
		fake.AddUser(messembed.User{ID: id, ExternalMetadata: md{"name": id}})
	}
	return fake, fake.Client(t)
}

func TestChats_roundTrip(t *testing.T) {
	_, client := fakeWith(t, "ada", "bob", "eve")
	ctx := t.Context()
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{
		FirstCompanionID: "ada", SecondCompanionID: "bob", ExternalMetadata: md{"topic": "x"}, PrivateExternalMetadata: md{"p": 1},
	})
	require.NoError(t, err)
	assert.True(t, chat.Active)
	assert.Equal(t, "ada", chat.FirstCompanion.ExternalMetadata["name"])
	assert.Equal(t, md{"topic": "x"}, chat.ExternalMetadata)
	assert.Nil(t, chat.LastMessage)
	assert.Contains(t, string(chat.Raw), `"notReadBySecondCompanionMessagesCount":0`)

	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "hello"})
	require.NoError(t, err)
	read, err := client.GetChatByCompanions(ctx, "bob", "ada")
	require.NoError(t, err)
	assert.Equal(t, chat.ID, read.ID)
	assert.Equal(t, "hello", read.LastMessage.Content)
	assert.Equal(t, 1, read.NotReadBySecondCompanionMessagesCount)
	assert.Equal(t, 0, read.NotReadByFirstCompanionMessagesCount)

	inactive := false
	updated, err := client.UpdateChat(ctx, chat.ID, messembed.UpdateChatParams{Active: &inactive, ExternalMetadata: md{}})
	require.NoError(t, err)
	assert.False(t, updated.Active)
	assert.Empty(t, updated.ExternalMetadata)
	assert.Equal(t, md{"p": 1.0}, updated.PrivateExternalMetadata, "not given, so it stays")
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada"})
	require.ErrorIs(t, err, messembed.ErrChatInactive)
	_, err = client.UnblockChat(ctx, chat.ID)
	require.NoError(t, err)

	_, err = client.BlockUser(ctx, "ada")
	require.NoError(t, err)
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada"})
	require.ErrorIs(t, err, messembed.ErrUserBlocked)
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "eve"})
	require.ErrorIs(t, err, messembed.ErrNotFound, "not in the chat")

	page, err := client.ListChats(ctx)
	require.NoError(t, err)
	assert.Len(t, page.Chats, 1)
	assert.Equal(t, 1, page.TotalCount)
	for ch, err := range client.Chats(ctx) {
		require.NoError(t, err)
		assert.Equal(t, chat.ID, ch.ID)
	}
}

func TestEnsureChat(t *testing.T) {
	for _, pair := range [][2]string{{"ada", "bob"}, {"a:b", "bob"}, {"ada", "ada"}} {
		t.Run(pair[0]+" and "+pair[1], func(t *testing.T) {
			_, client := fakeWith(t, "ada", "bob", "a:b", "eve")
			_, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "eve", SecondCompanionID: "bob"})
			require.NoError(t, err)
			first, created, err := client.EnsureChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: pair[0], SecondCompanionID: pair[1]})
			require.NoError(t, err)
			assert.True(t, created)
			second, created, err := client.EnsureChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: pair[1], SecondCompanionID: pair[0], ExternalMetadata: md{"x": 1}})
			require.NoError(t, err)
			assert.False(t, created)
			assert.Equal(t, first.ID, second.ID)
			assert.Empty(t, second.ExternalMetadata, "returned as it is")
		})
	}
}

// Concurrent creates for one pair can leave two chats.
func TestEnsureChat_survivesTwoChatsOfAPair(t *testing.T) {
	fake, client := fakeWith(t, "ada", "bob")
	ada, _ := fake.User("ada")
	bob, _ := fake.User("bob")
	for range 2 {
		fake.AddChat(messembed.Chat{Active: true, FirstCompanion: &ada, SecondCompanion: &bob})
	}
	require.Len(t, fake.Chats(), 2)
	var id string
	for range 3 {
		chat, created, err := client.EnsureChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
		require.NoError(t, err)
		assert.False(t, created)
		if id == "" {
			id = chat.ID
		}
		assert.Equal(t, id, chat.ID, "always the same")
	}
}

func TestCreateChat_lostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client := fakeWith(t, "ada", "bob")
		pair := messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob", ExternalMetadata: md{"x": 1}}
		fake.FailNext(messembedtest.Fault{Op: "CreateChat", Reset: true, AfterApply: true})
		chat, err := client.CreateChat(t.Context(), pair)
		require.NoError(t, err)
		assert.Equal(t, "ada", chat.FirstCompanion.ID)

		// The same pair with other metadata is someone else's chat.
		fake.FailNext(messembedtest.Fault{Op: "CreateChat", Reset: true})
		pair.ExternalMetadata = md{"x": 2}
		_, err = client.CreateChat(t.Context(), pair)
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
		assert.Len(t, fake.Chats(), 1)
	})
}
