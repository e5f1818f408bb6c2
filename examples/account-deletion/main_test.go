package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestAccountDeletion_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, nil))
	assert.Regexp(t, `(?m)\Aada +deleted; 2 chats closed
grace +failed, to be tried again: messembed: DeleteUser: unavailable .*
nobody +is not in the chat \(any more; or is the id misspelt\?\); 0 chats closed
grace +deleted; 1 chat closed
\z`, out.String())
}

func TestAccountDeletion_service(t *testing.T) {
	fake := messembedtest.New(t)
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)
	require.NoError(t, furnish(t.Context(), fake.Client(t)))

	assert.ErrorContains(t, run(t.Context(), &bytes.Buffer{}, nil), "give the ids of the accounts")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, []string{"ada"}))
	assert.Equal(t, "ada     deleted; 2 chats closed\n", out.String())
}

func erase(t *testing.T, client *messembed.Client, id string) *erased {
	t.Helper()
	return eraseAll(t.Context(), client, []string{id})[0]
}

// What remains of a deleted user, with today's Messembed and with a server that has
// the route.
func TestErase(t *testing.T) {
	for name, options := range map[string][]messembedtest.Option{
		"empties and blocks": nil,
		"by route":           {messembedtest.WithDeleteRoute()},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t, options...)
			client := fake.Client(t)
			require.NoError(t, furnish(t.Context(), client))

			assert.Equal(t, &erased{ID: "ada", Chats: 2}, erase(t, client, "ada"))

			_, err := client.GetUser(t.Context(), "ada")
			assert.ErrorIs(t, err, messembed.ErrNotFound)
			for _, chat := range fake.Chats() {
				assert.Equal(t, chat.FirstCompanion.ID != "ada" && chat.SecondCompanion.ID != "ada", chat.Active)
			}
			again := erase(t, client, "ada")
			assert.NoError(t, again.Err)
			assert.Zero(t, again.Chats)
		})
	}
}

// The chats contain copies of their companions, which are emptied with the user.
func TestErase_copiesInChats(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	require.NoError(t, furnish(t.Context(), client))
	require.NoError(t, erase(t, client, "ada").Err)
	for _, chat := range fake.Chats() {
		for _, companion := range []*messembed.User{chat.FirstCompanion, chat.SecondCompanion} {
			if companion.ID == "ada" {
				assert.Empty(t, companion.ExternalMetadata)
			}
		}
	}
}

// The next run completes one that ended after the first step.
func TestEraseAll_interrupted(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
	client := fake.Client(t)
	require.NoError(t, furnish(t.Context(), client))
	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "Chats", Status: http.StatusBadGateway})
	}
	for _, e := range eraseAll(t.Context(), client, []string{"ada", "grace"}) {
		assert.ErrorIs(t, e.Err, messembed.ErrUnavailable)
	}
	assert.Equal(t, []*erased{{ID: "ada", Chats: 2, Before: true}, {ID: "grace", Chats: 2, Before: true}},
		eraseAll(t.Context(), client, []string{"ada", "grace"}))
}

// However many accounts there are, the chats are walked over once; and one chat
// that cannot be closed is told of its users alone.
func TestEraseAll_walksOnce(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	require.NoError(t, furnish(t.Context(), client))
	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "BlockChat", Status: http.StatusBadGateway}) // of ada and grace
	}
	got := eraseAll(t.Context(), client, []string{"ada", "grace", "edsger"})
	assert.ErrorContains(t, got[0].Err, "chat "+fake.Chats()[0].ID)
	assert.ErrorContains(t, got[1].Err, "chat "+fake.Chats()[0].ID)
	assert.Equal(t, &erased{ID: "edsger", Chats: 2}, got[2])
	walks := 0
	for _, r := range fake.Requests() {
		if r.Method == http.MethodGet && r.Path == "/admin-api/chats" {
			walks++
		}
	}
	assert.Equal(t, 1, walks)
}

func TestEraseAll_cancelled(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	require.NoError(t, furnish(t.Context(), client))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, e := range eraseAll(ctx, client, []string{"ada", "grace"}) {
		assert.ErrorIs(t, e.Err, context.Canceled)
	}
}

// What the README says is left: tokens, messages and chats stay, and writes to the
// id work.
func TestErase_whatIsLeft(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	ctx := t.Context()
	require.NoError(t, furnish(ctx, client))
	token, err := client.CreateAccessToken(ctx, "ada")
	require.NoError(t, err)
	chat, err := client.GetChatByCompanions(ctx, "ada", "grace")
	require.NoError(t, err)
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "hello"})
	require.NoError(t, err)

	require.NoError(t, erase(t, client, "ada").Err)

	user := readWith(t, fake, token)
	assert.Equal(t, "ada", user["_id"], "a token from before reads")
	assert.NotEmpty(t, user["blockStatus"])
	again, err := client.CreateAccessToken(ctx, "ada")
	require.NoError(t, err)
	assert.Equal(t, "ada", readWith(t, fake, again)["_id"], "a new one too")

	left, err := client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: chat.ID})
	require.NoError(t, err)
	require.Len(t, left.Messages, 1)
	assert.Equal(t, "hello", left.Messages[0].Content)
	_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "grace", Content: "are you there?"})
	assert.ErrorIs(t, err, messembed.ErrChatInactive)
	_, err = client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	assert.ErrorIs(t, err, messembed.ErrAlreadyExists)

	_, err = client.CreateUser(ctx, messembed.CreateUserParams{ID: "linus"})
	require.NoError(t, err)
	opened, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "linus", SecondCompanionID: "ada"})
	require.NoError(t, err)
	for id, want := range map[string]error{"linus": nil, "ada": messembed.ErrUserBlocked} {
		_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: opened.ID, UserID: id, Content: "hello"})
		assert.ErrorIs(t, err, want)
	}
	_, err = client.UpdateUser(ctx, "ada", messembed.UpdateUserParams{PrivateExternalMetadata: messembed.Metadata{}})
	require.NoError(t, err)
	back, err := client.GetUser(ctx, "ada")
	require.NoError(t, err)
	assert.True(t, back.Blocked())
}

// readWith reads the user of an access token, as a front end does.
func readWith(t *testing.T, fake *messembedtest.Server, token *messembed.AccessToken) (user map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.URL()+"/user", nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+token.AccessToken)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&user))
	return user
}
