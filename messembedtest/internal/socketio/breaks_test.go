package socketio_test

import (
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServer_dropConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.io.Drop()

		assert.Equal(t, []string{"broken"}, client.hears())
		assert.Error(t, (<-pending).err)
		assert.Equal(t, `{"code":1,"message":"Session ID unknown"}`, poller.poll().body)
		assert.Equal(t, []string{openWebsocket, "40"}, openSocket(t, fake).hears(), "later connections are not affected")
	})
}

func TestServer_stallConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.io.Stall()
		fake.Emit("e", `1`)
		client.say("2")
		time.Sleep(time.Hour)

		assert.Empty(t, client.hears(), "no packet and no close")
		select {
		case got := <-pending:
			t.Errorf("the poll got a response: %+v", got)
		default:
		}
		later := openSocket(t, fake)
		fake.Emit("e", `2`)
		assert.Equal(t, []string{openWebsocket, "40", `42["e",2]`}, later.hears())
	})
}

func TestServer_refuseWebsockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		before := openSocket(t, fake)
		before.hears()

		fake.io.RefuseWebsockets(true)
		_, resp, err := dialSocket(t, fake, nil)
		require.Error(t, err)
		assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		fake.Emit("e", `1`)
		assert.Equal(t, []string{`42["e",1]`}, before.hears())
		openPoll(t, fake, "")

		fake.io.RefuseWebsockets(false)
		openSocket(t, fake)
	})
}

func TestServer_overASocket(t *testing.T) {
	fake := newFake(t)
	ws, _, err := websocket.Dial(t.Context(), fake.URL()+"/socket.io/?EIO=3&transport=websocket&username=a&password="+password, nil)
	require.NoError(t, err)
	defer ws.CloseNow()
	hear := func() string {
		_, data, err := ws.Read(t.Context())
		require.NoError(t, err)
		return withoutSID(string(data))
	}
	assert.Equal(t, openWebsocket, hear())
	assert.Equal(t, "40", hear())

	fake.Emit("e", `1`)
	assert.Equal(t, `42["e",1]`, hear())

	fake.io.Drop()
	_, _, err = ws.Read(t.Context())
	require.ErrorIs(t, err, syscall.ECONNRESET, "it broke without a close frame")
}

func TestServer_endsWithTheFake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := newFake(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.Close()

		assert.Equal(t, []string{"broken"}, client.hears())
		assert.Error(t, (<-pending).err)
	})
}
