package messembedtest_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// connect opens a websocket to the live events and reads its greeting.
func connect(t *testing.T, fake *messembedtest.Server, query url.Values) *websocket.Conn {
	t.Helper()
	ws, _, err := dial(t, fake, query)
	require.NoError(t, err)
	t.Cleanup(func() { _ = ws.CloseNow() })
	assert.Contains(t, hear(t, ws), `0{"sid":"`)
	assert.Equal(t, "40", hear(t, ws))
	return ws
}

func dial(t *testing.T, fake *messembedtest.Server, query url.Values) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	target := fake.BaseURL() + "/socket.io/?EIO=3&transport=websocket&" + query.Encode()
	return websocket.Dial(t.Context(), target, &websocket.DialOptions{HTTPClient: &http.Client{Transport: fake}})
}

func hear(t *testing.T, ws *websocket.Conn) string {
	t.Helper()
	_, data, err := ws.Read(t.Context())
	require.NoError(t, err)
	return string(data)
}

func say(t *testing.T, ws *websocket.Conn, packet string) {
	t.Helper()
	require.NoError(t, ws.Write(t.Context(), websocket.MessageText, []byte(packet)))
}

// newChat stores two users and their chat.
func newChat(fake *messembedtest.Server, first, second string) (id string) {
	fake.AddUser(messembed.User{ID: first})
	fake.AddUser(messembed.User{ID: second})
	return fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: first}, SecondCompanion: &messembed.User{ID: second}})
}

// Whoever sends the service's password hears each message, with its chat as it
// was before. Everybody else is connected and hears nothing.
func TestEvents(t *testing.T) {
	for name, tc := range map[string]struct {
		query url.Values
		hears bool
	}{
		"the administrator": {url.Values{"username": {"svc"}, "password": {"secret"}}, true},
		"another name":      {url.Values{"username": {"anything"}, "password": {"secret"}}, true},
		"wrong password":    {url.Values{"username": {"svc"}, "password": {"nope"}}, false},
		"no name":           {url.Values{"username": {""}, "password": {"secret"}}, false},
		"no credentials":    {nil, false},
		"a user's token":    {url.Values{"token": {"x"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t, messembedtest.WithCredentials("svc", "secret"))
			chat := newChat(fake, "ada", "bob")
			ws := connect(t, fake, tc.query)

			resp, message := send(t, fake, "POST", "/admin-api/chats/"+chat+"/messages", `{"userId":"ada","content":"hé😀"}`)
			require.Equal(t, http.StatusCreated, resp.StatusCode)

			say(t, ws, "2")
			if tc.hears {
				event := hear(t, ws)
				assert.True(t, strings.HasPrefix(event, `42["admin__new_message",{"message":`+message+`,"chat":{`), event)
				assert.NotContains(t, event, "lastMessage")
			}
			assert.Equal(t, "3", hear(t, ws))
		})
	}
}

// The users' own events are not for administrators.
func TestEvents_ofUsers(t *testing.T) {
	fake := messembedtest.New(t)
	for _, event := range []string{"send_message", "send_writing", "mark_message_as_read"} {
		ws := connect(t, fake, nil)
		say(t, ws, `42["`+event+`",{}]`)
		assert.Equal(t, `42["exception",{"status":"error","message":"Internal server error"}]`, hear(t, ws))
		say(t, ws, `42["nope",{}]`)
		say(t, ws, "2")
		assert.Equal(t, "3", hear(t, ws), "any other event is met with silence")
	}
}

func TestEvents_faults(t *testing.T) {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Status: http.StatusBadGateway})
	_, resp, err := dial(t, fake, nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
	fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Refuse: true})
	_, resp, err = dial(t, fake, nil)
	require.Error(t, err)
	assert.Nil(t, resp)

	fake.RefuseWebsockets(true)
	_, resp, err = dial(t, fake, nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	fake.RefuseWebsockets(false)
	ws := connect(t, fake, nil)
	fake.DropConnections()
	_, _, err = ws.Read(t.Context())
	require.Error(t, err)
	assert.Negative(t, websocket.CloseStatus(err), "it broke without a close frame")
}

func TestEvents_stalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		ws := connect(t, fake, nil)
		fake.StallConnections()
		say(t, ws, "2")
		ctx, cancel := context.WithTimeout(t.Context(), 3600e9)
		defer cancel()

		_, _, err := ws.Read(ctx)

		require.ErrorIs(t, err, context.DeadlineExceeded, "no pong and no close")
	})
}

func TestEvents_overASocketUnderABasePath(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	_, password := fake.Credentials()
	ws, _, err := websocket.Dial(t.Context(), fake.URL()+"/socket.io/?EIO=3&transport=websocket&username=a&password="+password, nil)
	require.NoError(t, err)
	defer ws.CloseNow()
	assert.Contains(t, hear(t, ws), `0{"sid":"`)
	assert.Equal(t, "40", hear(t, ws))
}
