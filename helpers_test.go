package messembed_test

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

type md = messembed.Metadata

// whole returns all, if WHOLE_TESTS is set in the environment, and otherwise a
// sample of it, which a newcomer's test run waits for gladly.
func whole(sample, all int) int {
	if os.Getenv("WHOLE_TESTS") != "" {
		return all
	}
	return sample
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answering returns a client whose every request gets the same response.
func answering(t *testing.T, responder httpmock.Responder, opts ...messembed.Option) *messembed.Client {
	t.Helper()
	mock := httpmock.NewMockTransport()
	mock.RegisterNoResponder(responder)
	opts = append([]messembed.Option{
		messembed.WithTransport(mock), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}),
		messembed.WithBasicAuth("admin", "pw-canary"),
	}, opts...)
	client, err := messembed.New("https://chat.example.com/api", opts...)
	require.NoError(t, err)
	return client
}

func newBody(s string) io.Reader { return strings.NewReader(s) }

func fakeWithUsers(t *testing.T, n int) *messembedtest.Server {
	fake := messembedtest.New(t)
	for i := range n {
		fake.AddUser(messembed.User{ID: fmt.Sprintf("u%03d", i)})
	}
	return fake
}

func chatOfAdaAndBob(t *testing.T, client *messembed.Client) (id string) {
	t.Helper()
	for _, id := range []string{"ada", "bob"} {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
	}
	chat, err := client.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
	require.NoError(t, err)
	return chat.ID
}

func say(t *testing.T, client *messembed.Client, chatID, text string) *messembed.Message {
	t.Helper()
	m, err := client.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chatID, UserID: "ada", Content: text})
	require.NoError(t, err)
	return m
}

func texts(t *testing.T, client *messembed.Client, p messembed.ListMessagesParams) (all []string) {
	t.Helper()
	for m, err := range client.Messages(t.Context(), p) {
		require.NoError(t, err)
		all = append(all, m.Content)
	}
	return all
}

type rowSeq = iter.Seq2[messembed.CreateUserParams, error]

func rowsOf(rows ...messembed.CreateUserParams) rowSeq {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
}

// numbered is n users with ids u1, u2, ….
func numbered(n int) rowSeq {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		for i := 1; i <= n; i++ {
			if !yield(numberedUser(i), nil) {
				return
			}
		}
	}
}

// failedRow passes on the rows that failed.
func failedRow(row func(messembed.ImportRow)) func(messembed.ImportRow) {
	return func(r messembed.ImportRow) {
		if r.Outcome == messembed.RowFailed {
			row(r)
		}
	}
}

func numberedUser(i int) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		ID:               fmt.Sprintf("u%d", i),
		ExternalMetadata: messembed.Metadata{"name": fmt.Sprintf("User %d", i), "age": i % 90},
	}
}

// counts returns the counts of a report, without the time.
func counts(r messembed.ImportReport) messembed.ImportProgress {
	r.Elapsed, r.Through = 0, 0
	return r.ImportProgress
}

// inFlightGauge counts the requests in flight.
type inFlightGauge struct {
	http.RoundTripper
	mu       sync.Mutex
	now, max int
	onBegin  func(now int)
}

func (g *inFlightGauge) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	g.now++
	g.max = max(g.max, g.now)
	if g.onBegin != nil {
		g.onBegin(g.now)
	}
	g.mu.Unlock()
	defer func() {
		g.mu.Lock()
		g.now--
		g.mu.Unlock()
	}()
	return g.RoundTripper.RoundTrip(r)
}

func (g *inFlightGauge) peak() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.max
}

func goexit() { runtime.Goexit() }
