package messembed_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var positionMessages = flag.Int("position.messages", 2000, "messages of TestPosition_killedManyTimes; 10000 takes a while")

// consumer does something about each message and stores the position in the
// same step, until it is killed.
type consumer struct {
	client   *messembed.Client
	done     []string
	position messembed.Position
}

// run takes n events, of which it does not handle the last: it is killed
// before. It ends when ctx does.
func (c *consumer) run(ctx context.Context, t *testing.T, o messembed.EventOptions, n int) {
	if c.position != "" {
		o.Since, o.Position = time.Time{}, c.position
	}
	for event, err := range c.client.MessageEvents(ctx, o) {
		if !assert.NoError(t, err) {
			return
		}
		if n--; n < 0 {
			return
		}
		c.done, c.position = append(c.done, event.Message.Content), event.Position()
	}
}

// Wherever a consumer is killed, it goes on exactly there. Some of the messages
// are of one millisecond, some overlap with what is read back, and some existed
// a moment before.
func TestPosition_killedAnywhere(t *testing.T) {
	const messages = 16
	prepare := map[string]func(fake *messembedtest.Server){
		"live":         func(*messembedtest.Server) {},
		"polling":      func(fake *messembedtest.Server) { fake.RefuseWebsockets(true) },
		"disconnected": func(fake *messembedtest.Server) { fake.DropConnections() },
	}
	for name, prepare := range prepare {
		for _, since := range []string{"not given", "now", "an hour ago"} {
			t.Run(fmt.Sprintf("%s, Since %s", name, since), func(t *testing.T) {
				for killed := 0; killed < messages; killed += whole(3, 1) {
					synctest.Test(t, func(t *testing.T) {
						fake := messembedtest.New(t)
						talk := newTalk(t, fake.Client(t))
						talk.sayMany(5)
						time.Sleep(1200 * time.Millisecond)
						talk.sayMany(5)
						var o messembed.EventOptions
						existing := 10
						if since != "not given" {
							o.Since, existing = time.Now(), 5
						}
						if since == "an hour ago" {
							time.Sleep(time.Hour)
						}
						if name == "polling" {
							prepare(fake)
						}
						c := &consumer{client: fake.Client(t)}
						go c.run(t.Context(), t, o, killed)
						synctest.Wait()
						prepare(fake)
						for i := range messages {
							talk.say()
							time.Sleep(time.Duration(i%4/2) * 400 * time.Millisecond)
						}
						time.Sleep(time.Minute)
						synctest.Wait()
						want := talk.sent[existing:]
						require.Len(t, c.done, killed)
						if killed == 0 {
							return // there is no position yet
						}
						require.Equal(t, want[:killed], c.done)

						ctx, cancel := context.WithCancel(t.Context())
						defer cancel()
						go c.run(ctx, t, o, 1000)
						time.Sleep(time.Minute)
						fake.DropConnections()
						talk.say()
						time.Sleep(time.Minute)
						synctest.Wait()
						assert.Equal(t, talk.sent[existing:], c.done)
					})
				}
			})
		}
	}
}

// A position behind a message dated in the future does not skip what is sent until then.
func TestPosition_behindOneFromTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }))
		talk := newTalk(t, fake.Client(t))
		c := &consumer{client: fake.Client(t)}
		go c.run(t.Context(), t, messembed.EventOptions{}, 2)
		synctest.Wait()
		talk.say()
		ahead.Store(int64(time.Hour))
		talk.say()
		ahead.Store(0)
		for range 3 {
			talk.say()
			time.Sleep(5 * time.Second)
		}
		synctest.Wait()

		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go c.run(ctx, t, messembed.EventOptions{}, 1000)
		synctest.Wait()
		assert.Equal(t, []string{"0", "1", "2", "3", "4"}, c.done)
	})
}

// Messages come in bursts, connections break in every way, and the consumer is
// killed again and again, between any two events.
func TestPosition_killedManyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const kills = 50
		messages, random, killing := *positionMessages, rand.New(rand.NewPCG(14, 2)), rand.New(rand.NewPCG(14, 3))
		fake := messembedtest.New(t, messembedtest.WithPingInterval(2*time.Second, time.Second), messembedtest.WithRequestLog(-1))
		talk := newTalk(t, fake.Client(t))
		talk.sayMany(10) // older
		time.Sleep(time.Second)
		c := &consumer{client: fake.Client(t)}
		ctx, cancel := context.WithCancel(t.Context())
		finished, longest, starts := make(chan struct{}), 0, 0
		began := time.Now()
		go func() {
			defer close(finished)
			for ctx.Err() == nil {
				n := messages
				if starts <= kills {
					n = killing.IntN(messages / kills)
				}
				starts++
				c.run(ctx, t, messembed.EventOptions{Since: began, Buffer: 20}, n)
				longest = max(longest, len(c.position))
				time.Sleep(time.Duration(killing.IntN(3000)) * time.Millisecond)
			}
		}()
		time.Sleep(time.Second)
		for i := range messages / 20 {
			breakSomehow(fake, i)
			for range 20 {
				talk.say()
				time.Sleep(time.Duration(random.IntN(4)/3*random.IntN(400)) * time.Millisecond)
			}
		}
		time.Sleep(10 * time.Minute)
		cancel()
		<-finished

		assert.Equal(t, talk.sent[10:], c.done)
		assert.Greater(t, starts, kills)
		t.Logf("%d messages, %d starts, the longest position stored has %d bytes", messages, starts, longest)
	})
}

// At ten messages a second a position stays under 4 KiB.
func TestPosition_size(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		h := listen(t.Context(), t, fake.Client(t), messembed.EventOptions{})
		synctest.Wait()
		talk.say()
		synctest.Wait()
		least, most := len(h.last().Position()), 0
		for range 100 {
			talk.say()
			synctest.Wait()
			most = max(most, len(h.last().Position()))
			time.Sleep(100 * time.Millisecond)
		}
		t.Logf("%d bytes for the first message, %d at ten messages a second", least, most)
		assert.Less(t, least, 80)
		assert.Less(t, most, 4096)
	})
}

// A position that is asked for too late repeats what overlaps, and loses nothing.
func TestPosition_askedForLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		ctx, cancel := context.WithCancel(t.Context())
		h := listen(ctx, t, fake.Client(t), messembed.EventOptions{})
		synctest.Wait()
		for range 10 {
			time.Sleep(time.Second)
			talk.say()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()

		again := listen(t.Context(), t, fake.Client(t), messembed.EventOptions{Position: h.events[4].Position()})
		synctest.Wait()
		assert.Equal(t, talk.sent[2:], again.texts(), "two seconds before the fifth")
	})
}

func TestPosition_ofAnotherEvent(t *testing.T) {
	assert.Empty(t, (&messembed.MessageEvent{Message: &messembed.Message{ID: "5f0000000000000000000001"}}).Position())
}

// What is not a position, or not whole, is refused before anything is sent.
func TestPosition_refused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		h := listen(t.Context(), t, fake.Client(t), messembed.EventOptions{})
		synctest.Wait()
		talk.sayMany(3)
		synctest.Wait()
		whole := string(h.last().Position())

		bad := []string{" ", "1", "position", "2026-11-21T19:52:34.374Z", "5f0000000000000000000001", whole + "A", whole + "\n", whole + "=", whole + whole, whole[1:]}
		for i := range whole {
			bad = append(bad, whole[:i], whole[:i]+whole[i+1:], whole[:i]+"\n"+whole[i:])
			for _, c := range []byte("AZaz09-_+ \x00\xff") {
				if c != whole[i] {
					bad = append(bad, whole[:i]+string([]byte{c})+whole[i+1:])
				}
			}
		}
		for _, text := range bad {
			if text != "" {
				assertRefused(t, messembed.EventOptions{Position: messembed.Position(text)}, "Position: not one of MessageEvents, or damaged")
			}
		}
		assertRefused(t, messembed.EventOptions{Position: messembed.Position(whole), Since: time.Now()}, "Position: must be empty if Since is set")
		assertRefused(t, messembed.EventOptions{Position: sealed([]byte{2})}, "Position: made by another version of this SDK")
		for name, inside := range map[string][]byte{
			"nothing":                 {},
			"no times":                {1},
			"one time":                {1, 0},
			"before its beginning":    {1, 2, 4},
			"after year 9999":         binary.AppendVarint(binary.AppendVarint([]byte{1}, 1<<48), 0),
			"before year 0":           binary.AppendVarint([]byte{1, 0}, -1<<48),
			"half a message":          append([]byte{1, 0, 0}, make([]byte, 12)...),
			"messages out of order":   append(append([]byte{1, 0, 0, 0}, bytes.Repeat([]byte{9}, 12)...), make([]byte, 13)...),
			"a distance of more bits": append([]byte{1, 0, 0}, bytes.Repeat([]byte{0xff}, 30)...),
		} {
			t.Log(name)
			assertRefused(t, messembed.EventOptions{Position: sealed(inside)}, "Position: not one of MessageEvents, or damaged")
		}
	})
}

// The service can be asked for the years from 0 to 9999.
func TestPosition_years(t *testing.T) {
	first, end := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	for at, taken := range map[int64]bool{first - 1: false, first: true, end - 1: true, end: false} {
		sent, err := tryPosition(t, messembed.EventOptions{Position: sealed(binary.AppendVarint(binary.AppendVarint([]byte{1}, at), at))})
		assert.Equal(t, taken, sent > 0, "%v: %v", time.UnixMilli(at).UTC(), err)
	}
}

func assertRefused(t *testing.T, o messembed.EventOptions, reason string) {
	t.Helper()
	sent, err := tryPosition(t, o)
	require.ErrorIs(t, err, messembed.ErrInvalidArgument, "%q", o.Position)
	assert.Contains(t, err.Error(), reason)
	assert.Zero(t, sent)
}

// tryPosition begins a range and returns how many requests it sent, and its
// error. The service refuses all.
func tryPosition(t *testing.T, o messembed.EventOptions) (sent int, failed error) {
	t.Helper()
	client, err := messembed.New("http://127.0.0.1:1", messembed.WithBasicAuth("admin", "secret"),
		messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			sent++
			return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: r}, nil
		})))
	require.NoError(t, err)
	for _, err := range client.MessageEvents(t.Context(), o) {
		failed = errors.Join(failed, err)
	}
	return sent, failed
}

// sealed makes a position of what is inside one.
func sealed(inside []byte) messembed.Position {
	inside = binary.BigEndian.AppendUint32(inside, crc32.ChecksumIEEE(inside))
	return messembed.Position(base64.RawURLEncoding.EncodeToString(inside))
}

// FuzzPosition checks that whatever is inside a position, it is either refused
// before anything is sent or can be asked for.
func FuzzPosition(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 0, 0})
	f.Add([]byte{2, 0, 0})
	f.Add(append([]byte{1, 0x80, 0x20, 0}, make([]byte, 13*3)...))
	f.Add(append(binary.AppendVarint(binary.AppendVarint([]byte{1}, 1<<62), -1<<62), 1))
	f.Fuzz(func(t *testing.T, inside []byte) {
		sent, err := tryPosition(t, messembed.EventOptions{Position: sealed(inside)})
		if sent == 0 {
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		} else {
			require.ErrorIs(t, err, messembed.ErrUnauthenticated)
		}
	})
}

func TestMessageEvents_since(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		talk.sayMany(3)
		time.Sleep(time.Second)
		since := time.Now()
		talk.sayMany(1200) // more than a page, in one millisecond
		time.Sleep(time.Hour)

		h := listen(t.Context(), t, client, messembed.EventOptions{Since: since})
		synctest.Wait()
		assert.Equal(t, talk.sent[3:], h.texts())
		assert.True(t, h.last().Replayed)
		assert.Nil(t, h.last().Chat)

		talk.say()
		synctest.Wait()
		assert.Equal(t, talk.sent[3:], h.texts())
		assert.False(t, h.last().Replayed)
	})
}

func TestMessageEvents_sinceInTheFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		talk.say()
		h := listen(t.Context(), t, client, messembed.EventOptions{Since: time.Now().Add(time.Hour)})
		synctest.Wait()
		talk.say()
		fake.DropConnections()
		talk.say()
		time.Sleep(time.Minute)

		assert.Equal(t, []string{"1", "2"}, h.texts())
	})
}

func TestMessageEvents_refusedCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{}))
		wrong, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithBasicAuth("admin", "wrong"))
		require.NoError(t, err)
		newTalk(t, client)
		h := listen(t.Context(), t, wrong, messembed.EventOptions{})
		synctest.Wait()

		ended, errs := h.end()
		assert.True(t, ended)
		require.Len(t, errs, 1)
		require.ErrorIs(t, errs[0], messembed.ErrUnauthenticated)
		var e *messembed.Error
		require.ErrorAs(t, errs[0], &e)
		assert.Equal(t, "MessageEvents", e.Op)
		assert.Empty(t, h.told())
	})
}

// Whichever of the requests it begins with is refused, that ends it: without their
// answers it cannot tell old messages from new ones.
func TestMessageEvents_refusedWhileBeginning(t *testing.T) {
	for answered := range 3 {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			newTalk(t, client).say()
			time.Sleep(2 * time.Minute)
			for range answered {
				fake.FailNext(messembedtest.Fault{Op: "ListMessages", Delay: time.Millisecond})
			}
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 401})
			h := listen(t.Context(), t, client, messembed.EventOptions{})
			time.Sleep(time.Second)

			ended, errs := h.end()
			assert.True(t, ended, answered)
			require.Len(t, errs, 1)
			require.ErrorIs(t, errs[0], messembed.ErrUnauthenticated)
		})
	}
}

// The newest message is found in a few requests, however long ago it was sent.
func TestMessageEvents_newestIsOld(t *testing.T) {
	for age, most := range map[time.Duration]int{90 * time.Second: 7, 2 * time.Hour: 8, 100 * 24 * time.Hour: 9, 3 * 365 * 24 * time.Hour: 10} {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			talk := newTalk(t, client)
			talk.say()
			time.Sleep(age)
			before := len(fake.Requests())
			h := listen(t.Context(), t, client, messembed.EventOptions{})
			time.Sleep(time.Second)
			assert.LessOrEqual(t, len(fake.Requests())-before, most, age)
			talk.say()
			time.Sleep(time.Second)
			assert.Equal(t, []string{"1"}, h.texts())
		})
	}
}

func TestMessageEvents_wrongAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithBasePath("/api"))
		_, password := fake.Credentials()
		client, err := messembed.New("https://messembed.test/elsewhere", messembed.WithTransport(fake), messembed.WithBasicAuth("admin", password))
		require.NoError(t, err)
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()

		ended, errs := h.end()
		assert.True(t, ended)
		require.Len(t, errs, 1)
		assert.ErrorIs(t, errs[0], messembed.ErrUnsupported)
	})
}

func TestMessageEvents_invalidOptions(t *testing.T) {
	for name, o := range map[string]messembed.EventOptions{
		"Buffer: negative":       {Buffer: -1},
		"Since: before year 0":   {Since: time.Date(-1, 12, 31, 0, 0, 0, 0, time.UTC)},
		"Since: after year 9999": {Since: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -3600))},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t)
			var errs []error
			for _, err := range fake.Client(t).MessageEvents(t.Context(), o) {
				errs = append(errs, err)
			}
			require.Len(t, errs, 1)
			require.ErrorIs(t, errs[0], messembed.ErrInvalidArgument)
			assert.Contains(t, errs[0].Error(), name[:strings.Index(name, ":")]+":")
			assert.Empty(t, fake.Requests())
		})
	}
}

func TestMessageEvents_serviceDownAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		talk.say()
		for range 20 {
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Refuse: true})
		}
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		time.Sleep(5 * time.Minute)
		talk.say()
		synctest.Wait()

		assert.Equal(t, []string{"1"}, h.texts())
		told := h.told()
		assert.Equal(t, "disconnected", told[0])
		assert.Equal(t, "connected", told[len(told)-1])
	})
}

func TestMessageEvents_retryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 429, RetryAfter: "60"})
		start := time.Now()
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		for len(h.told()) < 2 {
			time.Sleep(time.Second)
		}
		assert.Equal(t, []string{"disconnected", "connected"}, h.told())
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
	})
}

// Whatever the clocks say: nothing that existed comes, and nothing sent
// afterwards is missed, not even during an outage right after the beginning.
func TestMessageEvents_clocks(t *testing.T) {
	const none = noDate
	for name, tc := range map[string]struct {
		service, date time.Duration // how far they are ahead of this host
		future        time.Duration // the date of a stored message, beyond the service's clock
	}{
		"all agree":                              {},
		"10 s behind":                            {service: -10 * time.Second},
		"30 s behind":                            {service: -30 * time.Second},
		"1 h behind":                             {service: -time.Hour},
		"1 h behind, without Date":               {service: -time.Hour, date: none},
		"a month behind":                         {service: -30 * 24 * time.Hour},
		"5 min ahead":                            {service: 5 * time.Minute},
		"a day ahead":                            {service: 24 * time.Hour},
		"a day ahead, without Date":              {service: 24 * time.Hour, date: none},
		"Date 20 s ahead":                        {date: 20 * time.Second},
		"Date 15 min ahead":                      {date: 15 * time.Minute},
		"Date a day ahead":                       {date: 24 * time.Hour},
		"Date 5 min behind":                      {date: -5 * time.Minute},
		"Date a day behind":                      {date: -24 * time.Hour},
		"no Date":                                {date: none},
		"this host a day ahead":                  {service: -24 * time.Hour, date: -24 * time.Hour},
		"this host a day behind":                 {service: 24 * time.Hour, date: 24 * time.Hour},
		"a message from the future":              {future: 365 * 24 * time.Hour},
		"a message from the future, Date behind": {future: 365 * 24 * time.Hour, date: -5 * time.Minute},
		"a message from the future, 1 h behind":  {future: 365 * 24 * time.Hour, service: -time.Hour},
	} {
		for _, quiet := range []time.Duration{time.Hour, time.Second, 100 * 24 * time.Hour}[:whole(1, 3)] {
			messages := whole(20, 510)
			if name == "all agree" && quiet == time.Hour {
				messages = 510 // more than a page before silence sets in
			}
			t.Run(fmt.Sprint(name, ", quiet for ", quiet), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var future atomic.Int64
					fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time {
						return time.Now().Add(tc.service + time.Duration(future.Load()))
					}))
					talk := newTalk(t, fake.Client(t))
					future.Store(int64(tc.future))
					talk.say()
					future.Store(0)
					time.Sleep(time.Hour)
					for range messages {
						talk.say()
						time.Sleep(500 * time.Millisecond)
					}
					existing := len(talk.sent)
					time.Sleep(quiet)
					client := fake.Client(t, messembed.WithTransport(behindProxy(fake, tc.date)))
					before := len(fake.Requests())
					h := listen(t.Context(), t, client, messembed.EventOptions{})
					synctest.Wait()
					assert.Less(t, len(fake.Requests())-before, 40, "to find the beginning")

					outage(fake, talk)
					for range 3 {
						talk.say()
						fake.DropConnections()
						talk.say()
						time.Sleep(10 * time.Second)
					}
					assert.Equal(t, talk.sent[existing:], h.texts())
				})
			})
		}
	}
}

const noDate = time.Duration(math.MaxInt64)

// behindProxy is a transport to a fake whose Date header is ahead of this
// host's clock, or missing.
func behindProxy(fake *messembedtest.Server, ahead time.Duration) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := fake.RoundTrip(r)
		if err == nil && ahead == noDate {
			resp.Header.Del("Date")
		} else if err == nil {
			resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
		}
		return resp, err
	})
}

// One wrong clock does not make every reading back begin long ago.
func TestMessageEvents_oneWrongClock(t *testing.T) {
	const day = 24 * time.Hour
	for name, tc := range map[string]struct{ service, date time.Duration }{
		"the Date header's, behind": {0, -day},
		"the Date header's, ahead":  {0, day},
		"this host's, behind":       {day, day},
		"this host's, ahead":        {-day, -day},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return time.Now().Add(tc.service) }))
				talk := newTalk(t, fake.Client(t))
				talk.say()
				time.Sleep(time.Minute)
				h := listen(t.Context(), t, fake.Client(t, messembed.WithTransport(behindProxy(fake, tc.date))), messembed.EventOptions{})
				synctest.Wait()
				assert.Equal(t, fake.Messages(talk.chatID)[0].CreatedAt.Add(-2*time.Second), lastAfter(t, fake))

				talk.say()
				time.Sleep(time.Minute)
				fake.DropConnections()
				time.Sleep(time.Minute)
				assert.Equal(t, h.last().Message.CreatedAt.Add(-2*time.Second), lastAfter(t, fake))
			})
		})
	}
}

// lastAfter returns from when on the last list of messages was asked for.
func lastAfter(t *testing.T, fake *messembedtest.Server) time.Time {
	requests := fake.Requests()
	query, err := url.ParseQuery(requests[len(requests)-1].Query)
	require.NoError(t, err)
	after, err := time.Parse(time.RFC3339, query.Get("after"))
	require.NoError(t, err)
	return after
}

// Since is a time of the service's clock, whatever the others say.
func TestMessageEvents_sinceByTheServicesClock(t *testing.T) {
	for name, tc := range map[string]struct{ service, date, since time.Duration }{
		"the service is ahead, in the past":                      {time.Hour, 0, -time.Minute},
		"the service is ahead, in the future":                    {time.Hour, 0, time.Minute},
		"the service is behind, in the past":                     {-time.Hour, 0, -time.Minute},
		"the Date header is ahead, in the future":                {0, 24 * time.Hour, time.Hour},
		"the Date header is behind, in the past":                 {0, -24 * time.Hour, -time.Minute},
		"the Date header is behind, in the future":               {0, -24 * time.Hour, time.Minute},
		"the service is ahead, a moment before the last message": {time.Hour, 0, -time.Second},
		"this host is ahead, in the future":                      {-time.Hour, -time.Hour, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return time.Now().Add(tc.service) }))
				talk := newTalk(t, fake.Client(t))
				talk.say()
				time.Sleep(10 * time.Minute)
				since, existing := time.Now().Add(tc.service+tc.since), 1
				time.Sleep(-min(0, tc.since))
				talk.sayMany(2)
				if tc.since > 0 {
					existing = 3
				}
				time.Sleep(500 * time.Millisecond)
				h := listen(t.Context(), t, fake.Client(t, messembed.WithTransport(behindProxy(fake, tc.date))), messembed.EventOptions{Since: since})
				synctest.Wait()
				outage(fake, talk)
				assert.Equal(t, talk.sent[existing:], h.texts())
			})
		})
	}
}

// What is sent while a service in trouble is asked for what exists is new, also if
// a clock is ahead of the service's.
func TestMessageEvents_sentWhileBeginning(t *testing.T) {
	const day = 24 * time.Hour
	for name, tc := range map[string]struct{ service, date time.Duration }{
		"all clocks agree": {0, 0}, "this host is ahead": {-day, -day}, "the Date header is ahead": {0, day},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return time.Now().Add(tc.service) }))
				proxy := behindProxy(fake, tc.date)
				talk := newTalk(t, fake.Client(t))
				talk.sayMany(3)
				time.Sleep(time.Second)
				h := listen(t.Context(), t, fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
					resp, err := proxy.RoundTrip(r)
					if r.URL.Query().Get("limit") == "1" { // the credentials are accepted
						fake.FailRandomly(1, 1, messembedtest.Fault{Op: "ListMessages", Status: 503})
					}
					return resp, err
				}))), messembed.EventOptions{})
				for range 5 {
					time.Sleep(2 * time.Second)
					talk.say()
				}
				fake.FailRandomly(0, 0)
				time.Sleep(time.Minute)
				assert.Equal(t, talk.sent[3:], h.texts())
			})
		})
	}
}
