package main

import (
	"bytes"
	"context"
	"io"
	"log"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestModeration_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer

	require.NoError(t, run(t.Context(), &out, []string{"casino"}, 0))

	assert.Contains(t, out.String(), "mallory wrote \"casino\": user blocked, chat closed\n")
	assert.Contains(t, out.String(), "mallory can no longer write\n")
	assert.NotContains(t, out.String(), "bob wrote", "Casinos is a different word")
}

// Against a service, under a base path, starting an hour ago.
func TestModeration_service(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)
	chatID := conversation(t, fake, "You scam!")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, io.Discard, []string{" Scam ", ""}, time.Hour) }()

	require.Eventually(t, func() bool {
		chat, err := fake.Client(t).GetChat(t.Context(), chatID)
		return err == nil && !chat.Active
	}, 10*time.Second, 10*time.Millisecond)
	user, _ := fake.User("ada")
	assert.True(t, user.Blocked())

	stop()
	require.NoError(t, <-ended)
}

// Messages sent while the connection is down are judged too, and a failure does
// not end the loop.
func TestModeration_troubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		var out bytes.Buffer
		m := newModerator(client, []string{"scam"}, log.New(&out, "", 0))
		go func() { assert.NoError(t, m.watch(ctx, messembed.EventOptions{})) }()
		synctest.Wait()

		fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 403})
		fake.DropConnections()
		conversation(t, fake, "scam one")
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Contains(t, out.String(), "permission denied")
		_, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: fake.Chats()[0].ID, UserID: "ada", Content: "scam two"})
		require.NoError(t, err)
		synctest.Wait()

		user, _ := fake.User("ada")
		assert.True(t, user.Blocked())
	})
}

func TestModeration_refusedCredentials(t *testing.T) {
	fake := messembedtest.New(t)
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_PASSWORD", "wrong")
	require.ErrorIs(t, run(t.Context(), io.Discard, nil, 0), messembed.ErrUnauthenticated)
}

// conversation sends a message from ada to bob.
func conversation(t *testing.T, fake *messembedtest.Server, text string) (chatID string) {
	t.Helper()
	client := fake.Client(t)
	for _, id := range []string{"ada", "bob"} {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
	}
	chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	require.NoError(t, err)
	_, err = client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: text})
	require.NoError(t, err)
	return chat.ID
}
