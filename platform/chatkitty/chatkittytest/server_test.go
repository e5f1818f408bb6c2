package chatkittytest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// caller sends requests to a fake without the SDK.
type caller struct {
	t     *testing.T
	fake  *chatkittytest.Server
	token string
}

func newCaller(t *testing.T, opts ...chatkittytest.Option) *caller {
	t.Helper()
	c := &caller{t: t, fake: chatkittytest.New(t, opts...)}
	status, answer, _ := c.grant("grant_type=client_credentials", c.fake.Credentials().ClientSecret)
	require.Equal(t, 200, status)
	c.token, _ = answer["access_token"].(string)
	return c
}

func (c *caller) grant(form, secret string) (int, map[string]any, http.Header) {
	cred := c.fake.Credentials()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, cred.TokenURL, strings.NewReader(form))
	require.NoError(c.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if secret != "" {
		r.SetBasicAuth(cred.ClientID, secret)
	}
	return c.send(r)
}

func (c *caller) do(method, path, contentType, body string) (int, map[string]any, http.Header) {
	c.t.Helper()
	return c.at(c.fake.BaseURL(), method, path, contentType, body)
}

func (c *caller) at(base, method, path, contentType, body string) (int, map[string]any, http.Header) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, base+path, strings.NewReader(body))
	require.NoError(c.t, err)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	return c.send(r)
}

func (c *caller) send(r *http.Request) (int, map[string]any, http.Header) {
	c.t.Helper()
	resp, err := c.fake.RoundTrip(r)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	var answer map[string]any
	if len(data) > 0 {
		require.NoError(c.t, json.Unmarshal(data, &answer), string(data))
	}
	return resp.StatusCode, answer, resp.Header
}

const (
	jsonType  = "application/json"
	patchType = "application/json+merge-patch"
)

func TestToken(t *testing.T) {
	c := newCaller(t)
	for name, want := range map[string]struct {
		form, secret string
		status       int
		code         string
	}{
		"wrong secret":     {"grant_type=client_credentials", "another", 401, "invalid_client"},
		"no credentials":   {"grant_type=client_credentials", "", 401, "unauthorized"},
		"no grant type":    {"", "chatkitty-test-secret", 400, "invalid_request"},
		"other grant type": {"grant_type=password", "chatkitty-test-secret", 400, "unsupported_grant_type"},
		"good":             {"grant_type=client_credentials", "chatkitty-test-secret", 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer, _ := c.grant(want.form, want.secret)
			assert.Equal(t, want.status, status)
			if want.code != "" {
				assert.Equal(t, want.code, answer["error"])
				assert.NotEmpty(t, answer["error_description"])
				return
			}
			assert.Equal(t, "bearer", answer["token_type"])
			assert.Equal(t, 42892.0, answer["expires_in"])
			assert.Equal(t, "org:1:app", answer["scope"])
		})
	}
	for _, r := range c.fake.Requests() {
		assert.Nil(t, r.Body, "credentials are not recorded")
		assert.Empty(t, r.Header.Get("Authorization"))
	}
}

func TestAuthentication(t *testing.T) {
	now := time.Now()
	c := newCaller(t, chatkittytest.WithClock(func() time.Time { return now }))
	good := c.token
	for name, want := range map[string]struct{ token, code string }{"none": {"", "unauthorized"}, "another": {"x", "invalid_token"}} {
		c.token = want.token
		status, answer, _ := c.do("GET", "/users", "", "")
		assert.Equal(t, 401, status, name)
		assert.Equal(t, want.code, answer["error"], name)
	}
	c.token = good
	status, _, header := c.do("GET", "/users", "", "")
	assert.Equal(t, 200, status)
	assert.Equal(t, "v1.15.13", header.Get("X-Api-Version"))
	now = now.Add(42892 * time.Second)
	status, answer, _ := c.do("GET", "/users", "", "")
	assert.Equal(t, 401, status)
	assert.Equal(t, "invalid_token", answer["error"])
}

func TestRequests_thatTheServiceRefuses(t *testing.T) {
	c := newCaller(t)
	id := c.fake.AddUser(messembed.User{})
	for name, want := range map[string]struct {
		method, path, contentType, body string
		status                          int
		code                            string
	}{
		"no such route":             {"GET", "/channels", "", "", 404, "ResourceNotFoundError"},
		"no such route, no method":  {"PUT", "/users", jsonType, "{}", 405, "MethodNotAllowedError"},
		"broken escape":             {"GET", "/users/%31?a=%zz", "", "", 404, "ResourceNotFoundError"},
		"id that is none":           {"GET", "/users/jane", "", "", 400, "ClientError"},
		"unknown id":                {"GET", "/users/99", "", "", 404, "ResourceNotFoundError"},
		"create of another type":    {"POST", "/users", "text/plain", "{}", 415, "UnsupportedMediaTypeError"},
		"create without isGuest":    {"POST", "/users", jsonType, `{"name":"a","displayName":"b"}`, 400, "ClientError"},
		"create without name":       {"POST", "/users", jsonType, `{"displayName":"b","isGuest":true}`, 400, "ClientError"},
		"create, empty name":        {"POST", "/users", jsonType, `{"name":"","displayName":"b","isGuest":true}`, 400, "ClientError"},
		"create, properties a list": {"POST", "/users", jsonType, `{"name":"a","displayName":"b","isGuest":true,"properties":[]}`, 400, "ClientError"},
		"create, broken":            {"POST", "/users", jsonType, `{`, 400, "ClientError"},
		"patch as JSON":             {"PATCH", "/users/" + id, jsonType, `{}`, 415, "UnsupportedMediaTypeError"},
		"patch, empty display name": {"PATCH", "/users/" + id, patchType, `{"displayName":""}`, 400, "ClientError"},
		"patch, unknown":            {"PATCH", "/users/99", patchType, `{}`, 404, "ResourceNotFoundError"},
		"picture of another type":   {"POST", "/users/" + id + "/display-picture", "image/png", `x`, 415, "UnsupportedMediaTypeError"},
		"picture without size":      {"POST", "/users/" + id + "/display-picture", jsonType, `{"url":"u","name":"n","contentType":"c"}`, 400, "ClientError"},
		"picture, empty form":       {"POST", "/users/" + id + "/display-picture", "multipart/form-data; boundary=b", "--b--\r\n", 400, "ClientError"},
		"page below 0":              {"GET", "/users?page=-1", "", "", 400, "ClientError"},
		"size 0":                    {"GET", "/users?size=0", "", "", 400, "ClientError"},
		"size no number":            {"GET", "/users?size=x", "", "", 400, "ClientError"},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer, header := c.do(want.method, want.path, want.contentType, want.body)
			assert.Equal(t, want.status, status)
			assert.Equal(t, want.code, answer["error"])
			assert.NotEmpty(t, answer["message"])
			_, err := time.Parse(time.RFC3339Nano, answer["timestamp"].(string))
			require.NoError(t, err)
			assert.Equal(t, "application/json", header.Get("Content-Type"))
		})
	}
	status, answer, _ := c.do("HEAD", "/users", "", "")
	assert.Equal(t, 400, status, "a name is required")
	assert.Nil(t, answer)
}

func TestPatch_typesAndNames(t *testing.T) {
	c := newCaller(t, chatkittytest.WithAnyPatchType())
	id := c.fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane"}})
	for _, kind := range []string{jsonType, patchType, "application/merge-patch+json"} {
		status, answer, _ := c.do("PATCH", "/users/"+id, kind, `{"name":"joe","display_name":"J","is_guest":true,"properties":null}`)
		assert.Equal(t, 200, status)
		assert.Equal(t, "jane", answer["name"], "a name cannot change")
		assert.Equal(t, "J", answer["displayName"])
		assert.Equal(t, true, answer["isGuest"])
	}
}

func TestGetUser_byTheDocumentedRouteToo(t *testing.T) {
	c := newCaller(t)
	id := c.fake.AddUser(messembed.User{})
	status, answer, _ := c.do("GET", "/applications/1/users/"+id, "", "")
	assert.Equal(t, 200, status)
	assert.Equal(t, 1.0, answer["id"])
	requests := c.fake.Requests()
	assert.Equal(t, "GetUser", requests[len(requests)-1].Op)
}

func TestPages_links(t *testing.T) {
	c := newCaller(t)
	for range 5 {
		c.fake.AddUser(messembed.User{})
	}
	for page, want := range map[int][]string{0: {"first", "last", "next", "self"}, 1: {"first", "last", "next", "prev", "self"}, 2: {"first", "last", "prev", "self"}, 9: {"first", "last", "prev", "self"}} {
		_, answer, _ := c.do("GET", fmt.Sprintf("/users?page=%d&size=2", page), "", "")
		var got []string
		for rel := range answer["_links"].(map[string]any) {
			got = append(got, rel)
		}
		assert.ElementsMatch(t, want, got)
		assert.Equal(t, map[string]any{"size": 2.0, "totalElements": 5.0, "totalPages": 3.0, "number": float64(page)}, answer["page"])
		assert.Equal(t, page < 3, answer["_embedded"] != nil)
	}
}

func TestRateLimit(t *testing.T) {
	now := time.Now()
	c := newCaller(t, chatkittytest.WithClock(func() time.Time { return now }), chatkittytest.WithRateLimit(1, 63081*time.Second/1000*61), chatkittytest.WithRetryAfterHeader())
	c.do("GET", "/users", "", "")
	status, answer, header := c.do("GET", "/users", "", "")
	assert.Equal(t, 429, status)
	assert.Equal(t, "RateLimitedError", answer["error"])
	assert.Equal(t, "PT1H4M7.941S", answer["coolOffDuration"])
	assert.Equal(t, "3848", header.Get("Retry-After"))
	now = now.Add(2 * time.Hour)
	status, _, _ = c.do("GET", "/users", "", "")
	assert.Equal(t, 200, status)
}

func TestServer_isSafeForConcurrentUse(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			u, err := client.CreateUser(t.Context(), messembed.CreateUserParams{
				Profile:          messembed.Profile{Username: fmt.Sprint("user", i), DisplayName: "x"},
				ExternalMetadata: messembed.Metadata{"i": i, "deep": map[string]any{"a": 1}},
			})
			if assert.NoError(t, err) {
				fake.SetOnline(u.ID, true)
				_, err = client.UpdateUser(t.Context(), u.ID, messembed.UpdateUserParams{ExternalMetadata: messembed.Metadata{"deep": map[string]any{"b": 1}}})
				assert.NoError(t, err)
			}
			for _, err := range client.Users(t.Context()) {
				assert.NoError(t, err)
			}
			fake.Users()
		})
	}
	all.Wait()
	assert.Len(t, fake.Users(), 20)
}

func TestCredentials(t *testing.T) {
	fake := chatkittytest.New(t, chatkittytest.WithCredentials("me", "it is"))
	assert.Equal(t, "me", fake.Credentials().ClientID)
	assert.Equal(t, "https://api.chatkitty.test/oauth/token", fake.Credentials().TokenURL)
	url := fake.URL()
	assert.Equal(t, strings.TrimSuffix(url, "/v1")+"/oauth/token", fake.Credentials().TokenURL)
}
