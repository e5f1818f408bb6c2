package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// noEnvironment removes the variables that name a service until the end of the
// test.
func noEnvironment(t *testing.T) {
	t.Helper()
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "ROCKETCHAT_") || strings.HasPrefix(name, "CHATKITTY_") {
			t.Setenv(name, "") // which restores it after the test
			require.NoError(t, os.Unsetenv(name))
		}
	}
}

// A service that is named incompletely is not mistaken for the fake workspace.
func TestRun_incompleteEnvironment(t *testing.T) {
	for name, want := range map[string]string{
		"ROCKETCHAT_ULR":      "not set: ROCKETCHAT_URL, ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN",
		"ROCKETCHAT_URL":      "not set: ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN",
		"CHATKITTY_CLIENT_ID": "not set: CHATKITTY_CLIENT_SECRET",
	} {
		t.Run(name, func(t *testing.T) {
			noEnvironment(t)
			t.Setenv(name, "https://chat.example.com")
			require.EqualError(t, watch{}.run(t.Context()), want)
		})
	}
}

func TestRehearse_piped(t *testing.T) {
	noEnvironment(t)
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		require.NoError(t, watch{limit: 200, every: time.Second, out: &out}.run(t.Context()))
		said := out.String()
		assert.NotContains(t, said, "\x1b")
		changes, board, _ := strings.Cut(said, "4 of 7 online at")
		var told []string
		for line := range strings.Lines(changes) {
			if _, change, ok := strings.Cut(line, "  "); ok {
				told = append(told, strings.TrimSpace(change))
			}
		}
		// Changes made while the connection is broken are read back, in any order.
		assert.Equal(t, []string{
			"Ada is online", "Grace is online", "Ken is online", "Grace is busy: finding a moth", "Margaret is online", "Ken is away: tea",
		}, told[:6])
		assert.ElementsMatch(t, []string{
			"Barbara is online", "Ken is offline: tea", "Grace is online", "Dennis is online", "Ada is offline", "Margaret is busy: landing",
			"Dennis is offline", "Alan is online",
		}, told[6:])
		assert.Regexp(t, `(?s)● Alan +online.*● Barbara +online.*● Grace +online.*■ Margaret +busy: landing.*○ Ken +offline: tea`, board)
	})
}

// In a terminal the board is redrawn at each change, and cut to the terminal's size.
func TestRehearse_terminal(t *testing.T) {
	noEnvironment(t)
	t.Setenv("NO_COLOR", "")
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		w := watch{limit: 200, every: time.Second, out: &out, size: func() (int, int) { return 40, 7 }}
		require.NoError(t, w.run(t.Context()))
		screens := strings.Split(out.String(), "\x1b[H")
		require.Greater(t, len(screens), 15)
		for _, screen := range screens[1 : len(screens)-1] {
			lines := strings.Split(screen, "\n")
			assert.LessOrEqual(t, len(lines), 6)
			assert.LessOrEqual(t, len([]rune(strings.ReplaceAll(lines[0], "\x1b[K", ""))), 40)
		}
		assert.Contains(t, screens[len(screens)-2], "\x1b[32m●\x1b[0m Barbara")
		assert.Contains(t, screens[len(screens)-2], "  and 4 more")
		assert.Contains(t, out.String(), "\x1b[?25h\x1b[?1049l4 of 7 online", "the terminal is restored")
	})
}

// Against services, over a socket, until Ctrl-C.
func TestRun_services(t *testing.T) {
	noEnvironment(t)
	people := []messembed.User{
		{ID: "1", Profile: messembed.Profile{Username: "jane", DisplayName: "Jane\x1b[2J\u202e"}},
		{ID: "2", Profile: messembed.Profile{Username: "john", DisplayName: "John"}},
		{ID: "3", Profile: messembed.Profile{Username: "eve", DisplayName: "Eve"}},
	}
	tests := map[string]func(t *testing.T) (online func()){
		"Rocket.Chat": func(t *testing.T) func() {
			fake := rocketchattest.New(t)
			for _, u := range people {
				fake.AddUser(u)
			}
			t.Setenv("ROCKETCHAT_URL", fake.URL())
			t.Setenv("ROCKETCHAT_USER_ID", fake.Credentials().UserID)
			t.Setenv("ROCKETCHAT_AUTH_TOKEN", fake.Credentials().AuthToken)
			return func() { fake.SetConnected("1", true); fake.SetConnected("3", true) }
		},
		"ChatKitty": func(t *testing.T) func() {
			fake := chatkittytest.New(t)
			for _, u := range people {
				fake.AddUser(u)
			}
			t.Setenv("CHATKITTY_URL", fake.URL())
			t.Setenv("CHATKITTY_CLIENT_ID", fake.Credentials().ClientID)
			t.Setenv("CHATKITTY_CLIENT_SECRET", fake.Credentials().ClientSecret)
			t.Setenv("CHATKITTY_TOKEN_URL", fake.Credentials().TokenURL)
			return func() { fake.SetOnline("1", true); fake.SetOnline("3", true) }
		},
	}
	for name, start := range tests {
		t.Run(name, func(t *testing.T) {
			online := start(t)
			ctx, interrupt := context.WithTimeout(t.Context(), 30*time.Second)
			defer interrupt()
			seen := &interruptAt{text: "Jane[2J is online", interrupt: interrupt}
			online()
			err := watch{usernames: []string{"jane", "john"}, limit: 200, every: 5 * time.Millisecond, out: seen}.run(ctx)
			require.NoError(t, err)
			assert.Contains(t, seen.String(), "1 of 2 online at http://127.0.0.1")
			assert.NotContains(t, seen.String(), "Eve")
			assert.NotContains(t, seen.String(), "\x1b")
		})
	}
}

// interruptAt presses Ctrl-C when a given text has been written.
type interruptAt struct {
	bytes.Buffer
	text      string
	interrupt func()
}

func (w *interruptAt) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.interrupt()
	}
	return n, err
}

func TestRun_failures(t *testing.T) {
	noEnvironment(t)
	fake := rocketchattest.New(t)
	t.Setenv("ROCKETCHAT_URL", fake.URL())
	t.Setenv("ROCKETCHAT_USER_ID", fake.Credentials().UserID)
	t.Setenv("ROCKETCHAT_AUTH_TOKEN", fake.Credentials().AuthToken)
	var out bytes.Buffer
	w := watch{limit: 200, every: time.Second, out: &out}
	require.ErrorContains(t, w.run(t.Context()), "no users to watch")

	fake.AddUser(messembed.User{ID: "1"})
	fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 403})
	require.ErrorIs(t, w.run(t.Context()), messembed.ErrPermissionDenied)
	fake.RevokeCredentials()
	require.ErrorIs(t, w.run(t.Context()), messembed.ErrUnauthenticated)

	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, w.run(over), "Ctrl-C at the very beginning is not a failure")
}
