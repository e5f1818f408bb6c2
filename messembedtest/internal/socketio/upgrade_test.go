package socketio_test

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestPolling_upgrade(t *testing.T) {
	upgrade := func(t *testing.T, fake *fakeServer, client *pollClient) *socketClient {
		return openSocketWith(t, fake, url.Values{"sid": {client.sid}})
	}
	t.Run("accepted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := newFake(t)
			client := openPoll(t, fake, "")
			pending := client.pollLater()
			socket := upgrade(t, fake, client)
			assert.Empty(t, socket.hears())

			socket.say("2probe")
			assert.Equal(t, []string{"3probe"}, socket.hears())
			assert.Equal(t, "1:6", (<-pending).body, "a noop frees the client to proceed")
			fake.Emit("e", `1`) // between the two: neither lost nor duplicated
			socket.say("5")
			fake.Emit("e", `2`)
			socket.say("2")

			assert.Equal(t, []string{`42["e",1]`, `42["e",2]`, "3"}, socket.hears())
			assert.Contains(t, client.poll().body, "Bad request")
			assert.Equal(t, []string{"closed"}, upgrade(t, fake, client).hears(), "an upgrade is possible only once")
		})
	})
	t.Run("without a probe", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := newFake(t)
			client := openPoll(t, fake, "")
			pending := client.pollLater()
			socket := upgrade(t, fake, client)

			socket.say("5", "2")

			assert.Equal(t, []string{"3"}, socket.hears())
			assert.Equal(t, "1:1", (<-pending).body)
		})
	})
	for _, frame := range []string{"2", "zzz", "40", "bin:5"} {
		t.Run("rejected after "+frame, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := newFake(t)
				client := openPoll(t, fake, "")
				pending := client.pollLater()
				socket := upgrade(t, fake, client)

				socket.say(frame)

				assert.Equal(t, []string{"closed"}, socket.hears())
				fake.Emit("e", `1`)
				assert.Equal(t, `9:42["e",1]`, (<-pending).body, "polling continues")
				socket = upgrade(t, fake, client)
				socket.say("2probe")
				assert.Equal(t, []string{"3probe"}, socket.hears(), "and can still be upgraded")
			})
		})
	}
	t.Run("too slow", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := newFake(t)
			client := openPoll(t, fake, "")
			socket := upgrade(t, fake, client)
			assert.Equal(t, []string{"closed"}, upgrade(t, fake, client).hears(), "one upgrade at a time")

			time.Sleep(11 * time.Second)

			assert.Equal(t, []string{"closed"}, socket.hears())
			fake.Emit("e", `1`)
			assert.Equal(t, `9:42["e",1]`, client.poll().body)
		})
	})
	t.Run("to polling", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := newFake(t)
			assert.Equal(t, []string{"closed"}, openSocketWith(t, fake, url.Values{"transport": {"polling"}}).hears())
		})
	})
}
