package messembed_test

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }

// What panics in the caller's code panics in the caller's goroutine, where a server's handler recovers.
func TestPanics_comeBackToTheCaller(t *testing.T) {
	breaks := roundTripper(func(*http.Request) (*http.Response, error) { panic("broken") })
	calls := map[string]func() error{
		"token source": func() error {
			client, err := messembed.New("http://127.0.0.1:1", messembed.WithTokenSource(tokenFunc(func() (*oauth2.Token, error) { panic("broken") })))
			require.NoError(t, err)
			return client.Ping(t.Context())
		},
		"transport to the token endpoint": func() error {
			client, err := messembed.New("http://127.0.0.1:1", messembed.WithTransport(breaks),
				messembed.WithClientCredentials(clientcredentials.Config{ClientID: "shop", ClientSecret: "canary", TokenURL: "http://127.0.0.1:1/token"}))
			require.NoError(t, err)
			return client.Ping(t.Context())
		},
		"OnState": func() error {
			for range messembedtest.New(t).Client(t).MessageEvents(t.Context(), messembed.EventOptions{
				OnState: func(messembed.ConnectionState, error) { panic("broken") },
			}) {
				t.Error("nobody says anything")
			}
			return nil
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			assert.PanicsWithValue(t, "broken", func() { _ = call() })
		})
	}
}

// So does what panics when a refused websocket is tried again, a minute later.
func TestPanics_ofARedial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.RefuseWebsockets(true)
		began := time.Now()
		client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			if time.Since(began) > 30*time.Second && r.Header.Get("Upgrade") != "" {
				panic("broken")
			}
			return fake.RoundTrip(r)
		})))
		assert.PanicsWithValue(t, "broken", func() {
			for range client.MessageEvents(t.Context(), messembed.EventOptions{}) {
				t.Error("nobody says anything")
			}
		})
		assert.Equal(t, time.Minute, time.Since(began).Round(time.Second))
	})
}

func TestTokenSource_thatEndsItsGoroutine(t *testing.T) {
	client, err := messembed.New("http://127.0.0.1:1", messembed.WithTokenSource(tokenFunc(func() (*oauth2.Token, error) {
		runtime.Goexit()
		return nil, nil
	})))
	require.NoError(t, err)
	returned := false
	var caller sync.WaitGroup
	caller.Go(func() {
		_ = client.Ping(context.Background())
		returned = true
	})
	caller.Wait()
	assert.False(t, returned, "runtime.Goexit is the caller's")
}

// A token source that hangs is waited for again, not asked again.
func TestTokenSource_thatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		var asked atomic.Int32
		hang := make(chan struct{})
		client, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithInsecureHTTP(),
			messembed.WithTokenSource(tokenFunc(func() (*oauth2.Token, error) {
				asked.Add(1)
				<-hang
				return &oauth2.Token{AccessToken: "late"}, nil
			})))
		require.NoError(t, err)
		for range 100 {
			require.ErrorIs(t, client.Ping(t.Context()), messembed.ErrUnavailable)
		}
		assert.EqualValues(t, 1, asked.Load())
		close(hang)
		synctest.Wait()
		require.NoError(t, client.Ping(t.Context()))
	})
}

// A fetch from the token endpoint ends when nobody waits for it any more.
func TestClientCredentials_abandonedFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int32
		client, err := messembed.New("https://chat.example.com", messembed.WithAttemptTimeout(time.Hour), messembed.WithTimeout(0),
			messembed.WithClientCredentials(clientcredentials.Config{ClientID: "shop", ClientSecret: "canary", TokenURL: "https://login.example.com/token"}),
			messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
				<-r.Context().Done()
				ended.Add(1)
				return nil, r.Context().Err()
			})))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, client.Ping(ctx), context.DeadlineExceeded)
		synctest.Wait()
		assert.Positive(t, ended.Load())
	})
}
