package rocketchat_test

import (
	"context"
	"fmt"
	"sync"
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

// watching collects what WatchPresence yields.
type watching struct {
	mu   sync.Mutex
	seen []messembed.Presence
	err  error

	cancel context.CancelFunc
	done   chan struct{}
}

func watch(t *testing.T, client *messembed.Client, ids []string, opts ...messembed.RequestOption) *watching {
	ctx, cancel := context.WithCancel(t.Context())
	w := &watching{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for presence, err := range client.WatchPresence(ctx, ids, opts...) {
			w.mu.Lock()
			if err != nil {
				w.err = err
			} else {
				w.seen = append(w.seen, *presence)
			}
			w.mu.Unlock()
		}
	}()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *watching) stop() {
	w.cancel()
	<-w.done
}

// states returns what was seen so far, as "id status text".
func (w *watching) states() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.seen {
		all = append(all, fmt.Sprintf("%s %s %s", p.UserID, p.Status, p.Text))
	}
	return all
}

func TestWatchPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		client := fake.Client(t)
		fake.AddUser(messembed.User{ID: "ada", Presence: &messembed.Presence{Status: messembed.PresenceAway, Text: "tea"}})
		fake.AddUser(messembed.User{ID: "bob"})
		fake.AddUser(messembed.User{ID: "eve"})
		w := watch(t, client, []string{"ada", "bob", "ada", "nobody"})
		synctest.Wait()
		assert.Equal(t, []string{"ada away tea", "bob offline ", "nobody offline "}, w.states(), "the current state of each at once")
		time.Sleep(time.Second)
		assert.Equal(t, 1, fake.Connections())

		fake.SetConnected("bob", true)
		fake.SetConnected("eve", true)
		require.NoError(t, client.SetPresence(t.Context(), "bob", messembed.SetPresenceParams{Status: messembed.PresenceBusy, Text: "x"}))
		require.NoError(t, client.SetPresence(t.Context(), "bob", messembed.SetPresenceParams{Status: messembed.PresenceBusy, Text: "x"}))
		synctest.Wait()

		assert.Equal(t, []string{"bob online ", "bob busy x"}, w.states()[3:], "each change once, and of no other users")
		w.stop()
		assert.NoError(t, w.err)
		assert.Equal(t, messembed.Presence{UserID: "bob", Status: messembed.PresenceBusy, Online: true, Text: "x", Raw: "busy"}, w.seen[4])
		synctest.Wait()
		assert.Zero(t, fake.Connections())
	})
}

// Rejected credentials and a wrong address end the watch with one error;
// anything else is retried.
func TestWatchPresence_ends(t *testing.T) {
	stranger := func(fake *rocketchattest.Server) *messembed.Client {
		client, err := rocketchat.New(fake.BaseURL(), rocketchat.Credentials{UserID: "x", AuthToken: "y"}, messembed.WithTransport(fake))
		require.NoError(t, err)
		return client
	}
	lost := func(fake *rocketchattest.Server) *messembed.Client {
		client, err := rocketchat.New(fake.BaseURL()+"/elsewhere", fake.Credentials(), messembed.WithTransport(fake))
		require.NoError(t, err)
		return client
	}
	for name, c := range map[string]struct {
		client func(*rocketchattest.Server) *messembed.Client
		fault  messembedtest.Fault
		kind   error
	}{
		"refused credentials": {stranger, messembedtest.Fault{}, messembed.ErrUnauthenticated},
		"a wrong address":     {lost, messembedtest.Fault{}, messembed.ErrUnsupported},
		"a page":              {nil, messembedtest.Fault{Op: "WatchPresence", Status: 200, Body: "<html>"}, messembed.ErrInvalidResponse},
		"a redirect":          {nil, messembedtest.Fault{Op: "WatchPresence", Status: 302}, messembed.ErrInvalidResponse},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rocketchattest.New(t)
				client := fake.Client(t)
				if c.client != nil {
					client = c.client(fake)
				}
				fake.FailNext(c.fault)
				var errs []error
				for _, err := range client.WatchPresence(t.Context(), []string{"ada"}) {
					errs = append(errs, err)
				}
				require.Len(t, errs, 1)
				e := failure(t, errs[0], c.kind)
				assert.Equal(t, "WatchPresence", e.Op)
				assert.Zero(t, count(fake, "PresenceStream"))
			})
		})
	}
}

func TestWatchPresence_revokedMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		w := watch(t, fake.Client(t), []string{"ada"})
		time.Sleep(time.Second)
		fake.RevokeCredentials()
		fake.DropConnections()
		<-w.done
		failure(t, w.err, messembed.ErrUnauthenticated)
		assert.Len(t, w.seen, 1)
	})
}

// An outage, a rate limit and a proxy's page are retried.
func TestWatchPresence_waitsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.RefuseWebsockets(true)
		fake.AddUser(messembed.User{ID: "ada"})
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
		for range 3 {
			fake.FailNext(messembedtest.Fault{Op: "WatchPresence", Status: 503})
			fake.FailNext(messembedtest.Fault{Op: "WatchPresence", Refuse: true})
			fake.FailNext(messembedtest.Fault{Op: "WatchPresence", Status: 429, RetryAfter: "60"})
		}
		began := time.Now()
		w := watch(t, client, []string{"ada"})
		time.Sleep(5 * time.Minute)
		assert.Equal(t, []string{"ada offline "}, w.states())
		assert.GreaterOrEqual(t, time.Since(began), 3*time.Minute)

		fake.FailNext(messembedtest.Fault{Op: "WatchPresence", Status: 200, Body: "<html>we will be back</html>"})
		fake.SetConnected("ada", true)
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"ada offline ", "ada online "}, w.states())
		w.stop()
		assert.NoError(t, w.err)
	})
}

// A slow consumer gets the last state of every user, and no value twice.
func TestWatchPresence_slowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		ids := []string{"ada", "bob"}
		for _, id := range ids {
			fake.AddUser(messembed.User{ID: id})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		last, values := map[string]messembed.Presence{}, 0
		for presence, err := range fake.Client(t).WatchPresence(ctx, ids) {
			require.NoError(t, err)
			assert.NotEqual(t, last[presence.UserID], *presence)
			last[presence.UserID] = *presence
			if values++; values == 3 {
				for i := range 5000 {
					fake.SetConnected(ids[i%2], i%4 < 2)
				}
				fake.SetConnected("ada", false)
				fake.SetConnected("bob", true)
				time.Sleep(time.Minute)
			}
			if values == 2 {
				go func() {
					time.Sleep(time.Second)
					fake.SetConnected("ada", true)
				}()
			}
		}
		assert.False(t, last["ada"].Online)
		assert.True(t, last["bob"].Online)
	})
}

// Above 200 connections a workspace without a licence broadcasts nothing.
func TestWatchPresence_broadcastOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t, rocketchattest.WithRateLimit(10, time.Minute))
		fake.DisablePresenceBroadcast(true)
		var ids, want []string
		for i := range 25 {
			id := fmt.Sprintf("u%02d", i)
			fake.AddUser(messembed.User{ID: id, Presence: &messembed.Presence{Status: messembed.PresenceBusy}})
			ids, want = append(ids, id), append(want, id+" busy ")
		}
		w := watch(t, fake.Client(t), append(ids, "nobody"))
		time.Sleep(3 * time.Minute)
		assert.Equal(t, append(want, "nobody offline "), w.states())
		fake.SetConnected("u07", false)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, "u07 offline ", w.states()[len(want)+1])
	})
}

func TestWatchPresence_nobody(t *testing.T) {
	fake := rocketchattest.New(t)
	for range fake.Client(t).WatchPresence(t.Context(), nil) {
		t.Error("nobody is watched")
	}
	for _, err := range fake.Client(t).WatchPresence(t.Context(), []string{""}) {
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument)
	}
	assert.Empty(t, fake.Requests())
}

// More users than one request can ask for.
func TestWatchPresence_many(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		var ids []string
		for i := range 250 {
			ids = append(ids, fake.AddUser(messembed.User{ID: fmt.Sprintf("u%03d", i)}))
		}
		w := watch(t, fake.Client(t), ids)
		time.Sleep(time.Second)
		assert.Len(t, w.states(), 250)
		assert.Equal(t, 6, count(fake, "WatchPresence"))
	})
}

// The consumer's break ends everything at once.
func TestWatchPresence_break(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		values := 0
		for _, err := range fake.Client(t).WatchPresence(t.Context(), []string{"ada"}) {
			require.NoError(t, err)
			if values++; values == 2 {
				break
			}
			go func() {
				time.Sleep(time.Second)
				fake.SetConnected("ada", true)
			}()
		}
		synctest.Wait()
		assert.Zero(t, fake.Connections())
	})
}
