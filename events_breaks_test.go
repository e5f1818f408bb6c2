package messembed_test

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// 2,000 messages, and a connection that is broken forty times in every way there is: each message comes once, in order. Inside a
// bubble, so that refused websockets can be waited out.
func TestMessageEvents_brokenFortyTimes(t *testing.T) {
	for _, buffer := range []int{0, 5} {
		t.Run(fmt.Sprint("buffer ", buffer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const messages, breaks = 2000, 40
				fake := messembedtest.New(t, messembedtest.WithPingInterval(2*time.Second, time.Second))
				client := fake.Client(t)
				talk := newTalk(t, client)
				h := listen(t.Context(), t, client, messembed.EventOptions{Buffer: buffer})
				synctest.Wait()

				for i := range breaks {
					awaitConnected(h)
					told := len(h.told())
					talk.sayMany(10)
					pause := breakSomehow(fake, i)
					for range messages/breaks - 10 {
						talk.say()
						time.Sleep(pause)
					}
					awaitConnected(h)
					assert.Greater(t, len(h.told()), told, "break %d broke nothing", i)
				}
				talk.say()
				synctest.Wait()

				assert.Equal(t, talk.sent, h.texts())
				assert.False(t, h.last().Replayed)
			})
		})
	}
}

func awaitConnected(h *heard) {
	for {
		synctest.Wait()
		if told := h.told(); told[len(told)-1] == "connected" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// breakSomehow breaks the connection in one of ten ways and returns how long to pause between the messages that follow.
func breakSomehow(fake *messembedtest.Server, i int) (pause time.Duration) {
	live := func(f messembedtest.Fault) messembedtest.Fault { f.Op = "MessageEvents"; return f }
	list := func(f messembedtest.Fault) messembedtest.Fault { f.Op = "ListMessages"; return f }
	heal := func(after time.Duration) { time.AfterFunc(after, func() { fake.FailRandomly(0, 0) }) }
	switch i % 10 {
	default: // closed, while messages come
		fake.DropConnections()
		return 0
	case 1:
		fake.DropConnections()
		return 3 * time.Millisecond
	case 2, 3: // open, and silent
		fake.StallConnections()
		return 100 * time.Millisecond
	case 4: // a proxy that lets none through for a while
		fake.RefuseWebsockets(true)
		fake.DropConnections()
		time.AfterFunc(2*time.Second, func() { fake.RefuseWebsockets(false) })
		return 700 * time.Millisecond
	case 5: // down
		fake.FailRandomly(1, 1, live(messembedtest.Fault{Refuse: true}), list(messembedtest.Fault{Refuse: true}))
		heal(3 * time.Second)
		fake.DropConnections()
		return 100 * time.Millisecond
	case 6: // flapping
		for n := range 20 {
			time.AfterFunc(time.Duration(n)*50*time.Millisecond, fake.DropConnections)
		}
		return 17 * time.Millisecond
	case 7: // reading back fails as well, in the middle too
		fake.FailRandomly(0.6, uint64(i), list(messembedtest.Fault{Truncate: 20}), list(messembedtest.Fault{Status: 502}),
			live(messembedtest.Fault{Reset: true}))
		heal(3 * time.Second)
		fake.DropConnections()
		return 50 * time.Millisecond
	case 8: // a handshake that hangs
		fake.FailNext(live(messembedtest.Fault{Stall: true}))
		fake.DropConnections()
		return 200 * time.Millisecond
	}
}

// The same over sockets, with a server that is taken down and started again on its address, and websockets that are refused in the end.
func TestMessageEvents_restartedOnTheSameAddress(t *testing.T) {
	current := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, current) })
	const messages, breaks = 2000, 24
	fake := messembedtest.New(t, messembedtest.WithPingInterval(50*time.Millisecond, 50*time.Millisecond))
	front := newFront(t, fake)
	t.Cleanup(front.stop)
	_, password := fake.Credentials()
	client, err := messembed.New("http://"+front.addr,
		messembed.WithBasicAuth("admin", password),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond}))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	talk := newTalk(t, fake.Client(t)) // messages are sent past the network that breaks
	h := listen(t.Context(), t, client, messembed.EventOptions{})

	for i := range breaks {
		require.Eventually(t, func() bool {
			told := h.told()
			return len(told) > 0 && told[len(told)-1] == "connected"
		}, 20*time.Second, time.Millisecond, "after %d breaks", i)
		told := len(h.told())
		talk.sayMany(messages / breaks / 2)
		switch i % 3 {
		case 0:
			fake.DropConnections()
		case 1:
			fake.StallConnections()
		case 2:
			front.stop()
			fake.DropConnections() // http.Server does not close what was hijacked
			talk.say()
			front.start()
		}
		if i == breaks-1 {
			fake.RefuseWebsockets(true)
		}
		talk.sayMany(messages*(i+1)/breaks - len(talk.sent))
		require.Eventually(t, func() bool { return len(h.told()) > told }, 20*time.Second, time.Millisecond, "break %d broke nothing", i)
	}
	require.Eventually(t, func() bool { return slices.Contains(h.told(), "polling") }, 20*time.Second, time.Millisecond)
	talk.say()
	require.Eventually(t, func() bool { return len(h.texts()) > messages }, 20*time.Second, time.Millisecond)
	assert.Equal(t, talk.sent, h.texts())
	assert.True(t, h.last().Replayed)
}

// front is a listener before the fake that can be taken down and put up again on its address.
type front struct {
	t       *testing.T
	addr    string
	handler http.Handler
	server  *http.Server
	served  sync.WaitGroup
}

func newFront(t *testing.T, handler http.Handler) *front {
	f := &front{t: t, addr: "127.0.0.1:0", handler: handler}
	f.start()
	return f
}

func (f *front) start() {
	listener, err := net.Listen("tcp", f.addr)
	require.NoError(f.t, err)
	f.addr = listener.Addr().String()
	f.server = &http.Server{Handler: f.handler, ReadHeaderTimeout: time.Minute}
	server := f.server
	f.served.Go(func() { _ = server.Serve(listener) })
}

func (f *front) stop() {
	_ = f.server.Close()
	f.served.Wait()
}

// What panics in OnState panics in the caller's goroutine.
func TestPanics_comeBackToTheCaller(t *testing.T) {
	assert.PanicsWithValue(t, "broken", func() {
		for range messembedtest.New(t).Client(t).MessageEvents(t.Context(), messembed.EventOptions{
			OnState: func(messembed.ConnectionState, error) { panic("broken") },
		}) {
			t.Error("nobody says anything")
		}
	})
}

// So does what panics when a refused websocket is tried again, a minute later.
func TestPanics_ofARedial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.RefuseWebsockets(true)
		began := time.Now()
		client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			if time.Since(began) > 30*time.Second && r.Header.Get("Upgrade") != "" {
				panic("broken")
			}
			return fake.RoundTrip(r)
		})))
		assert.PanicsWithValue(t, "broken", func() {
			for range client.MessageEvents(t.Context(), messembed.EventOptions{}) {
				t.Error("nobody says anything")
			}
		})
		assert.Equal(t, time.Minute, time.Since(began).Round(time.Second))
	})
}
