package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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

// The test binary is also the bot's process, so that it can be killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("BOT_STATE"); path != "" {
		if err := run(context.Background(), os.Stderr, "bot", path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestBot_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, "bot", ""))
	assert.Contains(t, out.String(), `(The bot has stopped)
ada: Is the bicycle still for sale?
bot: Good question. A human will be with you shortly.
ada: Hello?
ada: I can come by at five.
bot: Good question. A human will be with you shortly.
bot: Thank you, noted: "I can come by at five."
`)
}

// A process that is killed with SIGKILL while messages come and responses are lost.
// It is killed more often if WHOLE_TESTS is set.
func TestBot_killedProcess(t *testing.T) {
	kills := 3
	if os.Getenv("WHOLE_TESTS") != "" {
		kills = 12
	}
	fake := messembedtest.New(t)
	username, password := fake.Credentials()
	front := httptest.NewServer(&losing{next: fake})
	t.Cleanup(front.Close)
	path := filepath.Join(t.TempDir(), "bot.json")
	environment := append(os.Environ(), "BOT_STATE="+path,
		"MESSEMBED_URL="+front.URL, "MESSEMBED_USERNAME="+username, "MESSEMBED_PASSWORD="+password)
	client := fake.Client(t)
	start := func() (kill func()) {
		process := exec.Command(os.Args[0])
		process.Env = environment
		require.NoError(t, process.Start())
		return func() {
			_ = process.Process.Kill()
			_ = process.Wait()
		}
	}
	kill := start()
	t.Cleanup(func() { kill() })
	require.NoError(t, await(t.Context(), "the bot to start", func() (bool, error) {
		s, err := stateFile(path).load()
		return s != state{}, err
	}))
	chats := openChats(t, client)

	const between = 15 // messages
	answered := func(n int) {
		require.Eventually(t, func() bool { return len(answers(t, client)) >= n }, time.Minute, time.Millisecond)
	}
	for i := range kills * between {
		say(t, client, chats[i%2], fmt.Sprint(i))
		if i%between == between-1 {
			answered(i/between*between + 5) // it is at work
			kill()
			say(t, client, chats[i%2], fmt.Sprint("while it is dead ", i))
			kill = start()
		}
	}

	answered(kills * (between + 1))
	assertAnsweredOnce(t, client)
}

// losing loses the response to every tenth message sent.
type losing struct {
	next http.Handler
	sent atomic.Int64
}

func (l *losing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && l.sent.Add(1)%10 == 0 {
		l.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	l.next.ServeHTTP(w, r)
}

// The bot ends at every point between two steps: before it sends an answer,
// after that, and before it stores its position.
func TestBot_endsAnywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		kept := &failing{}
		for round := range 40 {
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			kept.failAt = kept.saved + 1 + round%3
			bots := client
			if round%4 == 3 {
				bots = fake.Client(t, messembed.WithTransport(silent{fake}))
			}
			go func() { ended <- newBot(bots, "bot", kept, log.New(io.Discard, "", 0)).run(ctx) }()
			synctest.Wait()
			chats := openChats(t, client)
			for i, chat := range chats {
				say(t, client, chat, fmt.Sprint(round, ".", i))
				synctest.Wait()
			}
			time.Sleep(time.Duration(round%5) * time.Second)
			stop()
			<-ended
		}
		kept.failAt = -1
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- newBot(client, "bot", kept, log.New(io.Discard, "", 0)).run(ctx) }()
		time.Sleep(time.Minute)
		stop()
		require.NoError(t, <-ended)
		assertAnsweredOnce(t, client)
	})
}

// silent loses every response to a message sent: the request stays without one.
type silent struct{ next http.RoundTripper }

func (s silent) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err == nil && r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/messages") {
		_ = resp.Body.Close()
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return resp, err
}

// failing keeps a state in memory, and fails instead of keeping the one with the number failAt.
type failing struct {
	state  state
	saved  int
	failAt int
}

func (f *failing) load() (state, error) { return f.state, nil }

func (f *failing) save(s state) error {
	if f.saved++; f.saved == f.failAt {
		return errors.New("killed")
	}
	f.state = s
	return nil
}

func TestBot_skipsWhatCannotBeAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		var out bytes.Buffer
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- newBot(client, "bot", &failing{}, log.New(&out, "", 0)).run(ctx) }()
		synctest.Wait()
		chats := openChats(t, client)
		_, err := client.BlockUser(t.Context(), "bot")
		require.NoError(t, err)
		say(t, client, chats[0], "one")
		synctest.Wait()
		_, err = client.UnblockUser(t.Context(), "bot")
		require.NoError(t, err)
		say(t, client, chats[0], "two")
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)
		assert.Contains(t, out.String(), "gets no answer")
		assert.Len(t, answers(t, client), 1)
	})
}

// One message does not keep the bot from the others, however long it is.
func TestBot_longMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- newBot(client, "bot", &failing{}, log.New(io.Discard, "", 0)).run(ctx) }()
		synctest.Wait()
		chats := openChats(t, client)
		say(t, client, chats[0], strings.Repeat("\n", 50_000))
		say(t, client, chats[1], "hello")
		synctest.Wait()
		stop()
		require.NoError(t, <-ended)
		assert.Len(t, answers(t, client), 2)
	})
}

func TestBot_halfConfigured(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	t.Setenv("MESSEMBED_ULR", "https://chat.example.com") // misspelt
	t.Setenv("MESSEMBED_PASSWORD", "secret")
	require.ErrorContains(t, run(t.Context(), io.Discard, "bot", ""), "MESSEMBED_URL: is not set")
}

func TestBot_refusedCredentials(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	fake := messembedtest.New(t)
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_PASSWORD", "wrong")
	require.ErrorIs(t, run(t.Context(), io.Discard, "bot", filepath.Join(t.TempDir(), "bot.json")), messembed.ErrUnauthenticated)
}

func TestStateFile(t *testing.T) {
	dir := t.TempDir()
	file := stateFile(filepath.Join(dir, "bot.json"))
	s, err := file.load()
	require.NoError(t, err)
	assert.Equal(t, state{}, s)

	require.NoError(t, file.save(state{Position: "one"}))
	require.NoError(t, file.save(state{Position: "two"}))
	s, err = file.load()
	require.NoError(t, err)
	assert.Equal(t, state{Position: "two"}, s)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1)

	require.NoError(t, os.WriteFile(string(file), []byte("{"), 0o600))
	_, err = file.load()
	assert.ErrorContains(t, err, "bot.json")
}

// openChats returns ada's chat with the bot, in which the bot is second, and
// bob's, in which it is first. A third chat is not the bot's.
func openChats(t *testing.T, client *messembed.Client) (ids [2]string) {
	t.Helper()
	for _, id := range []string{"ada", "bob", "bot"} {
		_, _, err := client.EnsureUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
	}
	for i, pair := range [][2]string{{"ada", "bot"}, {"bot", "bob"}, {"ada", "bob"}} {
		chat, _, err := client.EnsureChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: pair[0], SecondCompanionID: pair[1]})
		require.NoError(t, err)
		if i == 2 {
			say(t, client, chat.ID, "not for the bot")
			break
		}
		ids[i] = chat.ID
	}
	return ids
}

// say sends a message from the companion who is not the bot.
func say(t *testing.T, client *messembed.Client, chatID, text string) {
	t.Helper()
	chat, err := client.GetChat(t.Context(), chatID)
	require.NoError(t, err)
	from := chat.FirstCompanion.ID
	if from == "bot" {
		from = chat.SecondCompanion.ID
	}
	_, err = client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chatID, UserID: from, Content: text})
	require.NoError(t, err)
}

// answers returns the ids of the messages answered, in the order of the answers.
func answers(t *testing.T, client *messembed.Client) (ids []string) {
	t.Helper()
	for m, err := range client.Messages(t.Context(), messembed.ListMessagesParams{}) {
		require.NoError(t, err)
		if m.UserID == "bot" {
			ids = append(ids, m.PrivateExternalMetadata[answersKey].(string))
		}
	}
	return ids
}

// assertAnsweredOnce checks that every message to the bot was answered once, in order.
func assertAnsweredOnce(t *testing.T, client *messembed.Client) {
	t.Helper()
	var want []string
	for m, err := range client.Messages(t.Context(), messembed.ListMessagesParams{}) {
		require.NoError(t, err)
		if m.UserID != "bot" && m.Content != "not for the bot" {
			want = append(want, m.ID)
		}
	}
	assert.NotEmpty(t, want)
	assert.Equal(t, want, answers(t, client))
}
