package messembed_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestRateLimit_countsRetriesAndDoesNotUseUpTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		client := fake.Client(t, messembed.WithRateLimit(0.1, 1), messembed.WithTimeout(5*time.Second))
		began := time.Now()
		_, err := client.GetUser(t.Context(), "ada")
		require.NoError(t, err)
		assert.Zero(t, time.Since(began))
		fake.FailNext(messembedtest.Fault{Status: 503})
		_, err = client.GetUser(t.Context(), "ada") // two requests, ten seconds before each
		require.NoError(t, err)
		assert.Equal(t, 20*time.Second, time.Since(began).Round(time.Second))
	})
}

func TestRateLimit_waitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithRateLimit(0.001, 1))
		require.NoError(t, client.Ping(t.Context()))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		err := client.Ping(ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, time.Second, time.Since(began))
		assert.Len(t, fake.Requests(), 1)
	})
}

func TestMaxConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		busy := &busyTransport{next: fake}
		client := fake.Client(t, messembed.WithTransport(busy), messembed.WithMaxConcurrency(3), messembed.WithTimeout(0))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { assert.NoError(t, client.Ping(t.Context())) })
		}
		wg.Wait()
		assert.Equal(t, 3, busy.most)
	})
}

func TestMaxConcurrency_aStreamGivesItsPlaceBack(t *testing.T) {
	fake := fakeWithUsers(t, 3)
	client := fake.Client(t, messembed.WithMaxConcurrency(1))
	for user, err := range client.Users(t.Context()) {
		require.NoError(t, err)
		_, err := client.BlockUser(t.Context(), user.ID)
		require.NoError(t, err)
	}
}

func TestMaxConcurrency_waitingUsesUpTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(messembedtest.Fault{Stall: true})
		client := fake.Client(t, messembed.WithMaxConcurrency(1), messembed.WithTimeout(2*time.Second), messembed.WithAttemptTimeout(time.Minute))
		go client.Ping(t.Context())
		synctest.Wait()
		time.Sleep(time.Second / 2)
		err := client.Ping(t.Context())
		require.NoError(t, err, "the first has timed out by then")
	})
}

type busyTransport struct {
	next      http.RoundTripper
	mu        sync.Mutex
	now, most int
}

func (b *busyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	b.now++
	b.most = max(b.most, b.now)
	b.mu.Unlock()
	time.Sleep(time.Second)
	b.mu.Lock()
	b.now--
	b.mu.Unlock()
	return b.next.RoundTrip(r)
}

func TestMaxResponseBytes(t *testing.T) {
	long := `{"_id":"ada","externalMetadata":{"x":"` + strings.Repeat("x", 5000) + `"}}`
	client := answering(t, httpmock.NewStringResponder(200, long), messembed.WithMaxResponseBytes(int64(len(long))))
	_, err := client.GetUser(t.Context(), "ada")
	require.NoError(t, err, "as long as allowed")

	client = answering(t, httpmock.NewStringResponder(200, long), messembed.WithMaxResponseBytes(int64(len(long))-1))
	_, err = client.GetUser(t.Context(), "ada")
	require.ErrorIs(t, err, messembed.ErrTooLarge)
	assert.ErrorContains(t, err, "WithMaxResponseBytes")

	list := `{"totalCount":3,"data":[` + strings.Repeat(`{"_id":"a","externalMetadata":{"x":"`+strings.Repeat("x", 3000)+`"}},`, 9) + long + `]}`
	client = answering(t, httpmock.NewStringResponder(200, list), messembed.WithMaxResponseBytes(4500))
	seen := 0
	for _, err = range client.Users(t.Context()) {
		if err == nil {
			seen++
		}
	}
	require.ErrorIs(t, err, messembed.ErrTooLarge)
	assert.Equal(t, 9, seen, "each item is limited, not the list")
}

func TestLogger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fake := messembedtest.New(t, messembedtest.WithCredentials("svc", "pw-canary"))
		client := fake.Client(t, messembed.WithLogger(logger))
		fake.FailNext(messembedtest.Fault{Status: 503, Body: "body-canary"})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "id-canary", ExternalMetadata: md{"x": "metadata-canary"}})
		require.NoError(t, err)
		_, err = client.GetUser(t.Context(), "id-canary")
		require.NoError(t, err)

		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		require.Len(t, lines, 3)
		assert.Contains(t, lines[0], `"msg":"messembed: sending again"`)
		assert.Contains(t, lines[0], `"status":503`)
		assert.Contains(t, lines[1], `"status":201`)
		assert.Contains(t, lines[2], `"route":"users/{id}"`)
		assert.NotContains(t, log.String(), "canary")
	})
}

func ExampleWithMeta() {
	fake := messembedtest.New(messembedtest.Program{})
	var meta messembed.Meta
	_, err := fake.Client(messembedtest.Program{}).GetUser(context.Background(), "nobody", messembed.WithMeta(&meta))
	fmt.Println(err != nil, meta.StatusCode, meta.Attempts)
	// Output: true 404 1
}
