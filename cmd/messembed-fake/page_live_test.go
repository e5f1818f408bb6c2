package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

// A listener receives what the page receives.
type listener struct {
	t     *testing.T
	lines *bufio.Scanner
}

// liveOf listens until the test ends.
func liveOf(t *testing.T, url string) *listener {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+apiPath+"live", http.NoBody)
	require.NoError(t, err)
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	require.NoError(t, err)
	t.Cleanup(func() {
		stop()
		resp.Body.Close()
	})
	require.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 8<<20)
	return &listener{t, lines}
}

// next waits for the next state.
func (l *listener) next() liveState {
	l.t.Helper()
	for l.lines.Scan() {
		if data, ok := strings.CutPrefix(l.lines.Text(), "data: "); ok {
			var state liveState
			require.NoError(l.t, json.Unmarshal([]byte(data), &state))
			return state
		}
	}
	require.FailNow(l.t, "the fake has hung up", "%v", l.lines.Err())
	return liveState{}
}

// until reads on until the condition is true.
func (l *listener) until(isSo func(liveState) bool) liveState {
	l.t.Helper()
	for {
		if state := l.next(); isSo(state) {
			return state
		}
	}
}

func TestLive_tellsOfChanges(t *testing.T) {
	url := startFake(t)
	client, ctx := clientOf(t, url), t.Context()
	live := liveOf(t, url)
	first := live.next()
	assert.Zero(t, first.Counts["requests"].Count)

	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	require.NoError(t, err)
	state := live.until(func(s liveState) bool { return s.Counts["requests"].Count == 1 && s.Counts["users"].Count == 1 })
	assert.NotEqual(t, first.Counts["users"].Revision, state.Counts["users"].Revision)
	assert.NotEqual(t, first.Counts["requests"].Revision, state.Counts["requests"].Revision)
}

// A burst of requests causes neither a queue nor one message per request.
func TestLive_isBounded(t *testing.T) {
	url := startFake(t)
	client, ctx := clientOf(t, url), t.Context()
	live := liveOf(t, url)
	live.next()
	const many = 600
	for i := range many {
		_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: fmt.Sprint(i)})
		require.NoError(t, err)
	}
	told := 0
	live.until(func(s liveState) bool {
		told++
		return s.Counts["users"].Count == many
	})
	assert.Less(t, told, many/4)
}

func TestLive_clients(t *testing.T) {
	url := startFake(t)
	client := clientOf(t, url)
	ctx, stop := context.WithCancel(t.Context())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for range client.MessageEvents(ctx, messembed.EventOptions{}) {
		}
	}()
	live := liveOf(t, url)
	state := live.until(func(s liveState) bool { return len(s.Clients) == 1 })
	first := state.Clients[0]
	assert.Equal(t, "websocket", first.Transport)
	assert.True(t, first.Admin)
	assert.Contains(t, first.Client, "messembed-go/")
	assert.WithinDuration(t, time.Now(), time.UnixMilli(first.Since), time.Minute)

	send(t, url, "clients/stall", `{}`)
	live.until(func(s liveState) bool { return len(s.Clients) == 1 && s.Clients[0].Stalled })
	send(t, url, "clients/refuse", `{"refuse":true}`)
	live.until(func(s liveState) bool { return s.Refuses })
	send(t, url, "clients/drop", `{}`)
	live.until(func(s liveState) bool { return len(s.Clients) == 0 })
	send(t, url, "clear", `{}`)
	live.until(func(s liveState) bool { return !s.Refuses })
	ask(t, "GET", url+"/socket.io/?EIO=3&transport=polling&username=admin&password=wrong", "")
	live.until(func(s liveState) bool {
		return len(s.Clients) > 0 && s.Clients[len(s.Clients)-1].Transport == "polling" && !s.Clients[len(s.Clients)-1].Admin
	})
	ask(t, "GET", url+"/socket.io/?EIO=3&transport=polling&token=x", "")
	state = live.until(func(s liveState) bool { return len(s.Clients) > 0 && s.Clients[len(s.Clients)-1].FrontEnd })
	assert.False(t, state.Clients[len(state.Clients)-1].Admin)
	stop()
	<-gone
}
