package messembedtest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
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

// grant requests a token from the token endpoint.
func grant(t *testing.T, fake *messembedtest.Server, method string, form url.Values, username, password string) (int, map[string]any, http.Header) {
	t.Helper()
	authorization := []string{"Content-Type", "application/x-www-form-urlencoded", "Authorization", ""}
	if username != "" {
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth(username, password)
		authorization[3] = r.Header.Get("Authorization")
	}
	resp, body := send(t, fake, method, "/oauth/token", form.Encode(), authorization...)
	var answer map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &answer))
	return resp.StatusCode, answer, resp.Header
}

func TestTokenEndpoint(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("back end", "s:cret+/"))
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"admin"}}
	withSecret := url.Values{"grant_type": {"client_credentials"}, "client_id": {"back end"}, "client_secret": {"s:cret+/"}}
	basic := func(secret string) (string, string) { return url.QueryEscape("back end"), url.QueryEscape(secret) }

	id, secret := basic("s:cret+/")
	status, answer, header := grant(t, fake, "POST", form, id, secret)
	assert.Equal(t, 200, status)
	assert.Equal(t, map[string]any{"access_token": "gateway-token-1", "token_type": "Bearer", "expires_in": 3600.0}, answer)
	assert.Equal(t, "no-store", header.Get("Cache-Control"))
	status, answer, _ = grant(t, fake, "POST", withSecret, "", "")
	assert.Equal(t, 200, status)
	assert.Equal(t, "gateway-token-2", answer["access_token"])

	id, secret = basic("wrong")
	status, answer, header = grant(t, fake, "POST", form, id, secret)
	assert.Equal(t, 401, status)
	assert.Equal(t, "invalid_client", answer["error"])
	assert.NotEmpty(t, header.Get("WWW-Authenticate"))
	status, _, header = grant(t, fake, "POST", form, "", "")
	assert.Equal(t, 401, status)
	assert.Empty(t, header.Get("WWW-Authenticate"))

	id, secret = basic("s:cret+/")
	status, answer, _ = grant(t, fake, "POST", url.Values{"grant_type": {"password"}}, id, secret)
	assert.Equal(t, 400, status)
	assert.Equal(t, "unsupported_grant_type", answer["error"])
	status, answer, _ = grant(t, fake, "POST", nil, id, secret)
	assert.Equal(t, 400, status)
	assert.Equal(t, "invalid_request", answer["error"])
	status, _, header = grant(t, fake, "GET", nil, id, secret)
	assert.Equal(t, 405, status)
	assert.Equal(t, "POST", header.Get("Allow"))

	for _, r := range fake.Requests() {
		assert.Equal(t, "Token", r.Op)
		assert.Nil(t, r.Body)
		assert.Empty(t, r.Header.Get("Authorization"))
	}
}

func TestGateway(t *testing.T) {
	now := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("id", "secret"), messembedtest.WithTokenLifetime(time.Minute),
		messembedtest.WithClock(func() time.Time { return now }), messembedtest.WithBasePath("/p"))
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"id"}, "client_secret": {"secret"}}
	r, err := http.PostForm(fake.TokenURL(), form)
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	http.DefaultClient.CloseIdleConnections()
	admin := func(authorization string) (int, string) {
		resp, body := send(t, fake, "GET", "/admin-api/users", "", "Authorization", authorization)
		return resp.StatusCode, body
	}

	status, _ := admin("bearer gateway-token-1")
	assert.Equal(t, 200, status)
	status, body := admin("Bearer gateway-token-2")
	assert.Equal(t, 401, status)
	assert.JSONEq(t, `{"error":"invalid_token"}`, body)
	status, _ = admin("Basic YTpi")
	assert.Equal(t, 401, status)
	now = now.Add(time.Minute)
	status, _ = admin("Bearer gateway-token-1")
	assert.Equal(t, 401, status, "the token has expired")

	// Public routes stay public, and a user's own route has its own token.
	resp, _ := send(t, fake, "GET", "/users/ada", "", "Authorization", "")
	assert.Equal(t, 404, resp.StatusCode)
	resp, _ = send(t, fake, "GET", "/user", "", "Authorization", "Bearer gateway-token-1")
	assert.Equal(t, 401, resp.StatusCode)
	assert.Empty(t, messembedtest.New(t).TokenURL())
	messembedtest.New(t).ExpireTokens()
}

func TestGateway_client(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("id", "secret"))
	client := fake.Client(t)
	require.NoError(t, client.CheckCredentials(t.Context()))
	fake.ExpireTokens()
	require.NoError(t, client.CheckCredentials(t.Context()))
	fake.FailNext(messembedtest.Fault{Op: "Token", Status: 503})
	fake.ExpireTokens()
	require.NoError(t, client.CheckCredentials(t.Context()))

}

// The token endpoint is where its URL says, for every client and whatever is
// called first.
func TestTokenURL(t *testing.T) {
	check := func(t *testing.T, baseURL, tokenURL string, opts ...messembed.Option) {
		t.Helper()
		client, err := messembed.New(baseURL, append(opts, messembed.WithClientCredentials(clientcredentials.Config{
			ClientID: "id", ClientSecret: "secret", TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams,
		}))...)
		require.NoError(t, err)
		defer client.CloseIdleConnections()
		require.NoError(t, client.CheckCredentials(t.Context()))
	}
	gateway := messembedtest.WithClientCredentials("id", "secret")
	t.Run("socket, before URL", func(t *testing.T) {
		fake := messembedtest.New(t, gateway, messembedtest.WithBasePath("/p"))
		tokenURL := fake.TokenURL()
		check(t, fake.URL(), tokenURL)
		assert.Equal(t, tokenURL, fake.TokenURL())
	})
	t.Run("socket, after URL", func(t *testing.T) {
		fake := messembedtest.New(t, gateway)
		check(t, fake.URL(), fake.TokenURL())
	})
	t.Run("in memory", func(t *testing.T) {
		fake := messembedtest.New(t, gateway)
		check(t, fake.BaseURL(), fake.TokenURL(), messembed.WithTransport(fake))
	})
	t.Run("in a bubble", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := messembedtest.New(t, gateway)
			assert.Equal(t, "https://messembed.test/oauth/token", fake.TokenURL())
			check(t, fake.BaseURL(), fake.TokenURL(), messembed.WithTransport(fake))
			time.Sleep(time.Hour) // time goes on
		})
	})
}
