package rocketchattest_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// ddp is a client of the fake's websocket.
type ddp struct {
	t  *testing.T
	ws *websocket.Conn
}

func dial(t *testing.T, fake *rocketchattest.Server) ddp {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), fake.BaseURL()+"/websocket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: fake}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = ws.CloseNow() })
	d := ddp{t, ws}
	assert.Equal(t, object{"server_id": "0"}, d.hear())
	return d
}

func (d ddp) hear() (message object) {
	d.t.Helper()
	_, data, err := d.ws.Read(d.t.Context())
	require.NoError(d.t, err)
	require.NoError(d.t, json.Unmarshal(data, &message))
	return message
}

func (d ddp) say(message object) {
	d.t.Helper()
	data, err := json.Marshal(message)
	require.NoError(d.t, err)
	require.NoError(d.t, d.ws.Write(d.t.Context(), websocket.MessageText, data))
}

func (d ddp) ask(message object) object {
	d.t.Helper()
	d.say(message)
	return d.hear()
}

func (d ddp) login(token string) {
	d.t.Helper()
	assert.Equal(d.t, "connected", d.ask(object{"msg": "connect", "version": "1", "support": []string{"1"}})["msg"])
	got := d.ask(object{"msg": "method", "method": "login", "id": "1", "params": []object{{"resume": token}}})
	assert.Equal(d.t, "result", got["msg"])
	assert.Contains(d.t, got, "result")
	assert.Equal(d.t, "updated", d.hear()["msg"])
}

func TestDDP(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{ID: "u1", Profile: messembed.Profile{Username: "ada", DisplayName: "Ada"}})
	fake.AddUser(messembed.User{ID: "u2"})
	d := dial(t, fake)
	assert.Equal(t, "Must connect first", d.ask(object{"msg": "ping"})["reason"])
	d.login(fake.Credentials().AuthToken)
	assert.Equal(t, object{"msg": "pong", "id": "7"}, d.ask(object{"msg": "ping", "id": "7"}))
	assert.Equal(t, object{"msg": "ready", "subs": []any{"2"}}, d.ask(object{"msg": "sub", "id": "2", "name": "stream-user-presence", "params": []any{"", object{"added": []string{"u1"}}}}))

	fake.SetConnected("u2", true)
	fake.SetConnected(id, true)
	assert.Equal(t, object{"msg": "changed", "collection": "stream-user-presence", "id": "u1", "fields": object{
		"uid": "u1", "eventName": "u1", "args": []any{[]any{"ada", 1.0, nil}},
	}}, d.hear(), "of the requested users")
	assert.Equal(t, object{"msg": "nosub", "id": "3"}, d.ask(object{"msg": "sub", "id": "3", "name": "stream-user-presence", "params": []any{"", object{"added": []string{"u2"}, "removed": []string{"u1"}}}}))
	fake.SetConnected("u1", false)
	fake.SetConnected("u2", false)
	assert.Equal(t, "u2", d.hear()["id"], "a second subscription changes the first")
	assert.Equal(t, object{"msg": "nosub", "id": "2"}, d.ask(object{"msg": "unsub", "id": "2"}))

	assert.Equal(t, "ready", d.ask(object{"msg": "sub", "id": "4", "name": "stream-notify-logged", "params": []any{"user-status", false}})["msg"])
	call(t, fake).post("/api/v1/users.setStatus", object{"userId": "u1", "status": "busy", "message": "tea"})
	assert.Equal(t, object{"eventName": "user-status", "args": []any{[]any{"u1", "ada", 0.0, "tea", "Ada", []any{"user"}}}}, d.hear()["fields"])
	assert.Contains(t, d.ask(object{"msg": "method", "method": "x", "id": "9"}), "error")
	assert.Contains(t, d.ask(object{"msg": "sub", "id": "9", "name": "x"}), "error")
	assert.Equal(t, "error", d.ask(object{"msg": "x"})["msg"])
}

func TestDDP_refusals(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithServerVersion("4.0"))
	assert.Equal(t, object{"msg": "failed", "version": "1"}, dial(t, fake).ask(object{"msg": "connect", "version": "pre1", "support": []string{"pre1"}}))
	d := dial(t, fake)
	d.ask(object{"msg": "connect", "version": "1", "support": []string{"1"}})
	refused := d.ask(object{"msg": "method", "method": "login", "id": "1", "params": []object{{"resume": "wrong"}}})
	assert.Equal(t, 403.0, refused["error"].(object)["error"])
	assert.Contains(t, d.ask(object{"msg": "method", "method": "login", "id": "1", "params": []object{}}), "error")
	assert.Contains(t, d.ask(object{"msg": "sub", "id": "2", "name": "stream-notify-logged", "params": []any{"user-status", false}}), "error", "not logged in")
	assert.Contains(t, d.ask(object{"msg": "sub", "id": "2", "name": "stream-user-presence", "params": []any{"", object{}}}), "error", "since 4.1")
	assert.Zero(t, fake.Connections())
	require.NoError(t, d.ws.Write(t.Context(), websocket.MessageText, []byte("x")))
	assert.Equal(t, "Parse error", d.hear()["reason"])
}

func TestDDP_connections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.AddUser(messembed.User{ID: "u1"})
		stalled := dial(t, fake)
		stalled.login(fake.Credentials().AuthToken)
		fake.StallConnections()
		dropped := dial(t, fake)
		dropped.login(fake.Credentials().AuthToken)
		assert.Equal(t, 2, fake.Connections())

		stalled.say(object{"msg": "ping"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, _, err := stalled.ws.Read(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "open but silent")

		fake.DropConnections()
		_, _, err = dropped.ws.Read(t.Context())
		require.Error(t, err)
		synctest.Wait()
		assert.Zero(t, fake.Connections())

		fake.RefuseWebsockets(true)
		_, resp, err := websocket.Dial(t.Context(), fake.BaseURL()+"/websocket", &websocket.DialOptions{HTTPClient: &http.Client{Transport: fake}})
		require.Error(t, err)
		assert.Equal(t, 403, resp.StatusCode)
	})
}

// A broken network looks the same over a socket.
func TestDDP_dropConnectionsOverASocket(t *testing.T) {
	fake := rocketchattest.New(t)
	ws, _, err := websocket.Dial(t.Context(), fake.URL()+"/websocket", nil)
	require.NoError(t, err)
	defer ws.CloseNow()
	_, _, err = ws.Read(t.Context())
	require.NoError(t, err)

	fake.DropConnections()

	_, _, err = ws.Read(t.Context())
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

// A silent client is pinged after 15 seconds and dropped after 30.
func TestDDP_heartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		d := dial(t, fake)
		d.login(fake.Credentials().AuthToken)
		began := time.Now()
		assert.Equal(t, object{"msg": "ping"}, d.hear())
		assert.Equal(t, 15*time.Second, time.Since(began))
		_, _, err := d.ws.Read(t.Context())
		require.Error(t, err)
		assert.Equal(t, 30*time.Second, time.Since(began))
	})
}

// Closing the fake closes its connections.
func TestDDP_close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		d := dial(t, fake)
		fake.Close()
		_, _, err := d.ws.Read(t.Context())
		require.Error(t, err)
		assert.False(t, errors.Is(err, context.Canceled))
	})
}
