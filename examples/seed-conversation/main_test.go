package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestSeedConversation_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Contains(t, out.String(), "New: 3 users, 2 chats, 8 messages\n\nSaturday market\n  Nadia Osei: Are we still on")
	assert.Contains(t, out.String(), "  Tomás Quiroga: Make it three, last time we were out by ten ☕\n")
	assert.Contains(t, out.String(), "    [image] https://pics.lantern-coffee.example/fountain.jpg\n")
}

// Against a service, under a path, and twice.
func TestSeedConversation_service(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)

	var first, second bytes.Buffer
	require.NoError(t, run(t.Context(), &first))
	assert.Contains(t, first.String(), "New: 3 users, 2 chats, 8 messages\n")
	require.NoError(t, run(t.Context(), &second))
	assert.Contains(t, second.String(), "New: 0 users, 0 chats, 0 messages\n")
	assert.Len(t, fake.Chats(), 2)
}

// A response is lost in the middle. A second run sends the rest, and nothing twice.
func TestSeedConversation_lostAnswer(t *testing.T) {
	var s seed
	require.NoError(t, json.Unmarshal(conversationsFile, &s))
	fake := messembedtest.New(t)
	client := fake.Client(t)
	fake.FailNext(messembedtest.Fault{Op: "CreateMessage", AfterApply: true, Reset: true})

	_, err := s.putInto(t.Context(), client)
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	assert.ErrorContains(t, err, "message market-1 (run it again to continue)")

	did, err := s.putInto(t.Context(), client)
	require.NoError(t, err)
	assert.Equal(t, done{users: 0, chats: 1, messages: 7}, did)
	contents := map[string]int{}
	for _, chat := range fake.Chats() {
		for _, m := range fake.Messages(chat.ID) {
			contents[m.Content]++
		}
	}
	assert.Len(t, contents, 8)
	for content, n := range contents {
		assert.Equal(t, 1, n, content)
	}
}
