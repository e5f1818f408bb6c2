package messembed_test

import (
	"fmt"
	"math"
	"net/http"
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

// Whatever the clocks say: nothing that existed comes, and nothing sent afterwards is missed, not even during an outage right
// after the beginning.
func TestMessageEvents_clocks(t *testing.T) {
	const none = time.Duration(math.MaxInt64)
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
		for _, quiet := range []time.Duration{time.Second, time.Hour, 100 * 24 * time.Hour} {
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
					for range 510 { // more than a page before silence sets in
						talk.say()
						time.Sleep(500 * time.Millisecond)
					}
					existing := len(talk.sent)
					time.Sleep(quiet)
					client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
						resp, err := fake.RoundTrip(r)
						if err == nil && tc.date == none {
							resp.Header.Del("Date")
						} else if err == nil {
							resp.Header.Set("Date", time.Now().Add(tc.date).UTC().Format(http.TimeFormat))
						}
						return resp, err
					})))
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

// What is sent while a service in trouble is asked for what exists is new.
func TestMessageEvents_sentWhileBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		talk.sayMany(3)
		time.Sleep(time.Second)
		h := listen(t.Context(), t, fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := fake.RoundTrip(r)
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
}
