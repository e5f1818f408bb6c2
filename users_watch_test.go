package messembed_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// userWatch collects what a watch yields until the test stops it.
type userWatch struct {
	mu     sync.Mutex
	seen   []*messembed.User
	err    error // read it when done is closed
	cancel context.CancelFunc
	done   chan struct{}
}

func watchUsers(t *testing.T, client *messembed.Client, ids []string, opts ...messembed.RequestOption) *userWatch {
	ctx, cancel := context.WithCancel(t.Context())
	w := &userWatch{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for u, err := range client.WatchUsers(ctx, ids, opts...) {
			if err != nil {
				w.err = err
				continue
			}
			w.mu.Lock()
			w.seen = append(w.seen, u)
			w.mu.Unlock()
		}
	}()
	return w
}

// news waits and returns what was yielded since it was last called, in short.
func (w *userWatch) news(wait time.Duration) []string {
	time.Sleep(wait)
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, u := range w.seen {
		switch {
		case u.Deleted():
			all = append(all, u.ID+" deleted")
		case u.Blocked():
			all = append(all, u.ID+" blocked")
		default:
			all = append(all, fmt.Sprint(u.ID, " ", u.ExternalMetadata["name"]))
		}
	}
	w.seen = nil
	slices.Sort(all)
	return all
}

// stop ends the watch, which must end without an error.
func (w *userWatch) stop(t *testing.T) {
	t.Helper()
	w.cancel()
	<-w.done
	require.NoError(t, w.err)
}

func called(name string) messembed.UpdateUserParams {
	return messembed.UpdateUserParams{ExternalMetadata: md{"name": name}}
}

func TestWatchUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		for _, id := range []string{"ada", "bob", "eve"} {
			fake.AddUser(messembed.User{ID: id, ExternalMetadata: md{"name": "1"}})
		}
		client, ctx := fake.Client(t), t.Context()
		require.NoError(t, client.DeleteUser(ctx, "eve"))
		before := len(fake.Requests())
		w := watchUsers(t, client, []string{"ada", "bob", "eve", "new", "ada"})
		assert.Equal(t, []string{"ada 1", "bob 1", "eve deleted", "new deleted"}, w.news(0), "each at once")
		assert.Len(t, fake.Requests(), before+1+4, "one that checks the credentials, one for each user")
		assert.Empty(t, w.news(time.Hour), "nothing has changed")

		_, err := client.UpdateUser(ctx, "ada", called("2"))
		require.NoError(t, err)
		assert.Empty(t, w.news(0))
		assert.Equal(t, []string{"ada 2"}, w.news(10*time.Second))
		_, err = client.UpdateUser(ctx, "ada", called("2"))
		require.NoError(t, err)
		assert.Empty(t, w.news(10*time.Second), "it is the same")
		_, err = client.BlockUser(ctx, "bob")
		require.NoError(t, err)
		require.NoError(t, client.DeleteUser(ctx, "ada"))
		assert.Equal(t, []string{"ada deleted", "bob blocked"}, w.news(10*time.Second))
		time.Sleep(time.Second)
		require.NoError(t, client.DeleteUser(ctx, "ada"))
		assert.Empty(t, w.news(time.Hour), "it is left out")

		for _, id := range []string{"ada", "new"} {
			_, created, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: id, ExternalMetadata: md{"name": "3"}})
			require.NoError(t, err)
			assert.True(t, created)
		}
		assert.Equal(t, []string{"ada 3", "new 3"}, w.news(10*time.Second), "restored, and created")
		w.stop(t)
	})
}

func TestWatchUsers_ofAServiceThatKeepsNoDeletedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
		fake.AddUser(messembed.User{ID: "ada"})
		w := watchUsers(t, fake.Client(t), []string{"ada"})
		synctest.Wait()
		require.NoError(t, fake.Client(t).DeleteUser(t.Context(), "ada"))
		time.Sleep(time.Minute)
		w.stop(t)
		require.Len(t, w.seen, 2)
		gone := *w.seen[1]
		assert.WithinDuration(t, time.Now().Add(-50*time.Second), gone.DeletedAt, time.Second)
		gone.DeletedAt = time.Time{}
		assert.Equal(t, messembed.User{ID: "ada"}, gone)
	})
}

// Everything that the SDK reads of a user counts, but for presence and what changes by itself.
func TestWatchUsers_comparesEveryField(t *testing.T) {
	apart := []string{"ID", "Presence", "UpdatedAt", "Raw"}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[struct {
		messembed.User
		messembed.Profile
	}]()) {
		if field.Anonymous || field.Name == "Profile" {
			continue
		}
		t.Run(field.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				before := messembed.User{ID: "ada"}
				after := before
				in := reflect.ValueOf(&after).Elem()
				if field.Index[0] == 1 {
					in = reflect.ValueOf(&after.Profile).Elem()
				}
				in.FieldByName(field.Name).Set(anything(field.Type))
				var stored oneUser
				stored.now.Store(&before)
				w := watchUsers(t, messembedtest.New(t).Client(t, messembed.WithPlatform(&stored)), []string{"ada"})
				assert.Len(t, w.news(0), 1)
				stored.now.Store(&after)
				if slices.Contains(apart, field.Name) {
					assert.Empty(t, w.news(time.Minute))
				} else {
					assert.Len(t, w.news(time.Minute), 1)
				}
				w.stop(t)
			})
		})
	}
}

// anything returns a value that is not zero.
func anything(kind reflect.Type) reflect.Value {
	switch v := reflect.New(kind).Elem(); kind.Kind() {
	case reflect.String:
		v.SetString("x")
		return v
	case reflect.Bool:
		v.SetBool(true)
		return v
	}
	for _, v := range []any{
		time.Unix(1, 0), md{"x": 1}, &messembed.Presence{}, []byte("{}"), []messembed.Email{{}}, []string{"x"},
	} {
		if of := reflect.ValueOf(v); of.CanConvert(kind) {
			return of.Convert(kind)
		}
	}
	panic("a field of a new type: " + kind.String())
}

// oneUser is a platform with one user.
type oneUser struct {
	plain
	now atomic.Pointer[messembed.User]
}

func (*oneUser) CheckCredentials(context.Context, *messembed.Call) error { return nil }

func (p *oneUser) GetUser(context.Context, *messembed.Call, string) (*messembed.User, error) {
	return p.now.Load(), nil
}

func TestWatchUsers_hasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: md{"name": "1"}})
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Stall: true})
		w := watchUsers(t, fake.Client(t, messembed.WithTimeout(2*time.Second)), []string{"ada"}, messembed.WithPollInterval(3*time.Second))
		assert.Equal(t, []string{"ada 1"}, w.news(5*time.Second), "two of waiting, three between the reads")
		time.Sleep(time.Hour)
		fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: md{"name": "2"}})
		assert.Equal(t, []string{"ada 2"}, w.news(3*time.Second))
		w.stop(t)
	})
}

func TestWatchUsers_waitsFailuresOut(t *testing.T) {
	for name, fault := range map[string]messembedtest.Fault{
		"503":           {Status: 503},
		"500":           {Status: 500},
		"lost answer":   {Reset: true, AfterApply: true},
		"cut short":     {Truncate: 3},
		"refused":       {Refuse: true},
		"rate limit":    {Status: 429},
		"HTML, not yet": {Op: "GetUser", Delay: time.Second, Status: 200, Body: "<html>"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				for _, id := range []string{"ada", "bob"} {
					fake.AddUser(messembed.User{ID: id, ExternalMetadata: md{"name": "1"}})
				}
				once := messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1})
				fault.Match = func(r messembedtest.Request) bool { return !strings.HasSuffix(r.Path, "/ada") }
				fake.FailNext(fault)
				w := watchUsers(t, fake.Client(t, once), []string{"ada", "bob"})
				w.news(time.Minute)
				fake.FailNext(fault)
				fake.AddUser(messembed.User{ID: "bob", ExternalMetadata: md{"name": "2"}})
				assert.Empty(t, w.news(10*time.Second))
				assert.Equal(t, []string{"bob 2"}, w.news(10*time.Second+time.Second))
				w.stop(t)
			})
		})
	}
}

func TestWatchUsers_finalFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		fault messembedtest.Fault
		kind  error
	}{
		"refused credentials": {messembedtest.Fault{Op: "ListMessages", Status: 401, Body: `{"statusCode":401,"message":"Unauthorized"}`}, messembed.ErrUnauthenticated},
		"no service":          {messembedtest.Fault{Op: "ListMessages", Status: 404, Body: `nothing here`}, messembed.ErrUnsupported},
		"another service":     {messembedtest.Fault{Op: "ListMessages", Status: 200, Body: `<html>`}, messembed.ErrInvalidResponse},
		"refused by gateway":  {messembedtest.Fault{Op: "GetUser", Status: 401, Body: `no`}, messembed.ErrUnauthenticated},
		"no permission":       {messembedtest.Fault{Op: "GetUser", Status: 403, Body: `no`}, messembed.ErrPermissionDenied},
		"no such route":       {messembedtest.Fault{Op: "GetUser", Status: 404, Body: `nothing here`}, messembed.ErrUnsupported},
		"a page":              {messembedtest.Fault{Op: "GetUser", Status: 200, Body: `<html>`}, messembed.ErrInvalidResponse},
		"a redirect":          {messembedtest.Fault{Op: "GetUser", Status: 302}, messembed.ErrInvalidResponse},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := fakeWithUsers(t, 30)
				fake.FailRandomly(1, 1, tt.fault)
				w := watchUsers(t, fake.Client(t), idsOf(fake))
				time.AfterFunc(time.Hour, w.cancel)
				<-w.done
				require.ErrorIs(t, w.err, tt.kind)
				assert.ErrorContains(t, w.err, "messembed: WatchUsers: ")
				assert.Empty(t, w.seen)
			})
		})
	}
}

func idsOf(fake *messembedtest.Server) (ids []string) {
	for _, u := range fake.Users() {
		ids = append(ids, u.ID)
	}
	return ids
}

// A client that may read users but not what the check of credentials reads can watch.
func TestWatchUsers_withoutOtherPermissions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := fakeWithUsers(t, 1)
		fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 403, Body: "no"})
		w := watchUsers(t, fake.Client(t), []string{"u000"})
		assert.Len(t, w.news(0), 1)
		w.stop(t)
	})
}

// With fewer requests allowed than there are users, all get their turn.
func TestWatchUsers_givesWayToARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t, rocketchattest.WithRateLimit(10, time.Minute))
		var ids []string
		for i := range 25 {
			ids = append(ids, fake.AddUser(messembed.User{Profile: messembed.Profile{Username: fmt.Sprintf("user%d", i)}}))
		}
		w := watchUsers(t, fake.Client(t), ids)
		// Three minutes are enough for 25 reads. A reader that is slower than seven
		// others can lose its turn in one of them.
		assert.Len(t, w.news(8*time.Minute), 25)
		before := len(fake.Requests())
		assert.Empty(t, w.news(10*time.Minute))
		refused := 0
		for _, r := range fake.Requests()[before:] {
			if r.Status == http.StatusTooManyRequests {
				refused++
			}
		}
		assert.LessOrEqual(t, refused, 11*8, "the rest of a round is not sent")
		w.stop(t)
	})
}

// 200 changes of 50 users while one request in five fails.
func TestWatchUsers_theLastStateIsRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := fakeWithUsers(t, 50)
		ids := idsOf(fake)
		last := map[string]messembed.Metadata{}
		fake.FailRandomly(0.2, 3)
		w := watchUsers(t, fake.Client(t), ids)
		random := rand.New(rand.NewPCG(1, 2))
		for i := range 200 {
			fake.AddUser(messembed.User{ID: ids[random.IntN(len(ids))], ExternalMetadata: md{"n": i}})
			time.Sleep(time.Second)
		}
		fake.FailRandomly(0, 0)
		time.Sleep(time.Minute)
		w.stop(t)
		for _, u := range w.seen {
			before, told := last[u.ID]
			assert.False(t, told && maps.Equal(before, u.ExternalMetadata), "%v came twice in a row", u)
			last[u.ID] = u.ExternalMetadata
		}
		require.Len(t, last, 50)
		for _, u := range fake.Users() {
			assert.Equal(t, u.ExternalMetadata, last[u.ID], u.ID)
		}
	})
}

// Nothing of a watch is left in the bubble, however it ends.
func TestWatchUsers_ends(t *testing.T) {
	for name, watch := range map[string]func(t *testing.T, fake *messembedtest.Server, ids []string){
		"by break": func(t *testing.T, fake *messembedtest.Server, ids []string) {
			for _, err := range fake.Client(t).WatchUsers(t.Context(), ids) {
				require.NoError(t, err)
				break
			}
		},
		"by a context that has ended": func(t *testing.T, fake *messembedtest.Server, ids []string) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			for u, err := range fake.Client(t).WatchUsers(ctx, ids) {
				t.Errorf("%v %v", u, err)
			}
		},
		"by a panic of the consumer": func(t *testing.T, fake *messembedtest.Server, ids []string) {
			assert.PanicsWithValue(t, "broken", func() {
				for range fake.Client(t).WatchUsers(t.Context(), ids) {
					panic("broken")
				}
			})
		},
		"by a panic of the transport": func(t *testing.T, fake *messembedtest.Server, ids []string) {
			client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/u005") {
					panic("broken")
				}
				return fake.RoundTrip(r)
			})))
			assert.PanicsWithValue(t, "broken", func() {
				for _, err := range client.WatchUsers(t.Context(), ids) {
					require.NoError(t, err)
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := fakeWithUsers(t, 10)
				watch(t, fake, idsOf(fake))
			})
		})
	}
}

func TestWatchUsers_badIDs(t *testing.T) {
	for name, tt := range map[string]struct {
		ids   []string
		field string
	}{
		"none":     {nil, "userIDs: must not be empty"},
		"empty":    {[]string{"ada", ""}, "userIDs[1]: must not be empty"},
		"not text": {[]string{"a\xff"}, "userIDs[0]: must be valid UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t)
			err := onlyError(t, fake.Client(t).WatchUsers(t.Context(), tt.ids))
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, tt.field)
			assert.Empty(t, fake.Requests())
		})
	}
}
