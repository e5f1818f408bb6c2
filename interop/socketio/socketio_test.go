// Package socketio_test tests the fake server with the real socket.io client
// from npm. It is skipped if Node or the packages of package-lock.json are not
// installed.
package socketio_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/interop/internal/node"
	"github.com/messembed/messembed-go/messembedtest"
)

// report is what client.js prints.
type report struct {
	Transport   string
	Upgraded    bool
	Disconnects []string
	Exception   map[string]string
	Chat        string
	Messages    []message
	Events      []struct {
		Message message
		Chat    struct {
			ID          string `json:"_id"`
			LastMessage *message
			Unread      int `json:"notReadBySecondCompanionMessagesCount"`
		}
	}
}

type message struct {
	ID      string `json:"_id"`
	Content string
	User    string
	Chat    string
}

func runClient(t *testing.T, fake *messembedtest.Server, way string, env ...string) report {
	t.Helper()
	node.Require(t)
	_, password := fake.Credentials()
	out := node.Run(t, node.Program{
		Args: []string{"client.js"},
		Env:  append([]string{"URL=" + fake.URL(), "PASSWORD=" + password, "WAY=" + way}, env...),
	})
	var r report
	require.NoError(t, json.Unmarshal(out, &r))
	return r
}

func TestRealClient(t *testing.T) {
	for way, transport := range map[string]string{"polling": "polling", "websocket": "websocket", "upgrade": "websocket"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"),
				messembedtest.WithPingInterval(time.Second, 2*time.Second))

			r := runClient(t, fake, way, "IDLE=3500") // longer than a silent client may stay connected

			assert.Equal(t, transport, r.Transport)
			assert.Equal(t, way == "upgrade", r.Upgraded)
			require.Len(t, r.Events, len(r.Messages))
			for i, event := range r.Events {
				assert.Equal(t, r.Messages[i], event.Message)
				assert.Equal(t, r.Chat, event.Chat.ID)
				assert.Equal(t, i, event.Chat.Unread, "the chat is as it was before the message")
				if i == 0 {
					assert.Nil(t, event.Chat.LastMessage)
				} else {
					assert.Equal(t, &r.Messages[i-1], event.Chat.LastMessage)
				}
			}
			assert.Equal(t, map[string]string{"status": "error", "message": "Internal server error"}, r.Exception)
			assert.Equal(t, []string{"io client disconnect"}, r.Disconnects, "the heartbeat kept the connection")
		})
	}
}

func TestRealClient_wrongPassword(t *testing.T) {
	r := runClient(t, messembedtest.New(t), "wrong-password")
	assert.Empty(t, r.Events, "it is accepted but receives nothing")
	assert.Len(t, r.Messages, 4)
}
