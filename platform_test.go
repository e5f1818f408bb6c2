package messembed_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
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

func TestSupports(t *testing.T) {
	client := messembedtest.New(t).Client(t)
	for feature, has := range map[messembed.Feature]bool{
		messembed.FeatureDeleteUser: false, messembed.FeatureBlockUser: true, messembed.FeatureAccessTokens: true,
		messembed.FeatureUserPictures: false, messembed.FeaturePresence: false, messembed.FeatureChats: true,
		messembed.FeatureMessageEvents: true, "no such": false,
	} {
		assert.Equal(t, has, client.Supports(feature), feature)
	}
	_, err := client.GetPresence(t.Context(), "ada")
	require.ErrorIs(t, err, messembed.ErrUnsupported)
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

// plain is a platform without any feature.
type plain struct{ messembed.Platform }

// picturing has pictures, which it may deny.
type picturing struct {
	plain
	messembed.PlatformPictures
	denies messembed.Feature
}

func (p picturing) Supports(f messembed.Feature) bool { return f != p.denies }

func TestPlatform_supportsWhatItImplements(t *testing.T) {
	features := []messembed.Feature{
		messembed.FeatureDeleteUser, messembed.FeatureBlockUser, messembed.FeatureAccessTokens, messembed.FeatureUserPictures,
		messembed.FeaturePresence, messembed.FeatureChats, messembed.FeatureMessageEvents, "no such",
	}
	for name, c := range map[string]struct {
		platform messembed.Platform
		want     []messembed.Feature
	}{
		"required methods only": {plain{}, []messembed.Feature{messembed.FeatureDeleteUser}},
		"one more interface":    {picturing{}, []messembed.Feature{messembed.FeatureDeleteUser, messembed.FeatureUserPictures}},
		"one that is denied": {
			picturing{denies: messembed.FeatureUserPictures}, []messembed.Feature{messembed.FeatureDeleteUser},
		},
		"a required one that is denied": {
			picturing{denies: messembed.FeatureDeleteUser}, []messembed.Feature{messembed.FeatureUserPictures},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := messembedtest.New(t).Client(t, messembed.WithPlatform(c.platform))
			var got []messembed.Feature
			for _, f := range features {
				if client.Supports(f) {
					got = append(got, f)
				}
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// Without a feature its methods fail before anything is sent.
func TestPlatform_unsupported(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t, messembed.WithPlatform(plain{}))
	ctx := t.Context()
	const id = "0123456789abcdef01234567"
	for op, call := range map[string]func() error{
		"BlockUser":         func() error { _, err := client.BlockUser(ctx, "ada"); return err },
		"UnblockUser":       func() error { _, err := client.UnblockUser(ctx, "ada"); return err },
		"CreateAccessToken": func() error { _, err := client.CreateAccessToken(ctx, "ada"); return err },
		"SetUserPicture": func() error {
			_, err := client.SetUserPicture(ctx, "ada", messembed.Picture{URL: "https://pics.example.com/ada.png"})
			return err
		},
		"GetPresence": func() error { _, err := client.GetPresence(ctx, "ada"); return err },
		"SetPresence": func() error {
			return client.SetPresence(ctx, "ada", messembed.SetPresenceParams{Status: messembed.PresenceAway})
		},
		"WatchPresence":       func() error { return onlyError(t, client.WatchPresence(ctx, []string{"ada"})) },
		"CreateChat":          func() error { _, err := client.CreateChat(ctx, messembed.CreateChatParams{}); return err },
		"GetChat":             func() error { _, err := client.GetChat(ctx, id); return err },
		"GetChatByCompanions": func() error { _, err := client.GetChatByCompanions(ctx, "ada", "bob"); return err },
		"EnsureChat":          func() error { _, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{}); return err },
		"UpdateChat":          func() error { _, err := client.UpdateChat(ctx, id, messembed.UpdateChatParams{}); return err },
		"ListChats":           func() error { _, err := client.ListChats(ctx); return err },
		"Chats":               func() error { return onlyError(t, client.Chats(ctx)) },
		"BlockChat":           func() error { _, err := client.BlockChat(ctx, id); return err },
		"UnblockChat":         func() error { _, err := client.UnblockChat(ctx, id); return err },
		"CreateMessage":       func() error { _, err := client.CreateMessage(ctx, messembed.CreateMessageParams{}); return err },
		"ListMessages":        func() error { _, err := client.ListMessages(ctx, messembed.ListMessagesParams{}); return err },
		"Messages":            func() error { return onlyError(t, client.Messages(ctx, messembed.ListMessagesParams{})) },
		"MessageEvents":       func() error { return onlyError(t, client.MessageEvents(ctx, messembed.EventOptions{})) },
	} {
		t.Run(op, func(t *testing.T) {
			err := call()
			require.ErrorIs(t, err, messembed.ErrUnsupported)
			assert.EqualError(t, err, "messembed: "+op+": unsupported operation by this service")
		})
	}
	assert.Empty(t, fake.Requests())
}

// onlyError returns the error that is all that seq yields.
func onlyError[T any](t *testing.T, seq iter.Seq2[*T, error]) error {
	var errs []error
	for item, err := range seq {
		assert.Nil(t, item)
		errs = append(errs, err)
	}
	if assert.Len(t, errs, 1) {
		return errs[0]
	}
	return nil
}

// Every operation of the platform has a route in the fake.
func TestOperations_areInTheFake(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
	client := fake.Client(t)
	operations := messembed.Operations(client)
	require.NotEmpty(t, operations)
	for _, op := range operations {
		t.Run(op.Name+" "+op.Route, func(t *testing.T) {
			before := len(fake.Requests())
			request, err := http.NewRequestWithContext(t.Context(), op.Method, fake.BaseURL()+"/"+op.Route, nil)
			require.NoError(t, err)
			response, err := fake.RoundTrip(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, op.Name, fake.Requests()[before].Op)
		})
	}
}

func TestDo(t *testing.T) {
	ctx := t.Context()
	get := messembed.Operation{Name: "OwnGet", Method: http.MethodGet, Route: "users/{id}", Repeatable: true}
	post := messembed.Operation{Name: "OwnCreate", Method: http.MethodPost, Route: "admin-api/users", Write: true}

	t.Run("sends with the client's credentials and retries", func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t)
		var meta messembed.Meta
		answer, err := client.Do(ctx, post, messembed.Request{Body: map[string]any{"id": "a/b"}}, messembed.WithMeta(&meta))
		require.NoError(t, err)
		assert.Equal(t, http.StatusCreated, answer.StatusCode)
		assert.Equal(t, http.StatusCreated, meta.StatusCode)

		fake.FailNext(messembedtest.Fault{Status: 503})
		answer, err = client.Do(ctx, get, messembed.Request{Args: []string{"a/b"}})
		require.NoError(t, err)
		assert.Contains(t, string(answer.Body), `"_id":"a/b"`)
		assert.Equal(t, 2, answer.Attempts)
	})
	t.Run("fails as the client does", func(t *testing.T) {
		fake := messembedtest.New(t)
		_, err := fake.Client(t).Do(ctx, get, messembed.Request{Args: []string{"nobody"}})
		require.ErrorIs(t, err, messembed.ErrNotFound)
		assert.ErrorContains(t, err, "messembed: OwnGet: ")

		fake.FailNext(messembedtest.Fault{Reset: true, AfterApply: true})
		_, err = fake.Client(t).Do(ctx, post, messembed.Request{Body: map[string]any{"id": "ada"}})
		failure, _ := errors.AsType[*messembed.Error](err)
		require.NotNil(t, failure)
		assert.True(t, failure.MaybeApplied)
		assert.Equal(t, 1, failure.Attempts, "it is not repeatable")
	})
	for name, tt := range map[string]struct {
		op    messembed.Operation
		r     messembed.Request
		field string
	}{
		"no name":             {messembed.Operation{Method: "GET", Route: "x"}, messembed.Request{}, "op.Name"},
		"no method":           {messembed.Operation{Name: "X", Route: "x"}, messembed.Request{}, "op.Method"},
		"a method in lower":   {messembed.Operation{Name: "X", Method: "get", Route: "x"}, messembed.Request{}, "op.Method"},
		"a leading slash":     {messembed.Operation{Name: "X", Method: "GET", Route: "/x"}, messembed.Request{}, "op.Route"},
		"a query":             {messembed.Operation{Name: "X", Method: "GET", Route: "x?y=1"}, messembed.Request{}, "op.Route"},
		"a space":             {messembed.Operation{Name: "X", Method: "GET", Route: "x y"}, messembed.Request{}, "op.Route"},
		"upwards":             {messembed.Operation{Name: "X", Method: "GET", Route: "x/../y"}, messembed.Request{}, "op.Route"},
		"too few arguments":   {get, messembed.Request{}, "r.Args"},
		"too many arguments":  {post, messembed.Request{Args: []string{"x"}}, "r.Args"},
		"an empty argument":   {get, messembed.Request{Args: []string{""}}, "r.Args[0]"},
		"a broken query":      {get, messembed.Request{Args: []string{"x"}, Query: "a b"}, "r.Query"},
		"a header of its own": {get, messembed.Request{Args: []string{"x"}, Header: http.Header{"Authorization": {"x"}}}, "r.Header"},
		"a broken header":     {get, messembed.Request{Args: []string{"x"}, Header: http.Header{"X": {"a\nb"}}}, "r.Header"},
		"a broken type":       {get, messembed.Request{Args: []string{"x"}, Type: "a\nb"}, "r.Type"},
		"no JSON":             {post, messembed.Request{Body: func() {}}, "marshalled"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t)
			_, err := fake.Client(t).Do(ctx, tt.op, tt.r)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, tt.field)
			assert.Empty(t, fake.Requests())
		})
	}
}

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

	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "Token", Status: 429, RetryAfter: "60"})
	err = fake.Client(t).Ping(t.Context())
	require.ErrorIs(t, err, messembed.ErrRateLimited)
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.Equal(t, time.Minute, failure.RetryAfter)
	fake.FailRandomly(1, 1, messembedtest.Fault{Op: "Token", Status: 408})
	err = fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1})).Ping(t.Context())
	require.ErrorIs(t, err, messembed.ErrUnavailable)
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
		// Resolvers do ask about these, and net/http's proxies are for all but
		// "localhost" to the letter.
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

// What may go over plain http because it stays on this machine does not go
// through a proxy either. net/http reads the environment once, so that this
// takes a process of its own.
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
	assert.ErrorContains(t, err, "exceeds "+strconv.Itoa(len(long)-1)+" bytes; see WithMaxResponseBytes")

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

// A connection that is out of step answers each request with the answer to
// another one.
func TestAnswers_aboutSomebodyElse(t *testing.T) {
	const asked, other = "5dd6e8f1a0b1c2d3e4f50001", "5dd6e8f1a0b1c2d3e4f50002"
	chat := func(id, first, second string) string {
		return `{"_id":"` + id + `","firstCompanion":{"_id":"` + first + `"},"secondCompanion":{"_id":"` + second + `"}}`
	}
	message := func(chat, user string) string {
		return `{"_id":"5dd6e8f1a0b1c2d3e4f50003","chat":"` + chat + `","user":"` + user + `"}`
	}
	pair := messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"}
	tests := []struct {
		name, body string
		write      bool
		do         func(context.Context, *messembed.Client) error
	}{
		{"GetUser", `{"_id":"bob"}`, false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetUser(ctx, "ada")
			return err
		}},
		{"CreateUser", `{"_id":"bob"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
			return err
		}},
		{"UpdateUser", `{"_id":"bob"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateUser(ctx, "ada", messembed.UpdateUserParams{})
			return err
		}},
		{"BlockUser", `{"_id":"bob"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.BlockUser(ctx, "ada")
			return err
		}},
		{"GetChat", chat(other, "ada", "bob"), false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChat(ctx, asked)
			return err
		}},
		{"GetChatByCompanions", chat(asked, "ada", "eve"), false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.GetChatByCompanions(ctx, "ada", "bob")
			return err
		}},
		{"CreateChat", chat(asked, "ada", "eve"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateChat(ctx, pair)
			return err
		}},
		{"UpdateChat", chat(other, "ada", "bob"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.UpdateChat(ctx, asked, messembed.UpdateChatParams{})
			return err
		}},
		{"CreateMessage, chat", message(other, "ada"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: asked, UserID: "ada", Content: "hi"})
			return err
		}},
		{"CreateMessage, user", message(asked, "eve"), true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: asked, UserID: "ada", Content: "hi"})
			return err
		}},
		{"CreateAccessToken", `{"accessToken":"e30.` + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"bob","iat":1}`)) + `.x"}`, true, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.CreateAccessToken(ctx, "ada")
			return err
		}},
		{"ListMessages", `{"messages":[` + message(asked, "ada") + `,` + message(other, "ada") + `]}`, false, func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ListMessages(ctx, messembed.ListMessagesParams{ChatID: asked})
			return err
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.do(t.Context(), answering(t, httpmock.NewStringResponder(200, test.body)))
			require.ErrorIs(t, err, messembed.ErrInvalidResponse)
			failure, _ := errors.AsType[*messembed.Error](err)
			assert.Equal(t, test.write, failure.MaybeApplied)
			assert.Contains(t, err.Error(), "about something else than the request")
		})
	}
	t.Run("the user emptied instead of deleted", func(t *testing.T) {
		err := answering(t, func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodDelete {
				return httpmock.NewStringResponse(404, ""), nil
			}
			return httpmock.NewStringResponse(200, `{"_id":"bob"}`), nil
		}).DeleteUser(t.Context(), "ada")
		require.ErrorIs(t, err, messembed.ErrInvalidResponse)
	})
	t.Run("an id in capitals", func(t *testing.T) {
		page, err := answering(t, httpmock.NewStringResponder(200, `{"messages":[`+message(asked, "ada")+`,{"_id":"1"}]}`)).
			ListMessages(t.Context(), messembed.ListMessagesParams{ChatID: strings.ToUpper(asked)})
		require.NoError(t, err)
		assert.Len(t, page.Messages, 2)
		_, err = answering(t, httpmock.NewStringResponder(200, chat(asked, "ada", "bob"))).GetChat(t.Context(), "5DD6E8F1A0B1C2D3E4F50001")
		require.NoError(t, err)
	})
}

// A proxy may send a refusal on with status 200.
func TestDeleteUser_refusalWithStatus200(t *testing.T) {
	for body, deleted := range map[string]bool{
		``: true, `{}`: true, `{"_id":"ada","statusCode":200}`: true,
		`{"statusCode":503,"message":"Service Unavailable"}`: false, `{"error":"Service Unavailable"}`: false, `null`: false, `gone`: false,
	} {
		err := answering(t, httpmock.NewStringResponder(200, body)).DeleteUser(t.Context(), "ada")
		if deleted {
			require.NoError(t, err, body)
			continue
		}
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.True(t, failure.MaybeApplied)
	}
}

// A record with an odd date ends neither a list nor a read.
func TestDates(t *testing.T) {
	may := time.Date(2020, time.May, 1, 10, 0, 0, 0, time.UTC)
	august := time.UnixMilli(1565546054692).UTC()
	for written, want := range map[string]time.Time{
		`"2020-05-01T10:00:00.000Z"`: may, `"2020-05-01 10:00:00"`: may, `"2020-05-01T10:00:00"`: may, `"2020-05-01T12:00:00.000+0200"`: may,
		`{"$date":"2020-05-01T10:00:00Z"}`: may, `{"$date":{"$numberLong":"1565546054692"}}`: august, `{"$date":1565546054692}`: august, `1565546054692`: august,
		`""`: {}, `"soon"`: {}, `null`: {}, `true`: {}, `[]`: {}, `{}`: {}, `{"$date":{}}`: {}, `{"$date":{"$date":{}}}`: {}, `"+010000-01-01T00:00:00.000Z"`: {}, `253402300800000`: {}, `1e99`: {},
		`253402300799999`: time.UnixMilli(253402300799999).UTC(), `-62167219200000`: time.UnixMilli(-62167219200000).UTC(), `-62167219200001`: {},
	} {
		user := `{"_id":"ada","createdAt":` + written + `,"updatedAt":` + written + `}`
		got, err := answering(t, httpmock.NewStringResponder(200, user)).GetUser(t.Context(), "ada")
		require.NoError(t, err, written)
		assert.True(t, want.Equal(got.CreatedAt), "%s: %v", written, got.CreatedAt)
		assert.True(t, want.Equal(got.UpdatedAt), "%s: %v", written, got.UpdatedAt)
		assert.JSONEq(t, user, string(got.Raw))

		seen := 0
		for _, err := range answering(t, httpmock.NewStringResponder(200, `{"data":[`+user+`,{"_id":"bob"}]}`)).Users(t.Context()) {
			require.NoError(t, err, written)
			seen++
		}
		assert.Equal(t, 2, seen)
	}
}

// Messages without a readable date come once, and keep none of the others back.
func TestMessages_withoutADate(t *testing.T) {
	pages := []string{
		`{"messages":[{"_id":"x","createdAt":"soon"},{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"}]}`,
		`{"messages":[{"_id":"x","createdAt":"soon"},{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"b","createdAt":"2026-01-02T00:00:00.000Z"},{"_id":"y"}]}`,
		`{"messages":[{"_id":"b","createdAt":"2026-01-02T00:00:00.000Z"}]}`,
	}
	asked := 0
	client := answering(t, func(*http.Request) (*http.Response, error) {
		page := pages[min(asked, len(pages)-1)]
		asked++
		return httpmock.NewStringResponse(200, page), nil
	})
	var ids []string
	for m, err := range client.Messages(t.Context(), messembed.ListMessagesParams{Limit: 2}) {
		require.NoError(t, err)
		ids = append(ids, m.ID)
	}
	assert.Equal(t, []string{"x", "a", "b", "y"}, ids)
}

// A proxy's 407 is one kind, and says what it is about.
func TestErrors_proxyAuthentication(t *testing.T) {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Status: 407, Body: "<html>who are you?"})
	_, err := fake.Client(t).CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
	require.ErrorIs(t, err, messembed.ErrUnavailable)
	assert.Contains(t, err.Error(), "a proxy wants credentials of its own")
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.Equal(t, 1, failure.Attempts)
	assert.False(t, failure.MaybeApplied)
}
