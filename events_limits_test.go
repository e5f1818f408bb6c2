package messembed_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A consumer that takes 10 ms for each of 5,000 messages sent at once loses
// none, and the server keeps the connection.
func TestMessageEvents_slowConsumer(t *testing.T) {
	for _, buffer := range []int{0, 7} {
		t.Run(fmt.Sprint("buffer ", buffer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				messages := whole(1000, 5000)
				fake := messembedtest.New(t, messembedtest.WithRequestLog(-1))
				client := fake.Client(t)
				talk := newTalk(t, client)
				var states []string
				started := make(chan struct{}, 1)
				go func() {
					<-started
					for range messages {
						talk.say()
						time.Sleep(time.Millisecond)
					}
				}()
				var texts []string
				start := time.Now()
				for event, err := range client.MessageEvents(t.Context(), messembed.EventOptions{
					Buffer: buffer,
					OnState: func(s messembed.ConnectionState, _ error) {
						states = append(states, string(s))
						started <- struct{}{}
					},
				}) {
					require.NoError(t, err)
					texts = append(texts, event.Message.Content)
					time.Sleep(10 * time.Millisecond)
					if len(texts) == messages {
						break
					}
				}
				assert.Equal(t, talk.sent, texts)
				assert.Equal(t, []string{"connected"}, states, "the connection was never lost")
				assert.Less(t, time.Since(start), time.Minute)
			})
		})
	}
}

// Messages that together exceed the largest response are read back in smaller pages.
func TestMessageEvents_largeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		for range 100 {
			_, err := talk.client.CreateMessage(t.Context(), messembed.CreateMessageParams{
				ChatID: talk.chatID, UserID: "ada", Content: fmt.Sprint(len(talk.sent)),
				ExternalMetadata: messembed.Metadata{"x": strings.Repeat("x", 2000)},
			})
			require.NoError(t, err)
			talk.sent = append(talk.sent, fmt.Sprint(len(talk.sent)))
			time.Sleep(time.Millisecond)
		}
		client := fake.Client(t, messembed.WithMaxResponseBytes(20_000))
		h := listen(t.Context(), t, client, messembed.EventOptions{Since: time.Now().Add(-time.Hour)})
		synctest.Wait()

		assert.Equal(t, talk.sent, h.texts())
		assert.Equal(t, []string{"connected"}, h.told())
	})
}

// Afterwards the pages are large again.
func TestMessageEvents_pagesGrowBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		for range 20 {
			_, err := talk.client.CreateMessage(t.Context(), messembed.CreateMessageParams{
				ChatID: talk.chatID, UserID: "ada", Content: strings.Repeat("x", 2000),
			})
			require.NoError(t, err)
			time.Sleep(time.Millisecond)
		}
		client := fake.Client(t, messembed.WithMaxResponseBytes(20_000))
		listen(t.Context(), t, client, messembed.EventOptions{Since: time.Now().Add(-time.Hour)})
		synctest.Wait()
		assert.Less(t, lastLimit(t, fake), 50)

		for range 10 {
			time.Sleep(time.Minute)
			talk.say()
			fake.DropConnections()
		}
		time.Sleep(time.Minute)
		assert.Equal(t, 500, lastLimit(t, fake))
	})
}

// lastLimit returns the limit of the last list of messages asked for.
func lastLimit(t *testing.T, fake *messembedtest.Server) (limit int) {
	for _, r := range fake.Requests() {
		if query, err := url.ParseQuery(r.Query); err == nil && r.Op == "ListMessages" && query.Has("limit") {
			limit, err = strconv.Atoi(query.Get("limit"))
			require.NoError(t, err)
		}
	}
	return limit
}

// The queue is bounded in bytes as well as in events.
func TestMessageEvents_slowConsumerOfLargeEvents(t *testing.T) {
	events := whole(32, 40)
	began := time.Now().Add(-time.Minute)
	content := strings.Repeat("x", 1<<20)
	service := &announcer{events: events, listed: true, sent: make(chan struct{}, 1), message: func(i int) (time.Time, string) {
		at := began.Add(time.Duration(i) * time.Millisecond)
		return at, messageJSON(fmt.Sprintf("%024x", i+1), at, content)
	}}
	client := service.start(t)
	live, count := 0, 0
	for event, err := range client.MessageEvents(t.Context(), messembed.EventOptions{}) {
		require.NoError(t, err)
		if count == 0 {
			<-service.sent
		}
		if !event.Replayed {
			live++
		}
		count++
		require.Equal(t, fmt.Sprintf("%024x", count), event.Message.ID)
		if count == events {
			break
		}
	}
	assert.Less(t, live, 28, "16 MiB, and what was on its way")
}

// What was taken out of the queue does not count.
func TestMessageEvents_manyLargeEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		h := listen(t.Context(), t, fake.Client(t), messembed.EventOptions{})
		synctest.Wait()
		for range 200 { // 18 MB
			_, err := talk.client.CreateMessage(t.Context(), messembed.CreateMessageParams{
				ChatID: talk.chatID, UserID: "ada", Content: strings.Repeat("x", 90_000),
			})
			require.NoError(t, err)
			synctest.Wait()
		}
		assert.Len(t, h.texts(), 200)
		assert.False(t, h.last().Replayed)
	})
}

// Whatever ids a service gives its messages, and however it dates them, little of them is kept.
func TestMessageEvents_largeIDsFromTheFuture(t *testing.T) {
	events := whole(40, 60)
	id := strings.Repeat("i", 1<<20)
	// One event at a time: on a slow machine, queued ones would count as remembered.
	service := &announcer{events: events, yielded: make(chan struct{}, events), message: func(i int) (time.Time, string) {
		at := time.Now().AddDate(1, 0, i)
		return at, messageJSON(id+fmt.Sprint(i), at, "hello")
	}}
	client := service.start(t)
	heap := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return mebibytes(m.HeapAlloc)
	}
	before, count := heap(), 0
	for _, err := range client.MessageEvents(t.Context(), messembed.EventOptions{}) {
		require.NoError(t, err)
		if count++; count == events {
			break
		}
		if count == events-1 {
			assert.Less(t, heap()-before, 32.0)
		}
		service.yielded <- struct{}{}
	}
}

// A consumer may read back for so long that it would no longer recognize what
// was announced when it began.
func TestMessageEvents_longReadBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stored = 67_000 // one a millisecond
		began := time.Now().Add(-time.Hour)
		fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return began }))
		talk := newTalk(t, fake.Client(t))
		ids := make([]string, 1, stored)
		client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			query := r.URL.Query()
			if r.URL.Path != "/admin-api/messages" || query.Get("after") == "" {
				return fake.RoundTrip(r)
			}
			switch len(ids) {
			case 1: // the first is announced, and waits in the queue
				talk.say()
				ids[0] = fake.Messages(talk.chatID)[0].ID
				for i := range stored - 1 {
					ids = append(ids, fmt.Sprintf("%024x", i))
				}
			case stored: // and then nothing is announced for a while
				fake.DropConnections()
				ids = append(ids, fmt.Sprintf("%024x", stored))
			}
			return oneAMillisecond(r, began, ids), nil
		})))
		h := listen(t.Context(), t, client, messembed.EventOptions{Since: began.Add(-time.Hour), Buffer: 1})
		time.Sleep(time.Minute)

		h.mu.Lock()
		defer h.mu.Unlock()
		require.Len(t, h.events, stored+1)
		for i, e := range h.events {
			require.Equal(t, ids[i], e.Message.ID)
		}
	})
}

// Nor would it recognize, having read back so long, what was announced between an
// overflow and that.
func TestMessageEvents_longReadBackAfterAnOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now().Add(-time.Hour)
		var ids, got []string
		var replayed []bool
		fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return began.Add(time.Duration(len(ids)) * time.Millisecond) }))
		talk := newTalk(t, fake.Client(t))
		client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/admin-api/messages" || !r.URL.Query().Has("after") {
				return fake.RoundTrip(r)
			}
			return oneAMillisecond(r, began, ids), nil
		})))
		next := make(chan struct{})
		go func() {
			for event, err := range client.MessageEvents(t.Context(), messembed.EventOptions{Buffer: 2}) {
				if !assert.NoError(t, err) {
					return
				}
				got, replayed = append(got, event.Message.ID), append(replayed, event.Replayed)
				<-next
			}
		}()
		synctest.Wait()
		say := func(n int) {
			for range n {
				talk.say()
				messages := fake.Messages(talk.chatID)
				ids = append(ids, messages[len(messages)-1].ID)
				synctest.Wait()
			}
		}
		say(4) // one is taken, two fit, and one does not
		for range 2 {
			next <- struct{}{}
			synctest.Wait()
		}
		say(1) // it would fit
		for i := range 66_000 {
			ids = append(ids, fmt.Sprintf("%024x", i))
		}
		close(next)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.True(t, slices.Equal(ids, got), "%d of %d", len(got), len(ids))
		assert.Equal(t, []bool{false, false, false, true, true}, replayed[:5])
	})
}

// oneAMillisecond answers a list of messages with these ids.
func oneAMillisecond(r *http.Request, began time.Time, ids []string) *http.Response {
	query := r.URL.Query()
	after, _ := time.Parse(time.RFC3339, query.Get("after"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	var messages []string
	for i := max(0, int(after.Sub(began)/time.Millisecond)); i < len(ids) && len(messages) < limit; i++ {
		messages = append(messages, messageJSON(ids[i], began.Add(time.Duration(i)*time.Millisecond), ""))
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(`{"messages":[` + strings.Join(messages, ",") + `]}`)),
	}
}

// BenchmarkMessageEvents takes 50,000 events from a server on loopback, each
// with a message and its chat as the real server announces them (1.6 kB), and
// counts how many come through in a second, without their positions and with
// them. It wants 25,000.
func BenchmarkMessageEvents(b *testing.B) {
	const events = 50_000
	const every = 100 * time.Millisecond
	began := time.Now().Add(-events * every)
	client := (&announcer{events: events, message: func(i int) (time.Time, string) {
		at := began.Add(time.Duration(i) * every)
		return at, messageJSON(fmt.Sprintf("%024x", i+1), at, "Good morning! Is the bicycle still for sale?")
	}}).start(b)
	b.ReportAllocs()
	var took [2]time.Duration
	for b.Loop() {
		for i := range took {
			start, count, live := time.Now(), 0, 0
			for event, err := range client.MessageEvents(b.Context(), messembed.EventOptions{Buffer: events}) {
				require.NoError(b, err)
				if !event.Replayed {
					live++
				}
				if i == 1 {
					require.NotEmpty(b, event.Position())
				}
				if count++; count == events {
					break
				}
			}
			require.Equal(b, events, live)
			took[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(events*b.N)/took[0].Seconds(), "events/s")
	b.ReportMetric(float64(events*b.N)/took[1].Seconds(), "positions/s")
	b.ReportMetric(took[1].Seconds()/took[0].Seconds(), "times")
}

// announcer is a service that announces events as fast as they are taken, on a socket.
type announcer struct {
	events  int
	message func(i int) (at time.Time, json string)
	listed  bool          // over REST too, once announced
	sent    chan struct{} // signals that all were announced
	yielded chan struct{} // if there is one, a value lets the next event be announced

	announced atomic.Int64
}

func (a *announcer) start(tb testing.TB) *messembed.Client {
	server := httptest.NewServer(a)
	tb.Cleanup(server.Close)
	client, err := messembed.New(server.URL, messembed.WithBasicAuth("admin", "secret"))
	require.NoError(tb, err)
	tb.Cleanup(client.CloseIdleConnections)
	return client
}

func (a *announcer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/admin-api/messages" {
		a.list(w, r.URL.Query())
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer ws.CloseNow()
	ctx := context.Background()
	say := func(frame string) bool { return ws.Write(ctx, websocket.MessageText, []byte(frame)) == nil }
	if !say(`0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`) || !say("40") {
		return
	}
	for i := range a.events {
		if a.yielded != nil && i > 0 {
			<-a.yielded
		}
		at, message := a.message(i)
		a.announced.Store(int64(i + 1))
		if !say(`42["admin__new_message",{"message":` + message + `,"chat":` + chatJSON(at) + `}]`) {
			return
		}
	}
	if a.sent != nil {
		a.sent <- struct{}{}
	}
	for err == nil {
		_, _, err = ws.Read(ctx)
	}
}

func (a *announcer) list(w http.ResponseWriter, query url.Values) {
	after, _ := time.Parse(time.RFC3339, query.Get("after"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	var messages []string
	for i := range a.announced.Load() {
		if at, message := a.message(int(i)); a.listed && len(messages) < limit && !at.Before(after) {
			messages = append(messages, message)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"messages":[`+strings.Join(messages, ",")+`]}`)
}

const stampLayout = "2006-01-02T15:04:05.000Z"

func messageJSON(id string, at time.Time, content string) string {
	return `{"deletedFor":[],"_id":"` + id + `","createdAt":"` + at.UTC().Format(stampLayout) +
		`","chat":"5f0000000000000000000001","user":"ada","content":"` + content +
		`","read":false,"attachments":[],"externalMetadata":{"source":"web"},"privateExternalMetadata":{},"__v":0}`
}

func chatJSON(at time.Time) string {
	user := func(id string) string {
		return `{"_id":"` + id + `","createdAt":"2026-11-21T19:52:34.374Z","updatedAt":null,"deletedAt":null,"externalMetadata":{"firstName":"Ada","lastName":"Lovelace","avatar":"https://cdn.example.com/ada.png"},"privateExternalMetadata":{"email":"ada@example.com"},"blockStatus":null,"blockStatusUpdatedAt":null,"__v":0}`
	}
	return `{"notReadBySecondCompanionMessagesCount":3,"notReadByFirstCompanionMessagesCount":0,"_id":"5f0000000000000000000001","createdAt":"2026-11-21T19:52:34.374Z","active":true,"firstCompanion":` +
		user("ada") + `,"secondCompanion":` + user("bob") + `,"externalMetadata":{},"privateExternalMetadata":{},"__v":0,"lastMessage":` +
		messageJSON("5f00000000000000000000ff", at, "Good morning! Is the bicycle still for sale?") + `}`
}
