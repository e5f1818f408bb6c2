package messembed_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestClientCredentials(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("shop", "secret-canary"))
	fake.AddUser(messembed.User{ID: "ada"})
	tokens := func() (n int) {
		for _, request := range fake.Requests() {
			if request.Op == "Token" {
				n++
			}
		}
		return n
	}
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	var meta messembed.Meta
	block := func() error {
		_, err := client.BlockUser(t.Context(), "ada", messembed.WithMeta(&meta))
		return err
	}
	require.NoError(t, block())
	assert.Equal(t, 1, tokens())

	fake.ExpireTokens()
	require.NoError(t, block())
	assert.Equal(t, 2, meta.Attempts)
	assert.Equal(t, 2, tokens())

	fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 401, Body: `{"statusCode":401,"code":"BLOCK_STATUS_DOES_NOT_ALLOW"}`})
	require.ErrorIs(t, block(), messembed.ErrUserBlocked)
	assert.Equal(t, 2, tokens(), "a business code fetches none")

	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "UpdateUser", Status: 401})
	require.ErrorIs(t, block(), messembed.ErrUnauthenticated)
	assert.Equal(t, 2, meta.Attempts)
	assert.Equal(t, 3, tokens())

	fake.ExpireTokens()
	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "Token", Status: 401, Body: `{"error":"invalid_client","error_description":"secret-canary"}`})
	err := fake.Client(t).Ping(t.Context())
	require.ErrorIs(t, err, messembed.ErrUnauthenticated)
	assert.NotContains(t, err.Error(), "canary")
}

type tokenFunc func() (*oauth2.Token, error)

func (f tokenFunc) Token() (*oauth2.Token, error) { return f() }

func TestTokenSource(t *testing.T) {
	var sent http.Header
	client, err := messembed.New("https://chat.example.com",
		messembed.WithTokenSource(tokenFunc(func() (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "token"}, nil })),
		messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			sent = r.Header
			return nil, context.Canceled
		})), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	require.Error(t, client.Ping(t.Context()))
	assert.Equal(t, "Bearer token", sent.Get("Authorization"))
}

func TestAuthHeaders(t *testing.T) {
	var sent http.Header
	client, err := messembed.New("https://chat.example.com", messembed.WithAuthHeaders(map[string]string{"x-auth-token": "t", "X-User-Id": "u"}),
		messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			sent = r.Header
			return nil, context.Canceled
		})), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	require.Error(t, client.Ping(t.Context()))
	assert.Equal(t, "t", sent.Get("X-Auth-Token"))
	assert.Equal(t, "u", sent.Get("X-User-Id"))
}

// stranger is a server to which nothing may be sent.
func stranger(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var met atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { met.Add(1) }))
	t.Cleanup(server.Close)
	return server, &met
}

// A websocket has its password in the query, which a Referer would take along.
func TestCredentialsStayHome_websocket(t *testing.T) {
	elsewhere, met := stranger(t)
	fake := messembedtest.New(t)
	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "MessageEvents", Status: 302, Header: http.Header{"Location": {elsewhere.URL}}})
	client, err := messembed.New(fake.URL(), messembed.WithBasicAuth(fake.Credentials()))
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	refused := false
	for range client.MessageEvents(ctx, messembed.EventOptions{OnState: func(state messembed.ConnectionState, _ error) {
		if state == messembed.StatePolling { // which it does where the websocket is refused
			refused = true
			cancel()
		}
	}}) {
		t.Error("an event of nothing")
	}
	assert.True(t, refused)
	assert.Zero(t, met.Load())
}

func TestCredentialsStayHome_plainHTTP(t *testing.T) {
	basic := messembed.WithBasicAuth("admin", "password")
	for _, base := range []string{
		"http://chat.example.com", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1", "http://[fe80::1]", "http://0.0.0.0",
		"http://2130706433", "http://127.1", "http://chat.example.com:443",
		// Resolvers do ask about these, and net/http's proxies are for all but "localhost" to the letter.
		"http://chat.localhost", "http://localhost.", "http://LOCALHOST",
	} {
		_, err := messembed.New(base, basic)
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, base)
		_, err = messembed.New("https://chat.example.com", messembed.WithClientCredentials(clientcredentials.Config{
			ClientID: "shop", ClientSecret: "secret", TokenURL: base + "/token",
		}))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, "token URL: "+base)
		_, err = messembed.New(base)
		require.NoError(t, err, "without credentials: "+base)
		_, err = messembed.New(base, basic, messembed.WithInsecureHTTP())
		require.NoError(t, err, "insecure: "+base)
	}
	for _, base := range []string{"http://localhost:3000", "http://127.0.0.1", "http://127.8.9.10:80", "http://[::1]:3000", "http://[::ffff:127.0.0.1]"} {
		_, err := messembed.New(base, basic)
		require.NoError(t, err, base)
	}
}

// What may go over plain http because it stays on this machine does not go through a proxy either. net/http reads the environment once, so that
// this takes a process of its own.
func TestCredentialsStayHome_proxy(t *testing.T) {
	hosts := []string{"localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]"}
	if os.Getenv("HTTP_PROXY") == os.Getenv("MESSEMBED_TEST_PROXY") && os.Getenv("HTTP_PROXY") != "" {
		for _, host := range hosts {
			client, err := messembed.New("http://"+host+":1", messembed.WithBasicAuth("admin", "password"), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
			if err == nil {
				require.Error(t, client.CheckCredentials(t.Context()), host)
			}
		}
		return
	}
	proxy, met := stranger(t)
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, "-test.run=^TestCredentialsStayHome_proxy$")
	command.Env = append(os.Environ(), "HTTP_PROXY="+proxy.URL, "http_proxy="+proxy.URL, "NO_PROXY=", "no_proxy=", "MESSEMBED_TEST_PROXY="+proxy.URL)
	out, err := command.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Zero(t, met.Load())
}

func TestHeaderInjection(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for _, bad := range []string{"x\r\nX-Injected: y", "x\nX-Injected: y", "x\ry", "x\x00y", "x\x7fy", "\x1b[31m"} {
		require.ErrorIs(t, client.Ping(t.Context(), messembed.WithHeader("X-Tenant", bad)), messembed.ErrInvalidArgument)
		require.ErrorIs(t, client.Ping(t.Context(), messembed.WithHeader(bad, "x")), messembed.ErrInvalidArgument)
		require.ErrorIs(t, client.Ping(t.Context(), messembed.WithRequestID(bad)), messembed.ErrInvalidArgument)
		_, err := messembed.New("https://chat.example.com", messembed.WithUserAgent(bad))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
		_, err = messembed.New("https://chat.example.com", messembed.WithAuthHeaders(map[string]string{"X-Auth-Token": bad}))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	}
	assert.Empty(t, fake.Requests())
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := messembedtest.New(t).Client(t, messembed.WithRateLimit(0.1, 1), messembed.WithTimeout(5*time.Second))
		began := time.Now()
		require.NoError(t, client.Ping(t.Context()))
		require.NoError(t, client.Ping(t.Context()))
		assert.Equal(t, 10*time.Second, time.Since(began).Round(time.Second), "which WithTimeout does not count")
	})
}

func TestMaxConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithMaxConcurrency(3), messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return fake.RoundTrip(r)
		})))
		began := time.Now()
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { assert.NoError(t, client.Ping(t.Context())) })
		}
		wg.Wait()
		assert.Equal(t, 7*time.Second, time.Since(began))
	})
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

func TestWithLogger(t *testing.T) {
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
