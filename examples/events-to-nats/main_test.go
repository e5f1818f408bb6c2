package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The test binary can also run as a replica, so that one can be killed.
func TestMain(m *testing.M) {
	if os.Getenv("EVENTS_TO_NATS_REPLICA") != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestEventsToNATS_embedded(t *testing.T) {
	t.Setenv("NATS_URL", "")
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, io.Discard))
	assert.Contains(t, out.String(), "200 messages sent, the stream holds 200\n")
}

func TestEventsToNATS_halfConfigured(t *testing.T) {
	for name, tt := range map[string]struct{ variable, nats, missing string }{
		"no NATS":                     {"MESSEMBED_URL", "", "NATS_URL is not set"},
		"no NATS, the chat misspelt":  {"MESSEMBED_ULR", "", "NATS_URL is not set"},
		"no password":                 {"MESSEMBED_URL", "nats://127.0.0.1:1", "MESSEMBED_PASSWORD: is not set"},
		"the chat's address misspelt": {"MESSEMBED_ULR", "nats://127.0.0.1:1", "MESSEMBED_URL: is not set"},
	} {
		t.Run(name, func(t *testing.T) {
			clearEnv(t, "MESSEMBED_")
			t.Setenv("NATS_URL", tt.nats)
			t.Setenv(tt.variable, "http://127.0.0.1:1")
			require.ErrorContains(t, run(t.Context(), io.Discard, io.Discard), tt.missing)
		})
	}
}

// Two replicas, each a process. While 5,000 messages are sent, one of them is killed
// and restarted twice, and all live connections break.
func TestEventsToNATS_killedReplica(t *testing.T) {
	w := newWorld(t)
	const total = 5000
	w.startReplica()
	victim := w.startReplica()
	waitFor(t, w.natsURL, 0)

	sent := make(chan int)
	go func() {
		defer close(sent)
		for i := range total {
			w.send(i)
			if i%50 == 49 { // no faster than the replicas, or they would be killed before they start
				w.waitUntilHeld(i - 500)
				sent <- i + 1
			}
		}
	}()
	for n := range sent {
		switch n {
		case total / 4:
			victim.kill()
		case total / 2:
			w.fake.DropConnections()
			victim = w.startReplica()
		case total * 3 / 4:
			victim.kill()
			w.fake.StallConnections()
			victim = w.startReplica()
		}
	}
	w.holdsEachOnce(total)
}

// All replicas are killed, more messages are sent, and one replica returns.
func TestEventsToNATS_allKilled(t *testing.T) {
	w := newWorld(t)
	one, two := w.startReplica(), w.startReplica()
	waitFor(t, w.natsURL, 0)
	for i := range 100 {
		w.send(i)
	}
	waitFor(t, w.natsURL, 50)
	one.kill()
	two.kill()
	for i := range 100 {
		w.send(100 + i)
	}
	w.startReplica()
	w.holdsEachOnce(200)
}

// NATS is down for a while and returns with its data.
func TestEventsToNATS_natsRestarts(t *testing.T) {
	w := newWorld(t)
	w.startReplica()
	w.startReplica()
	waitFor(t, w.natsURL, 0)
	for i := range 100 {
		w.send(i)
	}
	waitFor(t, w.natsURL, 10)
	w.nats.Shutdown()
	w.nats.WaitForShutdown()
	for i := range 100 {
		w.send(100 + i)
	}
	w.startNATS()
	w.holdsEachOnce(200)
}

// A replica goes on where the stream ends, and takes nothing again.
func TestRelay_continues(t *testing.T) {
	w := newWorld(t)
	conn, err := nats.Connect(w.natsURL)
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	chat := &recorded{client: w.client}
	relayUntil := func(held uint64) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- (&relay{chat: chat, js: js, log: slog.New(slog.DiscardHandler)}).run(ctx) }()
		assert.Equal(t, held, waitFor(t, w.natsURL, held))
		stop()
		require.NoError(t, <-ended)
	}

	w.send(0)
	w.send(1)
	relayUntil(2)
	stream, err := js.Stream(t.Context(), streamName)
	require.NoError(t, err)
	assert.Equal(t, stream.CachedInfo().Created.Add(-slack), chat.options.Since, "an empty stream is read from its creation")
	assert.Equal(t, 2, chat.taken)

	w.send(2)
	relayUntil(3)
	assert.NotEmpty(t, chat.options.Position)
	assert.Equal(t, 3, chat.taken)

	_, err = js.Publish(t.Context(), "messembed.messages.0.0", nil)
	require.NoError(t, err)
	err = (&relay{chat: chat, js: js, log: slog.New(slog.DiscardHandler)}).run(t.Context())
	require.ErrorContains(t, err, positionHeader, "somebody else has published to the stream")
}

// A message that the stream holds is not published again, even if the stream has
// forgotten its id, which it keeps for two minutes.
func TestRelay_publishesOnce(t *testing.T) {
	w := newWorld(t)
	conn, err := nats.Connect(w.natsURL)
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	stream, err := ensureStream(t.Context(), js)
	require.NoError(t, err)
	event := &messembed.MessageEvent{Message: &messembed.Message{ID: "6920c5a2e1b8f60012a4b003", ChatID: "6920c5a2e1b8f60012a4b000"}}
	_, err = js.Publish(t.Context(), "messembed.messages."+event.Message.ChatID+"."+event.Message.ID, nil)
	require.NoError(t, err)

	relay := &relay{js: js, log: slog.New(slog.DiscardHandler)}
	require.NoError(t, relay.publish(t.Context(), stream, event))
	info, err := stream.Info(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, 1, info.State.Msgs)
}

func TestRelay_refusedCredentials(t *testing.T) {
	w := newWorld(t)
	client, err := messembed.New(w.fake.URL(), messembed.WithBasicAuth("admin", "wrong"))
	require.NoError(t, err)
	err = replica(t.Context(), client, w.natsURL, slog.New(slog.DiscardHandler))
	assert.ErrorIs(t, err, messembed.ErrUnauthenticated)
}

// recorded notes what a relay asks of the chat, and how many messages it takes.
type recorded struct {
	client  *messembed.Client
	options messembed.EventOptions
	taken   int
}

func (r *recorded) MessageEvents(ctx context.Context, o messembed.EventOptions) iter.Seq2[*messembed.MessageEvent, error] {
	r.options = o
	return func(yield func(*messembed.MessageEvent, error) bool) {
		for event, err := range r.client.MessageEvents(ctx, o) {
			r.taken++
			if !yield(event, err) {
				return
			}
		}
	}
}

// world is a fake chat service and a NATS server, both over sockets.
type world struct {
	t       *testing.T
	fake    *messembedtest.Server
	client  *messembed.Client
	chatID  string
	dir     string
	port    int
	nats    *server.Server
	natsURL string
	ids     sync.Map // of the messages sent
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), fake: messembedtest.New(t, messembedtest.WithPingInterval(500*time.Millisecond, 500*time.Millisecond))}
	w.fake.URL() // before the client is created, so that replicas and test see the same service
	w.client = w.fake.Client(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.port = listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	w.startNATS()
	t.Cleanup(func() {
		w.nats.Shutdown()
		w.nats.WaitForShutdown()
	})
	w.chatID, err = furnish(t.Context(), w.client)
	require.NoError(t, err)
	return w
}

func (w *world) startNATS() {
	w.t.Helper()
	var err error
	w.nats, err = startNATS(w.dir, w.port)
	require.NoError(w.t, err)
	w.natsURL = w.nats.ClientURL()
}

func (w *world) send(i int) {
	m, err := w.client.CreateMessage(context.Background(), messembed.CreateMessageParams{ChatID: w.chatID, UserID: "ada", Content: strconv.Itoa(i)})
	if assert.NoError(w.t, err) {
		w.ids.Store(m.ID, m.Content)
	}
}

// waitUntilHeld waits until the stream holds at least n messages.
func (w *world) waitUntilHeld(n int) {
	for range 60_000 {
		if account, err := w.nats.LookupAccount(server.DEFAULT_GLOBAL_ACCOUNT); err == nil {
			if jsz, err := w.nats.Jsz(&server.JSzOptions{Account: account.GetName()}); err == nil && int(jsz.Messages) >= n {
				return
			}
		}
		time.Sleep(time.Millisecond)
	}
	w.t.Errorf("the stream did not reach %d messages", n)
}

type process struct {
	t   *testing.T
	cmd *exec.Cmd
}

func (w *world) startReplica() *process {
	w.t.Helper()
	username, password := w.fake.Credentials()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "EVENTS_TO_NATS_REPLICA=1", "NATS_URL="+w.natsURL, "MESSEMBED_URL="+w.fake.URL(),
		"MESSEMBED_USERNAME="+username, "MESSEMBED_PASSWORD="+password)
	if testing.Verbose() {
		cmd.Stderr = os.Stderr
	}
	require.NoError(w.t, cmd.Start())
	p := &process{w.t, cmd}
	w.t.Cleanup(p.kill)
	return p
}

// kill sends SIGKILL, so the replica cannot clean up.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// holdsEachOnce waits until the stream is complete, and checks its messages.
func (w *world) holdsEachOnce(total int) {
	w.t.Helper()
	assert.EqualValues(w.t, total, waitFor(w.t, w.natsURL, uint64(total)))
	conn, err := nats.Connect(w.natsURL)
	require.NoError(w.t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(w.t, err)
	consumer, err := js.OrderedConsumer(w.t.Context(), streamName, jetstream.OrderedConsumerConfig{})
	require.NoError(w.t, err)
	times := map[string]int{}
	for len(times) < total {
		batch, err := consumer.Fetch(min(500, total-len(times)), jetstream.FetchMaxWait(5*time.Second))
		require.NoError(w.t, err)
		before := len(times)
		for msg := range batch.Messages() {
			var m chatMessage
			require.NoError(w.t, json.Unmarshal(msg.Data(), &m))
			assert.Equal(w.t, m.ID, msg.Headers().Get(nats.MsgIdHdr))
			content, ok := w.ids.Load(m.ID)
			assert.True(w.t, ok, m.ID)
			assert.Equal(w.t, content, m.Content)
			times[m.ID]++
		}
		require.NoError(w.t, batch.Error())
		require.Greater(w.t, len(times), before)
	}
	for id, n := range times {
		if n != 1 {
			w.t.Errorf("message %s is in the stream %d times", id, n)
		}
	}
}

// waitFor waits until the stream exists and holds n messages.
func waitFor(t *testing.T, natsURL string, n uint64) uint64 {
	t.Helper()
	held, err := waitForMessages(context.Background(), natsURL, n)
	require.NoError(t, err, fmt.Sprint(n))
	return held
}
