package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"sync"
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

func TestNew_refusesMistakes(t *testing.T) {
	basic := messembed.WithBasicAuth("admin", "pw-canary")
	grant := func(tokenURL string) messembed.Option {
		return messembed.WithClientCredentials(clientcredentials.Config{ClientID: "id", ClientSecret: "pw-canary", TokenURL: tokenURL})
	}
	tests := []struct {
		name    string
		baseURL string
		opts    []messembed.Option
		says    string
	}{
		{"empty base URL", "", nil, "base URL: must not be empty"},
		{"no scheme", "chat.example.com", nil, "base URL"},
		{"host and port without scheme", "127.0.0.1:3000", nil, "base URL: must begin with http:// or https://"},
		{"other scheme", "ftp://chat.example.com", nil, "base URL"},
		{"no host", "https://", nil, "base URL: must have a host"},
		{"port only", "https://:443", nil, "base URL: must have a host"},
		{"user info", "https://admin:pw-canary@chat.example.com", nil, "base URL"},
		{"query", "https://chat.example.com/?a=pw-canary", nil, "base URL: must not have a query"},
		{"empty query", "https://chat.example.com/?", nil, "base URL: must not have a query"},
		{"fragment", "https://chat.example.com/#x", nil, "base URL: must not have a fragment"},
		{"broken escape", "https://chat.example.com/%zz", nil, "base URL"},
		{"control character", "https://chat.example.com/\n", nil, "base URL"},
		{"empty username", "https://h", []messembed.Option{messembed.WithBasicAuth("", "pw-canary")}, "username"},
		{"empty password", "https://h", []messembed.Option{messembed.WithBasicAuth("admin", "")}, "password"},
		{"username with colon", "https://h", []messembed.Option{messembed.WithBasicAuth("a:b", "pw-canary")}, "username"},
		{"username with a line break", "https://h", []messembed.Option{messembed.WithBasicAuth("admin\n", "pw-canary")}, "WithBasicAuth: username: must not contain a line break"},
		{"password of a file", "https://h", []messembed.Option{messembed.WithBasicAuth("admin", "pw-canary\n")}, "WithBasicAuth: password: must not contain a line break"},
		{"client secret of a file", "https://h", []messembed.Option{messembed.WithClientCredentials(clientcredentials.Config{
			ClientID: "x", ClientSecret: "pw-canary\r\n", TokenURL: "https://h",
		})}, "WithClientCredentials: ClientSecret: must not contain a line break"},
		{"Basic twice", "https://h", []messembed.Option{basic, basic}, "credentials: only one"},
		{"two kinds", "https://h", []messembed.Option{basic, grant("https://h/token")}, "credentials: only one"},
		{"nil token source", "https://h", []messembed.Option{messembed.WithTokenSource(nil)}, "nil token source"},
		{"no client id", "https://h", []messembed.Option{messembed.WithClientCredentials(clientcredentials.Config{ClientSecret: "pw-canary", TokenURL: "https://h"})}, "ClientID"},
		{"no client secret", "https://h", []messembed.Option{messembed.WithClientCredentials(clientcredentials.Config{ClientID: "x", TokenURL: "https://h"})}, "ClientSecret"},
		{"no token URL", "https://h", []messembed.Option{grant("")}, "TokenURL"},
		{"token URL over http", "https://h", []messembed.Option{grant("http://h/token")}, "TokenURL"},
		{"credentials over http", "http://chat.example.com", []messembed.Option{basic}, "https"},
		{"no auth header", "https://h", []messembed.Option{messembed.WithAuthHeaders(nil)}, "WithAuthHeaders"},
		{"an auth header of the SDK's", "https://h", []messembed.Option{messembed.WithAuthHeaders(map[string]string{"host": "x"})}, "WithAuthHeaders: header Host: reserved for the SDK"},
		{"empty auth header", "https://h", []messembed.Option{messembed.WithAuthHeaders(map[string]string{"X-Key": ""})}, "X-Key"},
		{"nil transport", "https://h", []messembed.Option{messembed.WithTransport(nil)}, "nil transport"},
		{"nil logger", "https://h", []messembed.Option{messembed.WithLogger(nil)}, "nil logger"},
		{"nil platform", "https://h", []messembed.Option{messembed.WithPlatform(nil)}, "nil platform"},
		{"nil option", "https://h", []messembed.Option{nil}, "nil Option"},
		{"negative attempts", "https://h", []messembed.Option{messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: -1})}, "MaxAttempts"},
		{"negative min backoff", "https://h", []messembed.Option{messembed.WithRetry(messembed.RetryPolicy{MinBackoff: -1})}, "MinBackoff"},
		{"min above max backoff", "https://h", []messembed.Option{messembed.WithRetry(messembed.RetryPolicy{MinBackoff: 2, MaxBackoff: 1})}, "MinBackoff: 2ns exceeds MaxBackoff 1ns"},
		{"min above the default max backoff", "https://h", []messembed.Option{messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Minute})}, "MinBackoff: 1m0s exceeds MaxBackoff 10s"},
		{"negative max backoff", "https://h", []messembed.Option{messembed.WithRetry(messembed.RetryPolicy{MaxBackoff: -1})}, "MaxBackoff"},
		{"no list timeout", "https://h", []messembed.Option{messembed.WithListTimeout(0)}, "WithListTimeout"},
		{"negative timeout", "https://h", []messembed.Option{messembed.WithTimeout(-1)}, "WithTimeout"},
		{"negative attempt timeout", "https://h", []messembed.Option{messembed.WithAttemptTimeout(-1)}, "WithAttemptTimeout"},
		{"negative rate", "https://h", []messembed.Option{messembed.WithRateLimit(-1, 1)}, "perSecond"},
		{"no burst", "https://h", []messembed.Option{messembed.WithRateLimit(1, 0)}, "burst"},
		{"no concurrency", "https://h", []messembed.Option{messembed.WithMaxConcurrency(0)}, "WithMaxConcurrency"},
		{"no response size", "https://h", []messembed.Option{messembed.WithMaxResponseBytes(0)}, "WithMaxResponseBytes"},
		{"negative concurrency", "https://h", []messembed.Option{messembed.WithMaxConcurrency(-1)}, "WithMaxConcurrency"},
		{"negative response size", "https://h", []messembed.Option{messembed.WithMaxResponseBytes(-1)}, "WithMaxResponseBytes"},
		{"line break in product", "https://h", []messembed.Option{messembed.WithUserAgent("a\r\nX-Evil: 1")}, "WithUserAgent"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, err := messembed.New(test.baseURL, test.opts...)

			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), "canary")
			assert.Nil(t, client)
		})
	}
}

func TestNew_takes(t *testing.T) {
	basic := messembed.WithBasicAuth("admin", "secret")
	for name, test := range map[string]struct {
		baseURL string
		opts    []messembed.Option
	}{
		"no credentials":           {"http://chat.example.com", nil},
		"https":                    {"https://chat.example.com/api/messembed", []messembed.Option{basic}},
		"loopback by name":         {"http://localhost:3000", []messembed.Option{basic}},
		"loopback by IPv4":         {"http://127.0.0.2:3000/", []messembed.Option{basic}},
		"loopback by IPv6":         {"http://[::1]:3000", []messembed.Option{basic}},
		"http when it was allowed": {"http://chat.example.com", []messembed.Option{basic, messembed.WithInsecureHTTP()}},
		"a token source":           {"https://h", []messembed.Option{messembed.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "x"}))}},
		"no timeout":               {"https://h", []messembed.Option{messembed.WithTimeout(0)}},
		"the least of each":        {"https://h", []messembed.Option{messembed.WithMaxConcurrency(1), messembed.WithMaxResponseBytes(1), messembed.WithRateLimit(1, 1)}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := messembed.New(test.baseURL, test.opts...)
			assert.NoError(t, err)
		})
	}
}

func TestFromEnv(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithCredentials("svc", "secret"))
	transport := messembed.WithTransport(fake)
	clear := func(t *testing.T) {
		for _, name := range []string{"URL", "USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "TOKEN_URL", "SCOPES", "INSECURE_HTTP"} {
			t.Setenv("MESSEMBED_"+name, "")
		}
	}
	t.Run("password", func(t *testing.T) {
		clear(t)
		t.Setenv("MESSEMBED_URL", fake.BaseURL())
		t.Setenv("MESSEMBED_PASSWORD", "secret")
		client, err := messembed.FromEnv(transport, messembed.WithInsecureHTTP())
		require.NoError(t, err)
		_, err = client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.NoError(t, err)
	})
	t.Run("wrong password", func(t *testing.T) {
		clear(t)
		t.Setenv("MESSEMBED_URL", fake.BaseURL())
		t.Setenv("MESSEMBED_PASSWORD", "wrong")
		client, err := messembed.FromEnv(transport, messembed.WithInsecureHTTP())
		require.NoError(t, err)
		_, err = client.ListUsers(t.Context(), messembed.ListUsersParams{})
		require.ErrorIs(t, err, messembed.ErrUnauthenticated)
	})
	t.Run("client credentials", func(t *testing.T) {
		clear(t)
		fake := messembedtest.New(t, messembedtest.WithClientCredentials("shop", "s3cret"))
		t.Setenv("MESSEMBED_URL", fake.BaseURL())
		t.Setenv("MESSEMBED_CLIENT_ID", "shop")
		t.Setenv("MESSEMBED_CLIENT_SECRET", "s3cret")
		t.Setenv("MESSEMBED_TOKEN_URL", fake.TokenURL())
		t.Setenv("MESSEMBED_SCOPES", "chat:admin, chat:read")
		client, err := messembed.FromEnv(messembed.WithTransport(fake), messembed.WithInsecureHTTP())
		require.NoError(t, err)
		_, err = client.ListUsers(t.Context(), messembed.ListUsersParams{})
		require.NoError(t, err)
	})
	for name, env := range map[string]map[string]string{
		"MESSEMBED_URL":           {},
		"MESSEMBED_PASSWORD":      {"URL": "https://h"},
		"MESSEMBED_CLIENT_ID":     {"URL": "https://h", "PASSWORD": "x", "CLIENT_ID": "y"},
		"MESSEMBED_CLIENT_SECRET": {"URL": "https://h", "CLIENT_ID": "y"},
		"MESSEMBED_TOKEN_URL":     {"URL": "https://h", "CLIENT_ID": "y", "CLIENT_SECRET": "z"},

		"MESSEMBED_URL: must begin with http":               {"URL": "127.0.0.1:3000", "PASSWORD": "x"},
		"MESSEMBED_USERNAME: must not":                      {"URL": "https://h", "USERNAME": "a:b", "PASSWORD": "x"},
		"MESSEMBED_PASSWORD: must not contain a line break": {"URL": "https://h", "PASSWORD": "secret\n"},
		"MESSEMBED_CLIENT_SECRET: must not contain a line":  {"URL": "https://h", "CLIENT_ID": "y", "CLIENT_SECRET": "z\r", "TOKEN_URL": "https://t"},
		"MESSEMBED_URL: must not contain a line":            {"URL": "https://h\n", "PASSWORD": "x"},
		"MESSEMBED_INSECURE_HTTP: must be true or false":    {"URL": "http://h", "PASSWORD": "x", "INSECURE_HTTP": "yes"},
		"MESSEMBED_CLIENT_ID: is not set":                   {"URL": "https://h", "CLIENT_SECRET": "z"},
		"MESSEMBED_URL: credentials require https":          {"URL": "http://h", "PASSWORD": "x", "INSECURE_HTTP": "false"},
		"MESSEMBED_TOKEN_URL: must":                         {"URL": "https://h", "CLIENT_ID": "y", "CLIENT_SECRET": "z", "TOKEN_URL": "ftp://x"},
	} {
		t.Run("names "+name, func(t *testing.T) {
			clear(t)
			for key, value := range env {
				t.Setenv("MESSEMBED_"+key, value)
			}
			_, err := messembed.FromEnv()
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, name)
		})
	}
}

func TestFromEnv_namesEverythingAtOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"nothing is set": {nil, []string{"MESSEMBED_URL: is not set", "MESSEMBED_PASSWORD: is not set, nor is MESSEMBED_CLIENT_ID"}},
		"half a gateway": {map[string]string{"CLIENT_ID": "y", "INSECURE_HTTP": "yes"}, []string{
			"MESSEMBED_URL: is not set", "MESSEMBED_INSECURE_HTTP: must be true or false",
			"MESSEMBED_CLIENT_SECRET: is not set, but others of the OAuth2 gateway are", "MESSEMBED_TOKEN_URL: is not set, but others of the OAuth2 gateway are",
		}},
		"each wrong": {map[string]string{"URL": "h", "PASSWORD": "a\n"}, []string{
			"MESSEMBED_PASSWORD: must not contain a line break or another control character", "MESSEMBED_URL: must begin with http:// or https://",
		}},
		"a mounted secret": {map[string]string{"URL": "https://h", "CLIENT_ID": "a", "CLIENT_SECRET": "b\n", "TOKEN_URL": "https://t"}, []string{
			"MESSEMBED_CLIENT_SECRET: must not contain a line break or another control character",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, v := range []string{"URL", "USERNAME", "PASSWORD", "CLIENT_ID", "CLIENT_SECRET", "TOKEN_URL", "SCOPES", "INSECURE_HTTP"} {
				t.Setenv("MESSEMBED_"+v, tt.env[v])
			}
			_, err := messembed.FromEnv()
			failure, ok := errors.AsType[*messembed.Error](err)
			require.True(t, ok)
			assert.Equal(t, tt.want, failure.Details)
		})
	}
}

func TestFromEnv_insecureHTTP(t *testing.T) {
	t.Setenv("MESSEMBED_URL", "http://messembed:3000")
	t.Setenv("MESSEMBED_PASSWORD", "x")
	t.Setenv("MESSEMBED_INSECURE_HTTP", "true")
	_, err := messembed.FromEnv()
	require.NoError(t, err)
}

// One Option may be given to clients that are made at the same time.
func TestNew_sharedOptions(t *testing.T) {
	opts := []messembed.Option{
		messembed.WithRetry(messembed.RetryPolicy{}), messembed.WithRateLimit(1, 1), messembed.WithUserAgent("x/1"),
		messembed.WithClientCredentials(clientcredentials.Config{ClientID: "a", ClientSecret: "b", TokenURL: "https://t", Scopes: []string{"c"}}),
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := messembed.New("https://h", opts...)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
}

func TestFromEnv_andOtherCredentials(t *testing.T) {
	t.Setenv("MESSEMBED_URL", "https://h")
	t.Setenv("MESSEMBED_PASSWORD", "x")
	_, err := messembed.FromEnv(messembed.WithBasicAuth("admin", "y"))
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	assert.ErrorContains(t, err, "MESSEMBED_PASSWORD and an Option: only one may be given")
}

func TestPing(t *testing.T) {
	fake := messembedtest.New(t)
	anonymous, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake))
	require.NoError(t, err)
	require.NoError(t, anonymous.Ping(t.Context()))

	fake.FailNext(messembedtest.Fault{Op: "Ping", Status: 200, Body: "<html>welcome</html>"})
	require.ErrorIs(t, anonymous.Ping(t.Context()), messembed.ErrInvalidResponse)
}

func TestCheckCredentials(t *testing.T) {
	fake := messembedtest.New(t)
	require.NoError(t, fake.Client(t).CheckCredentials(t.Context()))

	wrong, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithInsecureHTTP(),
		messembed.WithBasicAuth("admin", "wrong"))
	require.NoError(t, err)
	require.ErrorIs(t, wrong.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)

	elsewhere, err := messembed.New(fake.BaseURL()+"/nowhere", messembed.WithTransport(fake))
	require.NoError(t, err)
	err = elsewhere.CheckCredentials(t.Context())
	require.ErrorIs(t, err, messembed.ErrUnsupported)
	assert.ErrorContains(t, err, "base URL")
}

func TestBasePathIsKept(t *testing.T) {
	for _, suffix := range []string{"", "/"} {
		fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
		client, err := messembed.New(fake.BaseURL()+suffix, messembed.WithTransport(fake))
		require.NoError(t, err)
		require.NoError(t, client.Ping(t.Context()))
		assert.Equal(t, "/api/messembed/ping", fake.Requests()[0].Path)

		var sent string
		client, err = messembed.New("https://h/a%2Fb"+suffix, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			sent = r.URL.EscapedPath()
			return nil, io.EOF
		})), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
		require.NoError(t, err)
		require.Error(t, client.Ping(t.Context()))
		assert.Equal(t, "/a%2Fb/ping", sent)
	}
}

func TestClient_showsNoCredentials(t *testing.T) {
	client, err := messembed.New("https://chat.example.com/x", messembed.WithBasicAuth("admin", "pw-canary"))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		assert.NotContains(t, fmt.Sprintf(verb, client), "canary")
	}
	assert.NotContains(t, slog.AnyValue(client).String(), "canary")
}

// An id is told from all others in a service's log.
func TestRequestIDs(t *testing.T) {
	ids := map[string]bool{}
	client := answering(t, func(r *http.Request) (*http.Response, error) {
		ids[r.Header.Get("X-Request-Id")] = true
		return nil, io.EOF
	})
	for range 1000 {
		require.Error(t, client.Ping(t.Context()))
	}
	assert.Len(t, ids, 1000)
	for id := range ids {
		assert.Regexp(t, "^[0-9a-f]{24}$", id)
	}
}

func TestRequestOptions(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t, messembed.WithUserAgent("shop/1.4"))

	var meta messembed.Meta
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"},
		messembed.WithHeader("X-Tenant", "blue"), messembed.WithRequestID("req-7"), messembed.WithMeta(&meta))
	require.NoError(t, err)

	sent := fake.Requests()[0]
	assert.Equal(t, "blue", sent.Header.Get("X-Tenant"))
	assert.Equal(t, "req-7", sent.Header.Get("X-Request-Id"))
	assert.Regexp(t, `^shop/1\.4 messembed-go/(devel|v\d\S*) \(go`, sent.Header.Get("User-Agent"))
	assert.Equal(t, 201, meta.StatusCode)
	assert.Equal(t, "req-7", meta.RequestID)
	assert.Equal(t, 1, meta.Attempts)
	assert.Equal(t, "Express", meta.Header.Get("X-Powered-By"))
	assert.Positive(t, meta.Duration)

	fake.FailNext(messembedtest.Fault{Status: 503})
	_, err = client.GetUser(t.Context(), "nobody", messembed.WithMeta(&meta))
	require.ErrorIs(t, err, messembed.ErrNotFound)
	assert.Equal(t, 404, meta.StatusCode)
	assert.Equal(t, 2, meta.Attempts)

	first, second := fake.Requests()[1], fake.Requests()[2]
	assert.NotEmpty(t, first.Header.Get("X-Request-Id"))
	assert.Equal(t, first.Header.Get("X-Request-Id"), second.Header.Get("X-Request-Id"), "the same on every attempt")
	assert.Equal(t, meta.RequestID, first.Header.Get("X-Request-Id"))
}

func TestRequestOptions_refused(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for name, opt := range map[string]messembed.RequestOption{
		"line break in value":      messembed.WithHeader("X-A", "1\r\nX-B: 2"),
		"line break in name":       messembed.WithHeader("X-A\r\nX-B", "2"),
		"the SDK's own":            messembed.WithHeader("authorization", "Basic canary"),
		"host":                     messembed.WithHeader("Host", "evil.example.com"),
		"empty request id":         messembed.WithRequestID(""),
		"line break in request id": messembed.WithRequestID("a\nb"),
		"nil meta":                 messembed.WithMeta(nil),
		"no poll interval":         messembed.WithPollInterval(0),
		"nil":                      nil,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.GetUser(t.Context(), "ada", opt)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.NotContains(t, err.Error(), "canary")
			require.ErrorIs(t, onlyError(t, client.Users(t.Context(), opt)), messembed.ErrInvalidArgument)
		})
	}
	assert.Empty(t, fake.Requests())
}

func TestCloseIdleConnections(t *testing.T) {
	closed := 0
	client, err := messembed.New("https://h", messembed.WithTransport(closer{func() { closed++ }}))
	require.NoError(t, err)
	client.CloseIdleConnections()
	assert.Equal(t, 1, closed)
}

type closer struct{ close func() }

func (c closer) CloseIdleConnections() { c.close() }

func (closer) RoundTrip(*http.Request) (*http.Response, error) { return nil, context.Canceled }

// The largest number means "unlimited".
func TestLargestNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		client := fake.Client(t, messembed.WithMaxResponseBytes(math.MaxInt64), messembed.WithTimeout(0),
			messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: math.MaxInt, MinBackoff: math.MaxInt64, MaxBackoff: math.MaxInt64}))
		fake.FailNext(messembedtest.Fault{Status: 503, RetryAfter: "1"})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada"})
		require.NoError(t, err)
	})
}

func TestMeta_ofWhatIsNotSent(t *testing.T) {
	var meta messembed.Meta
	_, err := messembedtest.New(t).Client(t).GetUser(t.Context(), "", messembed.WithMeta(&meta), messembed.WithRequestID("r1"))
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	assert.Equal(t, messembed.Meta{RequestID: "r1"}, meta)
}

func TestWithHeader_thatWouldChangeTheAnswer(t *testing.T) {
	for _, name := range []string{"Accept", "accept-encoding", "If-None-Match", "Range", "Upgrade"} {
		err := messembedtest.New(t).Client(t).Ping(t.Context(), messembed.WithHeader(name, "x"))
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, name)
	}
}
