package rocketchat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// The requirement: 200 changes on 50 users while the stream is broken ten times.
// The last state of every user is right, and no value is repeated in a row.
func TestWatchPresence_brokenStream(t *testing.T) {
	breaks := map[string]func(*rocketchattest.Server){
		"dropped": (*rocketchattest.Server).DropConnections,
		"stalled": (*rocketchattest.Server).StallConnections,
	}
	for name, breakStream := range breaks {
		for _, version := range []string{"8.7", "4.0", "6.0"} {
			t.Run(name+" "+version, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					fake := rocketchattest.New(t, rocketchattest.WithServerVersion(version))
					var ids []string
					for i := range 50 {
						ids = append(ids, fake.AddUser(messembed.User{ID: fmt.Sprintf("u%02d", i)}))
					}
					w := watch(t, fake.Client(t), ids)
					time.Sleep(time.Second)
					admin := fake.Client(t)
					random := rand.New(rand.NewPCG(1, 2))
					statuses := []messembed.PresenceStatus{messembed.PresenceOnline, messembed.PresenceAway, messembed.PresenceBusy, messembed.PresenceOffline}
					for i := range 200 {
						id := ids[random.IntN(len(ids))]
						fake.SetConnected(id, random.IntN(4) > 0)
						require.NoError(t, admin.SetPresence(t.Context(), id, messembed.SetPresenceParams{Status: statuses[random.IntN(4)], Text: fmt.Sprint(random.IntN(3))}))
						if i%20 == 10 {
							breakStream(fake)
						}
						if random.IntN(3) == 0 {
							time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
						}
					}
					time.Sleep(2 * time.Minute)
					w.stop()

					require.NoError(t, w.err)
					last := map[string]messembed.Presence{}
					for _, p := range w.seen {
						assert.NotEqual(t, last[p.UserID], p, "twice in a row")
						last[p.UserID] = p
					}
					for _, id := range ids {
						user, _ := fake.User(id)
						want := *user.Presence
						if version != "8.7" && !want.Online {
							want.Text = last[id].Text // older servers do not report the text of offline users
						}
						assert.Equal(t, want, last[id])
					}
					assert.Greater(t, len(w.seen), 70)
				})
			})
		}
	}
}

// A stream that falls silent is detected.
func TestWatchPresence_stalledStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		w := watch(t, fake.Client(t), []string{"ada"})
		time.Sleep(time.Second)
		fake.StallConnections()
		fake.SetConnected("ada", true)
		time.Sleep(45 * time.Second)
		assert.Equal(t, []string{"ada offline ", "ada online "}, w.states())
		assert.Equal(t, 1, fake.Connections())
		time.Sleep(10 * time.Minute)
		assert.Equal(t, 2, count(fake, "PresenceStream"), "a quiet stream is kept")
	})
}

func TestWatchPresence_refusedWebsocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.RefuseWebsockets(true)
		fake.AddUser(messembed.User{ID: "ada"})
		w := watch(t, fake.Client(t), []string{"ada"}, messembed.WithPollInterval(4*time.Second))
		time.Sleep(time.Second)
		fake.SetConnected("ada", true)
		time.Sleep(2 * time.Second)
		assert.Equal(t, []string{"ada offline "}, w.states())
		time.Sleep(2 * time.Second)
		assert.Equal(t, []string{"ada offline ", "ada online "}, w.states())
		assert.Equal(t, 1, count(fake, "PresenceStream"))

		fake.RefuseWebsockets(false)
		time.Sleep(time.Minute)
		assert.Equal(t, 1, fake.Connections(), "retried after a minute")
		polls := count(fake, "WatchPresence")
		time.Sleep(30 * time.Second)
		assert.LessOrEqual(t, count(fake, "WatchPresence"), polls+1, "no need to poll from then on")
	})
}

// A failing server is tried again soon, not after a minute.
func TestWatchPresence_unwellWebsocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.FailNext(messembedtest.Fault{Op: "PresenceStream", Status: 503})
		fake.FailNext(messembedtest.Fault{Op: "PresenceStream", Refuse: true})
		fake.FailNext(messembedtest.Fault{Op: "PresenceStream", Reset: true})
		fake.FailNext(messembedtest.Fault{Op: "PresenceStream", Stall: true})
		fake.AddUser(messembed.User{ID: "ada"})
		watch(t, fake.Client(t), []string{"ada"})
		time.Sleep(11 * time.Second) // the stalled one takes WithAttemptTimeout
		assert.Equal(t, 1, fake.Connections())
	})
}

// The stream may also die silently.
func TestWatchPresence_checksTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		w := watch(t, fake.Client(t), []string{"ada"})
		time.Sleep(time.Second)
		fake.DisablePresenceBroadcast(true)
		fake.SetConnected("ada", true)
		fake.DisablePresenceBroadcast(false)
		time.Sleep(30 * time.Second)
		assert.Equal(t, []string{"ada offline "}, w.states())
		time.Sleep(40 * time.Second)
		assert.Equal(t, []string{"ada offline ", "ada online "}, w.states())
	})
}

// Also over a socket.
func TestWatchPresence_realSocket(t *testing.T) {
	fake := rocketchattest.New(t)
	fake.AddUser(messembed.User{ID: "ada"})
	client, err := rocketchat.New(fake.URL(), fake.Credentials())
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, errors.New("too slow"))
	defer cancel()
	want := []messembed.PresenceStatus{messembed.PresenceOffline, messembed.PresenceOnline, messembed.PresenceOffline}
	var got []messembed.PresenceStatus
	for presence, err := range client.WatchPresence(ctx, []string{"ada"}) {
		require.NoError(t, err)
		got = append(got, presence.Status)
		if len(got) == 2 {
			fake.DropConnections()
		}
		if len(got) == len(want) {
			break
		}
		go fake.SetConnected("ada", len(got) == 1)
	}
	assert.Equal(t, want, got)
}

// A stream that is lost as soon as it is up counts as a failure: the pauses
// grow.
func TestWatchPresence_noStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		client, err := rocketchat.New(fake.BaseURL(), fake.Credentials(), messembed.WithTransport(fake)) // the default RetryPolicy
		require.NoError(t, err)
		watch(t, client, []string{"ada"})
		for range 60_000 {
			time.Sleep(time.Millisecond)
			fake.DropConnections()
		}
		dials := count(fake, "PresenceStream")
		assert.Greater(t, dials, 5)
		assert.Less(t, dials, 40)
	})
}

// The operator's path is the same for REST and for the websocket.
func TestWatchPresence_path(t *testing.T) {
	for base, want := range map[string]string{
		"https://h": "/", "https://h/": "/", "https://h/chat/": "/chat/", "https://h//chat": "//chat/", "https://h/a/../b//": "/a/../b//", "https://h/a%2Fb": "/a%2Fb/",
	} {
		t.Run(base, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := make(chan string, 10)
				client, err := rocketchat.New(base, rocketchat.Credentials{UserID: "u", AuthToken: "t"},
					messembed.WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
						asked <- r.URL.EscapedPath()
						return &http.Response{
							StatusCode: http.StatusOK, Header: http.Header{}, Request: r,
							Body: io.NopCloser(strings.NewReader(`{"users":[{"_id":"ada","status":"away"}]}`)),
						}, nil
					})))
				require.NoError(t, err)
				w := watch(t, client, []string{"ada"})
				synctest.Wait()
				w.stop()
				assert.Equal(t, want+"api/v1/users.presence", <-asked)
				assert.Equal(t, want+"websocket", <-asked)
			})
		})
	}
}
