package messembed_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

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

// A create that lost a race: the server has another chat of the pair, which it
// finds first.
func TestEnsureChat_readsBack(t *testing.T) {
	pair := messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"}
	lateChat := messembedtest.Fault{Op: "CreateChat", Status: 201, Body: `{"_id":"0123456789abcdef01234567","active":true,"firstCompanion":{"_id":"ada"},"secondCompanion":{"_id":"bob"}}`}
	t.Run("the first chat", func(t *testing.T) {
		fake, client := fakeWith(t, "ada", "bob")
		ada, _ := fake.User("ada")
		bob, _ := fake.User("bob")
		first := fake.AddChat(messembed.Chat{Active: true, FirstCompanion: &ada, SecondCompanion: &bob})
		fake.FailNext(lateChat)
		var meta messembed.Meta
		chat, created, err := client.EnsureChat(t.Context(), pair, messembed.WithMeta(&meta))
		require.NoError(t, err)
		assert.False(t, created, "it is somebody else's")
		assert.Equal(t, first, chat.ID)
		assert.Equal(t, http.StatusCreated, meta.StatusCode, "the look-up does not count")
	})
	t.Run("the look-up fails", func(t *testing.T) {
		fake, client := fakeWith(t, "ada", "bob")
		fake.FailNext(messembedtest.Fault{Op: "GetChat", Status: 403})
		_, _, err := client.EnsureChat(t.Context(), pair)
		failure, ok := errors.AsType[*messembed.Error](err)
		require.True(t, ok)
		assert.True(t, failure.MaybeApplied)
		assert.Equal(t, 1, failure.Attempts)
		assert.Len(t, fake.Chats(), 1)
	})
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

// conversation returns a fake whose clock stands still unless it is set.
func conversation(t *testing.T) (fake *messembedtest.Server, client *messembed.Client, chatID string, at *time.Time) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	fake = messembedtest.New(t, messembedtest.WithClock(func() time.Time { return now }))
	client = fake.Client(t)
	return fake, client, chatOfAdaAndBob(t, client), &now
}

func TestCreateMessage(t *testing.T) {
	_, client, chatID, at := conversation(t)
	m, err := client.CreateMessage(t.Context(), messembed.CreateMessageParams{
		ChatID: chatID, UserID: "bob", Content: "пись😀", Attachments: []messembed.Attachment{{"type": "image", "url": "http://x/y.png"}, {}},
		ExternalMetadata: md{"a": 1}, PrivateExternalMetadata: md{"b": 2},
	})
	require.NoError(t, err)
	assert.Equal(t, chatID, m.ChatID)
	assert.Equal(t, "bob", m.UserID)
	assert.Equal(t, "пись😀", m.Content)
	assert.Equal(t, []messembed.Attachment{{"type": "image", "url": "http://x/y.png"}, {}}, m.Attachments)
	assert.Equal(t, md{"a": 1.0}, m.ExternalMetadata)
	assert.True(t, m.CreatedAt.Equal(*at))
	assert.False(t, m.Read)

	empty, err := client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chatID, UserID: "bob"})
	require.NoError(t, err, "an empty content is sent")
	assert.Empty(t, empty.Content)
}

// A message is never sent twice, whatever was lost.
func TestCreateMessage_isNotSentTwice(t *testing.T) {
	for _, lost := range []messembedtest.Fault{{Reset: true, AfterApply: true}, {Truncate: 4}, {Status: 502, AfterApply: true}, {Status: 500, AfterApply: true}, {Status: 504, AfterApply: true}} {
		fake, client, chatID, _ := conversation(t)
		lost.Op = "CreateMessage"
		fake.FailNext(lost)
		_, err := client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chatID, UserID: "ada", Content: "once"})
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
		assert.Len(t, fake.Messages(chatID), 1)
	}
}

func TestMessages_pagesWithinOneMillisecond(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 7, 50} {
		_, client, chatID, at := conversation(t)
		var want []string
		for i := range 40 {
			if i%13 == 0 { // thirteen share each millisecond
				*at = at.Add(time.Millisecond)
			}
			text := fmt.Sprint(i)
			say(t, client, chatID, text)
			want = append(want, text)
		}
		for _, id := range []string{chatID, ""} {
			assert.Equal(t, want, texts(t, client, messembed.ListMessagesParams{ChatID: id, Limit: size}), "page size %d", size)
			assert.Equal(t, want[15:], texts(t, client, messembed.ListMessagesParams{ChatID: id, Limit: size, Offset: 15}), "page size %d", size)
		}
	}
}

func TestMessages_afterAndBefore(t *testing.T) {
	fake, client, chatID, at := conversation(t)
	start := *at
	for i := range 10 {
		*at = start.Add(time.Duration(i) * time.Second)
		say(t, client, chatID, fmt.Sprint(i))
	}
	second := func(i float64) time.Time { return start.Add(time.Duration(i * float64(time.Second))) }
	for _, id := range []string{chatID, ""} {
		list := func(p messembed.ListMessagesParams) []string {
			p.ChatID = id
			walked := texts(t, client, p)
			page, err := client.ListMessages(t.Context(), p)
			require.NoError(t, err)
			if p.Limit == 0 {
				assert.Len(t, page.Messages, len(walked))
			}
			return walked
		}
		assert.Equal(t, []string{"7", "8", "9"}, list(messembed.ListMessagesParams{After: second(7)}), "inclusive")
		assert.Equal(t, []string{"0", "1"}, list(messembed.ListMessagesParams{Before: second(2)}), "exclusive")
		assert.Equal(t, []string{"2", "3", "4"}, list(messembed.ListMessagesParams{After: second(2), Before: second(5)}))
		assert.Equal(t, []string{"2", "3", "4"}, list(messembed.ListMessagesParams{After: second(2), Before: second(5), Limit: 2}))
		assert.Equal(t, []string{"3", "4"}, list(messembed.ListMessagesParams{After: second(2), Before: second(5), Offset: 1}))
		assert.Equal(t, []string{"3", "4", "5"}, list(messembed.ListMessagesParams{After: second(2).Add(time.Microsecond), Before: second(5).Add(time.Microsecond)}), "between two milliseconds")
		assert.Empty(t, list(messembed.ListMessagesParams{After: second(5), Before: second(5)}))
	}
	asked := map[string]int{} // with before, by path and after
	for _, request := range fake.Requests() {
		query, err := url.ParseQuery(request.Query)
		require.NoError(t, err)
		if request.Path == "/admin-api/messages" {
			assert.False(t, query.Has("after") && query.Has("before"), "the service ignores one of them")
		}
		assert.NotEqual(t, "0", query.Get("limit"))
		assert.NotEqual(t, "0", query.Get("offset"))
		if query.Has("before") {
			asked[request.Path+" "+fmt.Sprint(query.Has("after"))]++
		}
	}
	assert.Len(t, asked, 3, "what the service can leave out itself, it does: %v", asked)
}

// read=false means true to the server; an empty one means false.
func TestMessages_read(t *testing.T) {
	fake, client, chatID, _ := conversation(t)
	say(t, client, chatID, "hello")
	read, unread := true, false
	assert.Empty(t, texts(t, client, messembed.ListMessagesParams{ChatID: chatID, Read: &read}))
	assert.Equal(t, []string{"hello"}, texts(t, client, messembed.ListMessagesParams{ChatID: chatID, Read: &unread}))
	last := fake.Requests()[len(fake.Requests())-1]
	assert.Contains(t, last.Query, "read=")
	assert.NotContains(t, last.Query, "read=false")

	before := len(fake.Requests())
	_, err := client.ListMessages(t.Context(), messembed.ListMessagesParams{Read: &unread})
	require.ErrorIs(t, err, messembed.ErrUnsupported)
	for _, err := range client.Messages(t.Context(), messembed.ListMessagesParams{Read: &unread}) {
		require.ErrorIs(t, err, messembed.ErrUnsupported)
	}
	assert.Len(t, fake.Requests(), before)
}

func TestMessages_withoutATimeout(t *testing.T) {
	fake, client, chatID, _ := conversation(t)
	for i := range 5 {
		say(t, client, chatID, fmt.Sprint(i))
	}
	seen := 0
	for _, err := range fake.Client(t, messembed.WithTimeout(0)).Messages(t.Context(), messembed.ListMessagesParams{ChatID: chatID, Limit: 2}) {
		require.NoError(t, err)
		seen++
	}
	assert.Equal(t, 5, seen)
}

// Each page has WithTimeout for itself.
func TestMessages_pagesHaveTheirOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake, client, chatID, _ := conversation(t)
		for i := range 5 {
			say(t, client, chatID, fmt.Sprint(i))
		}
		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "ListMessages", Delay: 6 * time.Second})
		seen := 0
		for _, err := range fake.Client(t, messembed.WithTimeout(10*time.Second)).Messages(t.Context(), messembed.ListMessagesParams{ChatID: chatID, Limit: 2}) {
			require.NoError(t, err)
			seen++
		}
		assert.Equal(t, 5, seen)
	})
}

func TestMessages_failureIsTheLastThing(t *testing.T) {
	fake, client, chatID, _ := conversation(t)
	for i := range 5 {
		say(t, client, chatID, fmt.Sprint(i))
	}
	seen := 0
	for _, err := range client.Messages(t.Context(), messembed.ListMessagesParams{ChatID: chatID, Limit: 2}) {
		if err != nil {
			require.ErrorIs(t, err, messembed.ErrPermissionDenied)
			break
		}
		if seen++; seen == 2 {
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 403})
		}
	}
	assert.Equal(t, 2, seen)
}
