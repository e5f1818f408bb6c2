package messembed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
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
)

// talk is a chat on a fake, to send messages in.
type talk struct {
	t      testing.TB
	client *messembed.Client
	chatID string
	sent   []string
}

func newTalk(t testing.TB, client *messembed.Client) *talk {
	t.Helper()
	ctx := context.Background()
	for _, id := range []string{"ada", "bob"} {
		_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
	}
	chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	require.NoError(t, err)
	return &talk{t: t, client: client, chatID: chat.ID}
}

// say sends a message and returns its text, which is its number.
func (k *talk) say() string {
	k.t.Helper()
	text := fmt.Sprint(len(k.sent))
	_, err := k.client.CreateMessage(context.Background(), messembed.CreateMessageParams{ChatID: k.chatID, UserID: "ada", Content: text})
	require.NoError(k.t, err)
	k.sent = append(k.sent, text)
	return text
}

func (k *talk) sayMany(n int) {
	for range n {
		k.say()
	}
}

// heard is what a range over MessageEvents has yielded so far.
type heard struct {
	mu     sync.Mutex
	events []*messembed.MessageEvent
	errs   []error
	states []string
	ended  bool
}

// listen ranges over the events in a goroutine of its own until the test's end, or ctx's.
func listen(ctx context.Context, t *testing.T, client *messembed.Client, o messembed.EventOptions) *heard {
	h := &heard{}
	tell := o.OnState
	o.OnState = func(s messembed.ConnectionState, err error) {
		h.mu.Lock()
		h.states = append(h.states, string(s))
		if err != nil {
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "password")
		}
		h.mu.Unlock()
		if tell != nil {
			tell(s, err)
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for event, err := range client.MessageEvents(ctx, o) {
			h.mu.Lock()
			if err != nil {
				h.errs = append(h.errs, err)
			} else {
				h.events = append(h.events, event)
			}
			h.mu.Unlock()
		}
		h.mu.Lock()
		h.ended = true
		h.mu.Unlock()
	}()
	t.Cleanup(func() { cancel(); <-done })
	return h
}

func (h *heard) texts() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	texts := make([]string, 0, len(h.events))
	for _, e := range h.events {
		texts = append(texts, e.Message.Content)
	}
	return texts
}

func (h *heard) last() *messembed.MessageEvent {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.events[len(h.events)-1]
}

func (h *heard) told() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.states...)
}

func (h *heard) end() (bool, []error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended, h.errs
}

func TestMessageEvents_live(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
		client := fake.Client(t)
		talk := newTalk(t, client)
		talk.say() // before the range begins: not new
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()

		talk.say()
		synctest.Wait()
		first := h.last()
		talk.say()
		synctest.Wait()
		second := h.last()

		assert.Equal(t, []string{"1", "2"}, h.texts())
		assert.False(t, first.Replayed)
		assert.Equal(t, talk.chatID, first.Message.ChatID)
		assert.Equal(t, "ada", first.Message.UserID)
		require.NotNil(t, first.Chat)
		assert.Equal(t, talk.chatID, first.Chat.ID)
		assert.Equal(t, "bob", first.Chat.SecondCompanion.ID)
		assert.Equal(t, "0", first.Chat.LastMessage.Content, "the chat is as it was before")
		assert.Equal(t, 1, first.Chat.NotReadBySecondCompanionMessagesCount)
		assert.Equal(t, "1", second.Chat.LastMessage.Content)
		assert.Equal(t, []string{"connected"}, h.told())
	})
}

func TestMessageEvents_idleForADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		h := listen(t.Context(), t, client, messembed.EventOptions{})

		time.Sleep(24 * time.Hour)
		talk.say()
		synctest.Wait()

		assert.Equal(t, []string{"0"}, h.texts())
		assert.False(t, h.last().Replayed)
		assert.Equal(t, []string{"connected"}, h.told(), "the heartbeat kept it")
	})
}

func TestMessageEvents_polling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.RefuseWebsockets(true)
		client := fake.Client(t)
		talk := newTalk(t, client)
		talk.say()
		var why error
		h := listen(t.Context(), t, client, messembed.EventOptions{OnState: func(s messembed.ConnectionState, err error) {
			if s == messembed.StatePolling {
				why = err
			}
		}})
		synctest.Wait()
		assert.Equal(t, []string{"polling"}, h.told())
		var refused *messembed.Error
		require.ErrorAs(t, why, &refused)
		assert.Equal(t, http.StatusForbidden, refused.StatusCode)
		assert.Equal(t, "MessageEvents", refused.Op)

		for range 30 {
			talk.say()
			time.Sleep(1100 * time.Millisecond)
			assert.Equal(t, talk.sent[1:], h.texts(), "within a second")
			assert.True(t, h.last().Replayed)
		}

		fake.RefuseWebsockets(false)
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"polling", "connected"}, h.told(), "it tries again each minute")
		talk.say()
		synctest.Wait()
		assert.Equal(t, talk.sent[1:], h.texts())
		assert.False(t, h.last().Replayed)
	})
}

func TestMessageEvents_pollsWithOAuth2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithClientCredentials("id", "secret"))
		client := fake.Client(t)
		talk := newTalk(t, client)
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		time.Sleep(10 * time.Second)
		talk.say()
		time.Sleep(61 * time.Minute) // the token expires meanwhile
		talk.say()
		time.Sleep(1100 * time.Millisecond)

		assert.Equal(t, talk.sent, h.texts())
		assert.Equal(t, []string{"polling"}, h.told())
		for _, r := range fake.Requests() {
			assert.NotEqual(t, "MessageEvents", r.Op, "the socket has no place for a token")
		}
	})
}

// A password changed while the connection is up is noticed when something is to be read back.
func TestMessageEvents_credentialsRefusedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()
		fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 401, Body: `{"statusCode":401,"message":"Unauthorized"}`})
		fake.DropConnections()
		time.Sleep(time.Minute)

		ended, errs := h.end()
		assert.True(t, ended)
		require.Len(t, errs, 1)
		assert.ErrorIs(t, errs[0], messembed.ErrUnauthenticated)
	})
}

func TestMessageEvents_contextEnds(t *testing.T) {
	for name, prepare := range map[string]func(fake *messembedtest.Server){
		"connected": func(*messembedtest.Server) {},
		"polling":   func(fake *messembedtest.Server) { fake.RefuseWebsockets(true) },
		"connecting": func(fake *messembedtest.Server) {
			fake.FailNext(messembedtest.Fault{Op: "MessageEvents", Stall: true})
		},
		"between tries": func(fake *messembedtest.Server) {
			fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Refuse: true})
		},
		"checking the credentials": func(fake *messembedtest.Server) {
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Stall: true})
		},
		"waiting to check again": func(fake *messembedtest.Server) {
			fake.FailNext(messembedtest.Fault{Op: "ListMessages", Status: 429, RetryAfter: "600"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				client := fake.Client(t)
				prepare(fake)
				ctx, cancel := context.WithCancel(t.Context())
				h := listen(ctx, t, client, messembed.EventOptions{})
				time.Sleep(5 * time.Second)

				cancel()
				synctest.Wait()

				ended, errs := h.end()
				assert.True(t, ended, "at once")
				assert.Empty(t, errs, "and silently")
			})
		})
	}
}

func TestMessageEvents_endedContextSendsNothing(t *testing.T) {
	fake := messembedtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range fake.Client(t).MessageEvents(ctx, messembed.EventOptions{}) {
		t.Error("something came")
	}
	assert.Empty(t, fake.Requests())
}

func TestMessageEvents_breakEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		said := make(chan struct{})
		time.AfterFunc(time.Second, func() { talk.sayMany(3); close(said) })
		count := 0
		for event, err := range client.MessageEvents(t.Context(), messembed.EventOptions{}) {
			require.NoError(t, err)
			assert.Equal(t, "0", event.Message.Content)
			count++
			break
		}
		assert.Equal(t, 1, count)
		<-said
		// synctest fails when a goroutine is left.
	})
}

// Each request has an id of its own, by which the service's log can be searched.
func TestMessageEvents_requestIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.RefuseWebsockets(true)
		var sent atomic.Int64
		var ids sync.Map
		client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			_, known := ids.LoadOrStore(r.Header.Get("X-Request-Id"), true)
			assert.False(t, known, "%s", r.URL.Path)
			sent.Add(1)
			return fake.RoundTrip(r)
		})))
		listen(t.Context(), t, client, messembed.EventOptions{})
		time.Sleep(5 * time.Second)
		assert.Greater(t, sent.Load(), int64(5))
	})
}

// And its own WithTimeout, also after a minute in which there was no beginning.
func TestMessageEvents_eachRequestHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		talk := newTalk(t, fake.Client(t))
		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "ListMessages", Status: 403})
		h := listen(t.Context(), t, fake.Client(t, messembed.WithTimeout(10*time.Second)), messembed.EventOptions{})
		time.Sleep(time.Minute)
		fake.FailRandomly(1, 1, messembedtest.Fault{Op: "ListMessages", Delay: time.Second})
		time.Sleep(time.Minute)
		talk.say()
		synctest.Wait()
		assert.Equal(t, talk.sent, h.texts())
		told := h.told()
		assert.Equal(t, "connected", told[len(told)-1])
	})
}

// Two ranges do not disturb each other.
func TestMessageEvents_severalAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		one := listen(t.Context(), t, client, messembed.EventOptions{})
		two := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()
		talk.sayMany(5)
		synctest.Wait()
		assert.Equal(t, talk.sent, one.texts())
		assert.Equal(t, talk.sent, two.texts())
	})
}

// An event that cannot be decoded, or does not say which message it is about,
// is looked up where it is stored.
func TestMessageEvents_unreadableEvents(t *testing.T) {
	for name, change := range map[string]struct{ from, to string }{
		"content of another type": {`"content":"1"`, `"content":[1`},
		"cut off":                 {`"__v":0\},"chat":\{.*`, `]`},
		"id is null":              {`"_id":"[0-9a-f]*"`, `"_id":null`},
		"id is empty":             {`"_id":"[0-9a-f]*"`, `"_id":""`},
		"id is a number":          {`"_id":"[0-9a-f]*"`, `"_id":1`},
		"no id":                   {`"_id"`, `"nil"`},
		"no date":                 {`"createdAt":"[^"]*"`, `"createdAt":null`},
		"id and nothing else":     {`"deletedFor":\[\],("_id":"[0-9a-f]*").*?\},"chat":\{`, `$1},"chat":{`},
		"message is null":         {`"message":\{.*?\},"chat":\{`, `"message":null,"chat":{`},
		"no message":              {`"message"`, `"nothing"`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				talk := newTalk(t, fake.Client(t))
				proxy := &rewriting{next: fake, frame: "1", from: regexp.MustCompile(change.from), to: change.to}
				h := listen(t.Context(), t, fake.Client(t, messembed.WithTransport(proxy)), messembed.EventOptions{})
				synctest.Wait()
				talk.say()
				synctest.Wait()
				talk.say()
				synctest.Wait()
				assert.True(t, proxy.done, "changed nothing")
				assert.True(t, h.last().Replayed)
				assert.Equal(t, "ada", h.last().Message.UserID)
				talk.say()
				synctest.Wait()

				assert.Equal(t, talk.sent, h.texts())
				assert.Equal(t, []string{"connected"}, h.told())
			})
		})
	}
}

// rewriting is a transport that changes the event about one message on its way.
// What becomes shorter is padded: a frame keeps its length.
type rewriting struct {
	next  http.RoundTripper
	frame string // the content of the message
	from  *regexp.Regexp
	to    string
	done  bool
}

func (p *rewriting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := p.next.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
		resp.Body = &rewritingBody{resp.Body.(io.ReadWriteCloser), p}
	}
	return resp, err
}

type rewritingBody struct {
	io.ReadWriteCloser
	by *rewriting
}

func (b *rewritingBody) Read(p []byte) (int, error) {
	n, err := b.ReadWriteCloser.Read(p)
	if !b.by.done && bytes.Contains(p[:n], []byte(`"content":"`+b.by.frame+`"`)) {
		if at := b.by.from.FindSubmatchIndex(p[:n]); at != nil {
			to := b.by.from.Expand(nil, []byte(b.by.to), p[:n], at)
			rest := append(to, p[at[1]:n]...)
			rest = append(rest, bytes.Repeat([]byte(" "), n-at[0]-len(rest))...)
			copy(p[at[0]:n], rest)
			b.by.done = true
		}
	}
	return n, err
}

func TestMessageEvents_unsupported(t *testing.T) {
	client, err := messembed.New("https://chat.test", messembed.WithPlatform(struct{ messembed.Platform }{}))
	require.NoError(t, err)
	var errs []error
	for _, err := range client.MessageEvents(t.Context(), messembed.EventOptions{}) {
		errs = append(errs, err)
	}
	require.Len(t, errs, 1)
	assert.ErrorIs(t, errs[0], errors.ErrUnsupported)
}

func TestMessageEvents_log(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
		h := listen(t.Context(), t, client, messembed.EventOptions{})
		synctest.Wait()
		fake.RefuseWebsockets(true)
		fake.DropConnections()
		time.Sleep(10 * time.Second)

		assert.Equal(t, []string{"connected", "disconnected", "polling"}, h.told())
		var lines []string
		for line := range strings.Lines(log.String()) {
			var entry struct {
				Level, Msg, Op, State string
				Error                 any
			}
			require.NoError(t, json.Unmarshal([]byte(line), &entry))
			if entry.Msg == "messembed: live events" {
				lines = append(lines, fmt.Sprint(entry.Level, " ", entry.Op, " ", entry.State, ", error: ", entry.Error != nil))
			}
		}
		assert.Equal(t, []string{
			"INFO MessageEvents connected, error: false", "WARN MessageEvents disconnected, error: true", "WARN MessageEvents polling, error: true",
		}, lines)
		_, password := fake.Credentials()
		assert.NotContains(t, log.String(), password)
		assert.NotContains(t, log.String(), "://")
	})
}
