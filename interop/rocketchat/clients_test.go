package rocketchat_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/interop/internal/node"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// Rocket.Chat's own REST and DDP clients work with the fake over a socket;
// clients.mjs has what they do and what they must receive.
func TestClients(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]rocketchattest.Option{
		"8":               nil,
		"below a path":    {rocketchattest.WithBasePath("/chat")},
		"a second factor": {rocketchattest.WithTwoFactor()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node.Require(t)
			fake := rocketchattest.New(t, options...)
			watched := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "watched", DisplayName: "Watched"}})
			fake.SetConnected(watched, true)
			cred := fake.Credentials()

			out := node.Run(t, node.Program{
				Args: []string{"--experimental-websocket", "--no-warnings", "clients.mjs"},
				Env: []string{
					"URL=" + fake.URL(), "USER_ID=" + cred.UserID, "TOKEN=" + cred.AuthToken, "SECRET=" + cred.TokenSecret,
					"WATCHED=" + watched, "CODE=" + rocketchattest.TwoFactorCode,
				},
			})

			var report struct {
				Calls   int
				Watched struct{ Logged, Presence []any }
			}
			require.NoError(t, json.Unmarshal(out, &report), "%s", out)
			t.Logf("%d calls", report.Calls)
			assert.Equal(t, []any{watched, "watched", 3.0, "on the phone", "Watched", []any{"user"}}, report.Watched.Logged)
			assert.Equal(t, []any{"watched", 3.0, "on the phone"}, report.Watched.Presence)
			assert.Len(t, fake.Users(), 1, "the other one was deleted")
		})
	}
}
