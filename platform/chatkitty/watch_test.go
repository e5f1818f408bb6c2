package chatkitty_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

// watch collects what a watch yields until the test stops it.
type watch struct {
	mu     sync.Mutex
	seen   []messembed.Presence
	err    error // read it when done is closed
	cancel context.CancelFunc
	done   chan struct{}
}

func startWatch(t *testing.T, client *messembed.Client, ids []string, opts ...messembed.RequestOption) *watch {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watch{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for p, err := range client.WatchPresence(ctx, ids, opts...) {
			if err != nil {
				w.err = err
				continue
			}
			w.mu.Lock()
			w.seen = append(w.seen, *p)
			w.mu.Unlock()
		}
	}()
	return w
}

// told returns what was yielded so far.
func (w *watch) told() []messembed.Presence {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// stop ends the watch and checks what must hold for every watch: it ends
// without an error, and no value is repeated in a row.
func (w *watch) stop(t *testing.T) {
	t.Helper()
	w.cancel()
	<-w.done
	require.NoError(t, w.err)
	last := map[string]messembed.Presence{}
	for _, p := range w.told() {
		before, told := last[p.UserID]
		assert.False(t, told && before == p, "%+v came twice in a row", p)
		last[p.UserID] = p
	}
}

func (w *watch) statuses() []string {
	var out []string
	for _, p := range w.told() {
		out = append(out, p.UserID+" "+string(p.Status))
	}
	return out
}

func TestWatchPresence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		a, b := fake.AddUser(messembed.User{}), fake.AddUser(messembed.User{})
		fake.SetOnline(b, true)
		w := startWatch(t, fake.Client(t), []string{a, b, "99", a})
		synctest.Wait()
		assert.ElementsMatch(t, []string{"1 offline", "2 online", "99 offline"}, w.statuses(), "the current state of each at once, including an unknown user")

		time.Sleep(25 * time.Second) // two more rounds
		synctest.Wait()
		assert.Len(t, w.told(), 3, "nothing has changed")

		fake.SetOnline(a, true)
		synctest.Wait()
		assert.Len(t, w.told(), 3)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"1 online"}, w.statuses()[3:])

		require.NoError(t, fake.Client(t).SetPresence(t.Context(), a, messembed.SetPresenceParams{Status: messembed.PresenceAway}))
		require.NoError(t, fake.Client(t).DeleteUser(t.Context(), b))
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.ElementsMatch(t, []string{"1 away", "2 offline"}, w.statuses()[4:])
		w.stop(t)
		assert.Len(t, w.told(), 6)
	})
}

func TestWatchPresence_hasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		id := fake.AddUser(messembed.User{})
		w := startWatch(t, fake.Client(t, messembed.WithTimeout(time.Second)), []string{id}, messembed.WithPollInterval(3*time.Second))
		time.Sleep(time.Hour)
		fake.SetOnline(id, true)
		time.Sleep(3 * time.Second)
		synctest.Wait()
		w.stop(t)
		assert.Equal(t, []string{"1 offline", "1 online"}, w.statuses())
	})
}

func TestWatchPresence_eachReadHasTheCallsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		id := fake.AddUser(messembed.User{})
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Stall: true})
		w := startWatch(t, fake.Client(t, messembed.WithTimeout(2*time.Second)), []string{id}, messembed.WithPollInterval(3*time.Second))
		time.Sleep(5 * time.Second) // two of waiting, three between rounds
		synctest.Wait()
		w.stop(t)
		assert.Equal(t, []string{"1 offline"}, w.statuses())
	})
}

func TestWatchPresence_waitsFailuresOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		a, b := fake.AddUser(messembed.User{}), fake.AddUser(messembed.User{})
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: http.StatusServiceUnavailable})
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Reset: true})
		w := startWatch(t, client, []string{a, b})
		synctest.Wait()
		assert.Empty(t, w.told())
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.ElementsMatch(t, []string{"1 offline", "2 offline"}, w.statuses())

		fake.SetOnline(a, true)
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 200, Body: `<html>`})
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 429, Body: `{"error":"RateLimitedError","message":"x","coolOffDuration":"PT1M"}`})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Len(t, w.told(), 2)
		time.Sleep(50 * time.Second)
		synctest.Wait()
		assert.Len(t, w.told(), 2, "the service asked for a minute")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		assert.Equal(t, []string{"1 online"}, w.statuses()[2:])
		w.stop(t)
	})
}

func TestWatchPresence_longestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		id := fake.AddUser(messembed.User{})
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 429, Body: `{"error":"RateLimitedError","message":"x","coolOffDuration":"PT1H"}`})
		w := startWatch(t, fake.Client(t), []string{id})
		time.Sleep(5*time.Minute - time.Second)
		assert.Empty(t, w.told())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		w.stop(t)
		assert.Equal(t, []string{"1 offline"}, w.statuses())
	})
}

func TestWatchPresence_finalFailures(t *testing.T) {
	for name, c := range map[string]struct {
		fault messembedtest.Fault
		kind  error
	}{
		"refused credentials": {messembedtest.Fault{Op: "Token", Status: 401}, messembed.ErrUnauthenticated},
		"no permission":       {messembedtest.Fault{Op: "GetUser", Status: 403, Body: `{"error":"access_denied"}`}, messembed.ErrPermissionDenied},
		"wrong address":       {messembedtest.Fault{Op: "GetUser", Status: 404, Body: `nothing here`}, messembed.ErrUnsupported},
		"another's address":   {messembedtest.Fault{Op: "GetUser", Status: 200, Body: `<html>`}, messembed.ErrInvalidResponse},
		"a redirect":          {messembedtest.Fault{Op: "GetUser", Status: 302}, messembed.ErrInvalidResponse},
		"too large":           {messembedtest.Fault{Op: "GetUser", Status: 200, Body: `{"id":1,"x":"` + strings.Repeat("x", 10_000) + `"}`}, messembed.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := chatkittytest.New(t)
				var ids []string
				for range 30 {
					ids = append(ids, fake.AddUser(messembed.User{}))
				}
				fake.FailRandomly(1, 1, c.fault)
				failures := 0
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				for _, err := range fake.Client(t, messembed.WithMaxResponseBytes(5000)).WatchPresence(ctx, ids) {
					if err != nil {
						e := failure(t, err, c.kind)
						assert.Equal(t, "WatchPresence", e.Op)
						failures++
					}
				}
				assert.Equal(t, 1, failures)
			})
		})
	}
}

func TestWatchPresence_credentialsRefusedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		id := fake.AddUser(messembed.User{})
		w := startWatch(t, fake.Client(t), []string{id})
		synctest.Wait()
		fake.ExpireTokens()
		fake.FailNext(messembedtest.Fault{Op: "Token", Status: 401})
		time.Sleep(10 * time.Second)
		<-w.done
		require.ErrorIs(t, w.err, messembed.ErrUnauthenticated)
		w.cancel()
	})
}

func TestWatchPresence_breakEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		var ids []string
		for range 30 {
			ids = append(ids, fake.AddUser(messembed.User{}))
		}
		for range fake.Client(t).WatchPresence(t.Context(), ids) {
			break
		}
		synctest.Wait() // no goroutine is left, or the bubble would not end
	})
}

func TestWatchPresence_panicOfTheConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		var ids []string
		for range 30 {
			ids = append(ids, fake.AddUser(messembed.User{}))
		}
		assert.PanicsWithValue(t, "broken", func() {
			for range fake.Client(t).WatchPresence(t.Context(), ids) {
				panic("broken")
			}
		})
		synctest.Wait() // no goroutine is left, or the bubble would not end
	})
}

func TestWatchPresence_badIDs(t *testing.T) {
	fake := chatkittytest.New(t)
	for p, err := range fake.Client(t).WatchPresence(t.Context(), []string{"1", "jane"}) {
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		assert.Nil(t, p)
	}
	assert.Empty(t, fake.Requests())
}

func TestWatchPresence_nobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := startWatch(t, chatkittytest.New(t).Client(t), nil)
		time.Sleep(time.Minute)
		w.stop(t)
		assert.Empty(t, w.told())
	})
}

// 200 changes on 50 users while one request in five fails.
func TestWatchPresence_theLastStateIsRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		var ids []string
		for range 50 {
			ids = append(ids, fake.AddUser(messembed.User{}))
		}
		fake.FailRandomly(0.2, 3)
		w := startWatch(t, fake.Client(t), ids)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 200 {
			fake.SetOnline(ids[random.IntN(len(ids))], i%3 > 0)
			time.Sleep(time.Second)
		}
		fake.FailRandomly(0, 0)
		time.Sleep(time.Minute)
		synctest.Wait()
		w.stop(t)
		last := map[string]messembed.Presence{}
		for _, p := range w.told() {
			last[p.UserID] = p
		}
		require.Len(t, last, 50)
		for _, u := range fake.Users() {
			assert.Equal(t, *u.Presence, last[u.ID], fmt.Sprint("user ", u.ID))
		}
	})
}
