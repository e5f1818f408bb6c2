package messembed_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The server timestamps a message before it stores it, so one may turn up after others that are younger.
func TestMessageEvents_datedBeforeTheLastSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var behind atomic.Int64
		fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time {
			return time.Now().Add(-time.Duration(behind.Load()))
		}))
		client := fake.Client(t)
		talk := newTalk(t, client)
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		time.Sleep(time.Minute)
		talk.say()
		synctest.Wait()

		fake.StallConnections()
		behind.Store(int64(1900 * time.Millisecond))
		talk.say()
		behind.Store(0)
		time.Sleep(time.Minute)

		assert.Equal(t, talk.sent, h.texts())
	})
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

// A proxy sets Date by its own clock, which is ahead.
func TestMessageEvents_dateOfAProxy(t *testing.T) {
	for _, skew := range []time.Duration{20 * time.Second, time.Minute, 9 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				talk := newTalk(t, fake.Client(t))
				talk.say() // before
				time.Sleep(10 * time.Minute)
				proxied := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
					resp, err := fake.RoundTrip(r)
					if err == nil {
						resp.Header.Set("Date", time.Now().Add(skew).UTC().Format(http.TimeFormat))
					}
					return resp, err
				})))
				h := listen(t.Context(), t, proxied, messembed.EventOptions{})
				synctest.Wait()
				talk.say()
				time.Sleep(5 * time.Second)
				outage(fake, talk)
				assert.Equal(t, talk.sent[1:], h.texts())
			})
		})
	}
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

// The local clock differs from the service's, which alone counts.
func TestMessageEvents_anotherClock(t *testing.T) {
	for _, skew := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		t.Run(fmt.Sprint(skew), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return time.Now().Add(skew) }))
				client := fake.Client(t)
				talk := newTalk(t, client)
				talk.sayMany(3)
				h := listen(t.Context(), t, client, messembed.EventOptions{})
				synctest.Wait()
				for range 5 {
					talk.say()
					fake.DropConnections()
					talk.say()
					time.Sleep(10 * time.Second)
				}
				assert.Equal(t, talk.sent[3:], h.texts())
			})
		})
	}
}

// Memory does not grow with the number of messages, however they are received.
func TestEventPosition_memory(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const messages, remembered = 50_000, 5000 // one a millisecond; two seconds and the seconds begun are kept
	message := func(i int) *messembed.Message {
		return &messembed.Message{ID: fmt.Sprint(i), CreatedAt: begin.Add(time.Duration(i) * time.Millisecond)}
	}
	t.Run("live", func(t *testing.T) {
		now := begin
		p := messembed.NewEventPosition(func() time.Time { return now }, begin)
		for i := range messages {
			m := message(i)
			now = m.CreatedAt
			require.True(t, p.Live(m))
			require.LessOrEqual(t, p.Remembered(), remembered)
		}
	})
	t.Run("reading back what is long past", func(t *testing.T) {
		now := begin.Add(24 * time.Hour)
		p := messembed.NewEventPosition(func() time.Time { return now }, begin)
		for i := range messages {
			require.True(t, p.Replayed(message(i)))
			require.LessOrEqual(t, p.Remembered(), remembered)
		}
	})
	t.Run("polling", func(t *testing.T) {
		now := begin
		p := messembed.NewEventPosition(func() time.Time { return now }, begin)
		for i := range messages {
			m := message(i)
			now = m.CreatedAt
			if i%1000 == 0 {
				p.Connected(now)
				for j := max(0, i-1500); j < i; j++ { // what is read again
					require.False(t, p.Replayed(message(j)))
				}
			}
			require.True(t, p.Replayed(m))
			require.LessOrEqual(t, p.Remembered(), remembered)
		}
	})
	t.Run("with one from the future", func(t *testing.T) {
		now := begin
		p := messembed.NewEventPosition(func() time.Time { return now }, begin)
		require.True(t, p.Live(&messembed.Message{ID: "future", CreatedAt: begin.AddDate(10, 0, 0)}))
		for i := range messages {
			m := message(i)
			now = m.CreatedAt
			require.True(t, p.Live(m))
		}
		require.LessOrEqual(t, p.Remembered(), remembered+1)
		require.False(t, p.Live(&messembed.Message{ID: "future", CreatedAt: begin.AddDate(10, 0, 0)}))
	})
}

// Whatever was yielded may be read back or come live once more, and is then recognized.
func TestEventPosition_knowsWhatMayComeAgain(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := begin.Add(time.Hour)
	p := messembed.NewEventPosition(func() time.Time { return now }, begin)
	p.Connected(now)
	message := func(i int) *messembed.Message {
		return &messembed.Message{ID: fmt.Sprint(i), CreatedAt: begin.Add(time.Duration(i) * time.Second)}
	}
	for i := range 5000 { // from the past through the moment of connecting, for a slow consumer, to far behind it
		now = begin.Add(5000 * time.Second)
		require.True(t, p.Replayed(message(i)))
	}
	for i := 3599; i < 5000; i++ { // and all since then comes live as well
		require.False(t, p.Live(message(i)), "%d", i)
	}
	assert.Equal(t, begin.Add(4997*time.Second), p.ReadFrom())
}

func BenchmarkEventPosition(b *testing.B) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := begin
	p := messembed.NewEventPosition(func() time.Time { return now }, begin)
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = fmt.Sprintf("%024x", i)
	}
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(40 * time.Microsecond)
		p.Live(&messembed.Message{ID: ids[i%len(ids)], CreatedAt: now})
		i++
	}
}
