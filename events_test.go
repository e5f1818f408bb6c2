package messembed_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
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
	fake := messembedtest.New(t)
	for _, err := range fake.Client(t).MessageEvents(t.Context(), messembed.EventOptions{Buffer: -1}) {
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	}
	assert.Empty(t, fake.Requests())
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

// A consumer that takes 10 ms for each of 5,000 messages sent at once loses none, and the server keeps the connection.
func TestMessageEvents_slowConsumer(t *testing.T) {
	for _, buffer := range []int{0, 7} {
		t.Run(fmt.Sprint("buffer ", buffer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const messages = 5000
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

// An event that cannot be decoded is looked up where it is stored; an event of another kind is skipped.
func TestMessageEvents_unreadableEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		talk := newTalk(t, client)
		proxy := &rewriting{next: fake, from: `"content":"1"`, to: `"content":[1`}
		listener := fake.Client(t, messembed.WithTransport(proxy))
		h := listen(t.Context(), t, listener, messembed.EventOptions{})
		synctest.Wait()
		talk.sayMany(3)
		synctest.Wait()
		assert.Equal(t, talk.sent, h.texts())
		assert.Equal(t, []string{"connected"}, h.told())
	})
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
		assert.Equal(t, 3, strings.Count(log.String(), `"messembed: live events"`))
		_, password := fake.Credentials()
		assert.NotContains(t, log.String(), password)
		assert.NotContains(t, log.String(), "://")
	})
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
