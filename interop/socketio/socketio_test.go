// Package socketio_test tests the fake server with the real socket.io client from npm. It is skipped
// if Node is not installed or `npm ci` has not been run in this folder.
package socketio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat("node_modules"); err != nil {
		t.Skip("npm ci has not been run in interop/socketio")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, password := fake.Credentials()
	command := exec.CommandContext(ctx, node, "client.js")
	command.Env = append(append(os.Environ(), "URL="+fake.URL(), "PASSWORD="+password, "WAY="+way), env...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	require.NoError(t, err, "%s", &stderr)
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
