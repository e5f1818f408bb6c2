package messembedtest_test

import (
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

func TestSocketIO_dropConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.DropConnections()

		assert.Equal(t, []string{"broken"}, client.hears())
		assert.Error(t, (<-pending).err)
		assert.Equal(t, `{"code":1,"message":"Session ID unknown"}`, poller.poll().body)
		assert.Equal(t, []string{openWebsocket, "40"}, openSocket(t, fake).hears(), "later connections are not affected")
	})
}

func TestSocketIO_stallConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.StallConnections()
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

func TestSocketIO_refuseWebsockets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		before := openSocket(t, fake)
		before.hears()

		fake.RefuseWebsockets(true)
		_, resp, err := dialSocket(t, fake, nil)
		require.Error(t, err)
		assert.Equal(t, http.StatusForbidden, resp.StatusCode)
		fake.Emit("e", `1`)
		assert.Equal(t, []string{`42["e",1]`}, before.hears())
		openPoll(t, fake, "")

		fake.RefuseWebsockets(false)
		openSocket(t, fake)
	})
}

func TestSocketIO_faultsOfTheHandshake(t *testing.T) {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Status: http.StatusBadGateway})
	_, resp, err := dialSocket(t, fake, nil)
	require.Error(t, err)
	assert.Equal(t, http.StatusBadGateway, resp.StatusCode)

	fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Refuse: true})
	_, resp, err = dialSocket(t, fake, nil)
	require.Error(t, err)
	assert.Nil(t, resp)
}

func TestSocketIO_overASocketUnderABasePath(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	_, password := fake.Credentials()
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

	fake.DropConnections()
	_, _, err = ws.Read(t.Context())
	require.ErrorIs(t, err, syscall.ECONNRESET, "it broke without a close frame")
}

func TestSocketIO_endsWithTheFake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := openSocket(t, fake)
		poller := openPoll(t, fake, "")
		pending := poller.pollLater()
		client.hears()

		fake.Close()

		assert.Equal(t, []string{"broken"}, client.hears())
		assert.Error(t, (<-pending).err)
	})
}
