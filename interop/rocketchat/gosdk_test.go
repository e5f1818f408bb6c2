package rocketchat_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/RocketChat/Rocket.Chat.Go.SDK/models"
	"github.com/RocketChat/Rocket.Chat.Go.SDK/rest"
	"github.com/gopackage/ddp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// The REST client of Rocket.Chat's SDK for Go works with the fake. It has no
// call for a list or a deletion.
func TestGoSDK(t *testing.T) {
	t.Parallel()
	fake := rocketchattest.New(t, rocketchattest.WithServerVersion("7.x")) // its CreateToken has no secret
	client := goClient(t, fake, fake.Credentials())

	created, err := client.CreateUser(&models.CreateUserRequest{
		Name: "Ada", Email: "ada@example.com", Password: "pass", Username: "ada", Roles: []string{"user"},
		CustomFields: map[string]string{"team": "red"},
	})
	require.NoError(t, err)
	assert.Equal(t, "ada", created.User.Username)
	assert.Equal(t, map[string]string{"team": "red"}, created.User.CustomFields)
	id := created.User.ID
	_, err = client.CreateUser(&models.CreateUserRequest{Name: "Ada", Email: "b@example.com", Password: "pass", Username: "ada"})
	require.ErrorContains(t, err, "error-field-unavailable")

	change := models.UpdateUserRequest{UserID: id}
	change.Data.Name, change.Data.Email, change.Data.Username, change.Data.Password = "Ada Lovelace", "ada@example.com", "ada", "pass"
	change.Data.CustomFields = map[string]string{"team": "blue"}
	updated, err := client.UpdateUser(&change)
	require.NoError(t, err)
	assert.Equal(t, "Ada Lovelace", updated.User.Name)

	said, err := client.SetUserAvatar(id, "ada", "https://example.com/ada.png")
	require.NoError(t, err)
	assert.True(t, said.Success)
	status, err := client.GetUserStatus("ada")
	require.NoError(t, err)
	assert.Equal(t, id, status.ID)

	token, err := client.CreateToken(id, "")
	require.NoError(t, err)
	assert.Equal(t, id, token.ID)
	own := goClient(t, fake, rocketchat.Credentials{UserID: token.ID, AuthToken: token.Token})
	var me struct {
		rest.Status
		Username string `json:"username"`
	}
	require.NoError(t, own.Get("me", nil, &me))
	assert.Equal(t, "ada", me.Username)
	require.Error(t, goClient(t, fake, rocketchat.Credentials{UserID: id, AuthToken: "wrong"}).Get("me", nil, &me))
}

// goClient logs in by token, which sends nothing.
func goClient(t *testing.T, fake *rocketchattest.Server, cred rocketchat.Credentials) *rest.Client {
	t.Helper()
	address, err := url.Parse(fake.URL())
	require.NoError(t, err)
	client := rest.NewClient(address, false)
	require.NoError(t, client.Login(&models.UserCredentials{ID: cred.UserID, Token: cred.AuthToken}))
	return client
}

// The DDP client below the SDK's own logs in by token and subscribes. The SDK
// itself needs a private IPv4 address. Changes do not reach the caller: it takes
// in only those of documents that the server has added, and a presence stream
// adds none.
func TestGoSDK_ddp(t *testing.T) {
	t.Parallel()
	fake := rocketchattest.New(t)
	client := ddp.NewClient("ws"+strings.TrimPrefix(fake.URL(), "http")+"/websocket", fake.URL())
	require.NoError(t, client.Connect())
	defer client.Close()

	_, err := client.Call("login", ddp.NewLoginResume("wrong"))
	require.Error(t, err)
	answer, err := client.Call("login", ddp.NewLoginResume(fake.Credentials().AuthToken))
	require.NoError(t, err)
	user, _ := answer.(map[string]any)
	assert.Equal(t, fake.Credentials().UserID, user["id"])
	require.NoError(t, client.Sub("stream-notify-logged", "user-status", false))
	require.NoError(t, client.Sub("stream-user-presence", "", map[string]any{"added": []string{"someone"}}))
	require.Error(t, client.Sub("no-such-stream", "x", false))
}
