package chatkitty_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/interop/internal/node"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

// ChatKitty's own clients, of which each speaks another dialect, work with the
// fake over a socket; clients.mjs has what they do and what they must receive.
func TestClients(t *testing.T) {
	for _, client := range []string{"chatkitty-platform-sdk", "chatkitty"} {
		t.Run(client, func(t *testing.T) {
			node.Require(t)
			fake := chatkittytest.New(t)
			online := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "online"}})
			fake.SetOnline(online, true)
			origin, ok := strings.CutSuffix(fake.URL(), "/v1")
			require.True(t, ok, "%s", fake.URL())
			cred := fake.Credentials()

			out := node.Run(t, node.Program{Args: []string{"clients.mjs"}, Env: []string{
				"CLIENT=" + client, "URL=" + origin, "TOKEN_URL=" + origin + "/oauth/token", "CLIENT_ID=" + cred.ClientID,
				"CLIENT_SECRET=" + cred.ClientSecret, "ONLINE=" + online,
			}})

			var report struct{ Calls int }
			require.NoError(t, json.Unmarshal(out, &report), "%s", out)
			t.Logf("%d calls", report.Calls)
			assert.Len(t, fake.Users(), 1, "the other one was deleted")
		})
	}
}
