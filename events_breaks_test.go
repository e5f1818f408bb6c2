package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// breaks are the ways in which a connection is lost.
var breaks = map[string]func(fake *messembedtest.Server){
	"dropped": (*messembedtest.Server).DropConnections,
	"stalled": (*messembedtest.Server).StallConnections,
	"refused when connecting anew": func(fake *messembedtest.Server) {
		for range 3 {
			fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Refuse: true})
		}
		fake.DropConnections()
	},
	"reset when connecting anew": func(fake *messembedtest.Server) {
		fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Reset: true})
		fake.DropConnections()
	},
	"hanging when connecting anew": func(fake *messembedtest.Server) {
		fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Stall: true})
		fake.DropConnections()
	},
	"503 when connecting anew": func(fake *messembedtest.Server) {
		fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Status: 503})
		fake.DropConnections()
	},
	"not to be read back at first": func(fake *messembedtest.Server) {
		for range 7 {
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 500})
		}
		fake.DropConnections()
	},
	"404 when reading back": func(fake *messembedtest.Server) {
		fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 404})
		fake.DropConnections()
	},
}

func TestMessageEvents_breaks(t *testing.T) {
	for name, breakIt := range breaks {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				client := fake.Client(t)
				talk := newTalk(t, client)
				h := listen(t.Context(), t, client, messembed.EventOptions{})
				synctest.Wait()
				talk.sayMany(3)
				synctest.Wait()

				breakIt(fake)
				talk.sayMany(3)
				time.Sleep(90 * time.Second)
				talk.sayMany(3)
				synctest.Wait()

				assert.Equal(t, talk.sent, h.texts())
				assert.False(t, h.last().Replayed, "it is live again")
				assert.Nil(t, h.last().Chat.ExternalMetadata)
				assert.Contains(t, strings.Join(h.told(), " "), "disconnected")
				told := h.told()
				assert.Equal(t, "connected", told[len(told)-1])
			})
		})
	}
}

func TestMessageEvents_noticesADeadServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithPingInterval(25*time.Second, 5*time.Second))
		client := fake.Client(t)
		talk := newTalk(t, client)
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()
		start := time.Now()
		fake.StallConnections()
		talk.say()

		for len(h.texts()) == 0 {
			time.Sleep(100 * time.Millisecond)
		}

		assert.LessOrEqual(t, time.Since(start), 31*time.Second)
	})
}

// While every websocket breaks, messages come by reading back after each try.
func TestMessageEvents_onlyRESTWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		h := listen(t.Context(), t, fake.Client(t), messembed.EventOptions{})
		synctest.Wait()
		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Reset: true})
		fake.DropConnections()
		for range 5 {
			talk.say()
			time.Sleep(15 * time.Second) // more than MaxBackoff
			assert.Equal(t, talk.sent, h.texts())
		}
		assert.NotContains(t, h.told()[1:], "connected")
	})
}

// Every failure is told, and otherwise what changes.
func TestMessageEvents_tellsEachFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		var states []messembed.ConnectionState
		var failed []bool
		unread := 0
		listen(t.Context(), t, fake.Client(t), messembed.EventOptions{OnState: func(s messembed.ConnectionState, err error) {
			states, failed = append(states, s), append(failed, err != nil)
			if e, ok := errors.AsType[*messembed.Error](err); ok && e.StatusCode == http.StatusForbidden {
				unread++
			}
		}})
		synctest.Wait()
		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Reset: true})
		for range 3 {
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 403})
		}
		fake.DropConnections()
		time.Sleep(30 * time.Second)
		fake.FailRandomly(0, 0)
		time.Sleep(time.Minute)
		synctest.Wait()

		failures := 0
		for i := range states {
			if failed[i] {
				failures++
				assert.Equal(t, messembed.StateDisconnected, states[i])
			} else if i > 0 {
				assert.NotEqual(t, states[i-1], states[i])
			}
		}
		assert.Equal(t, 3, unread)
		assert.Greater(t, failures, unread+2, "the connection, and tries to connect: %v", states)
		assert.Equal(t, messembed.StateConnected, states[len(states)-1])
	})
}

// The backoff of a long outage is forgotten when a connection has lasted.
func TestMessageEvents_backoffIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Second, MaxBackoff: time.Minute}))
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()
		for range 10 {
			fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Reset: true})
			fake.DropConnections()
			time.Sleep(time.Hour)
			fake.FailRandomly(0, 0)
			time.Sleep(time.Hour)

			fake.DropConnections()
			time.Sleep(time.Second)
			synctest.Wait()
			told := h.told()
			assert.Equal(t, "connected", told[len(told)-1])
		}
	})
}

// Many messages, and a connection that is broken again and again in every way
// there is: each message comes once, in order. Inside a bubble, so that refused
// websockets can be waited out.
func TestMessageEvents_brokenManyTimes(t *testing.T) {
	for _, buffer := range []int{0, 5} {
		t.Run(fmt.Sprint("buffer ", buffer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				messages, breaks := whole(500, 2000), whole(10, 40)
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

// breakSomehow breaks the connection in one of ten ways and returns how long to
// pause between the messages that follow.
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

// The same over sockets, with a server that is taken down and started again on
// its address, and websockets that are refused in the end.
func TestMessageEvents_restartedOnTheSameAddress(t *testing.T) {
	current := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, current) })
	messages, breaks := whole(500, 2000), whole(6, 24)
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

// So does what panics when a refused websocket is tried again, a minute later, at
// once or when the range ends: nothing of it is left then.
func TestPanics_ofARedial(t *testing.T) {
	for name, tc := range map[string]struct{ takes, ends time.Duration }{
		"at once": {0, time.Minute}, "when the range ends": {time.Hour, 66 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				fake.RefuseWebsockets(true)
				began := time.Now()
				client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
					if time.Since(began) < 30*time.Second || r.Header.Get("Upgrade") == "" {
						return fake.RoundTrip(r)
					}
					select {
					case <-time.After(tc.takes):
					case <-r.Context().Done():
						time.Sleep(time.Second)
					}
					panic("broken")
				})), messembed.WithAttemptTimeout(time.Hour))
				ctx, cancel := context.WithTimeout(t.Context(), 65*time.Second)
				defer cancel()
				assert.PanicsWithValue(t, "broken", func() {
					for range client.MessageEvents(ctx, messembed.EventOptions{}) {
						t.Error("nobody says anything")
					}
				})
				assert.Equal(t, tc.ends, time.Since(began).Round(time.Second))
			})
		})
	}
}

// The server timestamps a message before it stores it, so one may turn up after
// others that are younger.
func TestMessageEvents_datedBeforeTheLastSeen(t *testing.T) {
	for name, existing := range map[string]int{"which came": 0, "which existed": 1} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var behind atomic.Int64
				fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time {
					return time.Now().Add(-time.Duration(behind.Load()))
				}))
				client := fake.Client(t)
				talk := newTalk(t, client)
				talk.sayMany(existing)
				h := listen(t.Context(), t, client, messembed.EventOptions{})
				if existing == 0 {
					time.Sleep(time.Minute)
					talk.say()
				}
				synctest.Wait()

				fake.StallConnections()
				behind.Store(int64(1900 * time.Millisecond))
				talk.say()
				behind.Store(0)
				time.Sleep(time.Minute)

				assert.Equal(t, talk.sent[existing:], h.texts())
			})
		})
	}
}

// A message timestamped years ahead does not keep later ones from being read back.
func TestMessageEvents_datedInTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time {
			return time.Now().Add(time.Duration(ahead.Load()))
		}))
		client := fake.Client(t)
		talk := newTalk(t, client)
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()
		ahead.Store(int64(10 * 365 * 24 * time.Hour))
		talk.say()
		ahead.Store(0)
		synctest.Wait()
		for range 3 {
			fake.DropConnections()
			talk.say()
			time.Sleep(time.Minute)
		}
		assert.Equal(t, talk.sent, h.texts())
	})
}

// Nor does such a message hide what is sent during a long outage after it.
func TestMessageEvents_datedInTheFutureBeforeAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time {
			return time.Now().Add(time.Duration(ahead.Load()))
		}))
		talk := newTalk(t, fake.Client(t))
		h := listen(t.Context(), t, fake.Client(t), messembed.EventOptions{})
		synctest.Wait()
		ahead.Store(int64(time.Hour))
		talk.say()
		ahead.Store(0)
		time.Sleep(10 * time.Second)
		outage(fake, talk)
		assert.Equal(t, talk.sent, h.texts())
	})
}

// outage says two things during half a minute in which nothing can be heard or read.
func outage(fake *messembedtest.Server, talk *talk) {
	fake.DropConnections()
	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Status: 503}, messembedtest.Fault{Op: "ListMessages", Status: 503})
	talk.say()
	time.Sleep(15 * time.Second)
	talk.say()
	time.Sleep(15 * time.Second)
	fake.FailRandomly(0, 0)
	time.Sleep(2 * time.Minute)
	talk.say()
	synctest.Wait()
}
