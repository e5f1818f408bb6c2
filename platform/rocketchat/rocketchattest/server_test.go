package rocketchattest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// caller sends raw requests with credentials.
type caller struct {
	t    *testing.T
	fake *rocketchattest.Server
	cred rocketchat.Credentials

	contentType string // instead of JSON's
}

func call(t *testing.T, fake *rocketchattest.Server) caller {
	return caller{t: t, fake: fake, cred: fake.Credentials()}
}

type reply struct {
	status int
	header http.Header
	body   map[string]any
}

func (c caller) get(path string) reply            { return c.send(http.MethodGet, path, "", nil) }
func (c caller) post(path string, body any) reply { return c.send(http.MethodPost, path, "", body) }

func (c caller) send(method, path, code string, body any) reply {
	c.t.Helper()
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(body)
	default:
		data, err := json.Marshal(body)
		require.NoError(c.t, err)
		reader = strings.NewReader(string(data))
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.fake.BaseURL()+path, reader)
	require.NoError(c.t, err)
	r.Header.Set("X-User-Id", c.cred.UserID)
	r.Header.Set("X-Auth-Token", c.cred.AuthToken)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.contentType != "" {
		r.Header.Set("Content-Type", c.contentType)
	}
	if code != "" {
		r.Header.Set("X-2fa-Code", code)
	}
	resp, err := c.fake.RoundTrip(r)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	got := reply{status: resp.StatusCode, header: resp.Header}
	_ = json.Unmarshal(data, &got.body)
	return got
}

func (r reply) error() string { text, _ := r.body["error"].(string); return text }

func (r reply) user() map[string]any { user, _ := r.body["user"].(map[string]any); return user }

type object = map[string]any

func ada() object {
	return object{"username": "ada", "name": "Ada", "email": "ada@example.com", "password": "secret-canary"}
}

func TestCredentials(t *testing.T) {
	const text = "You must be logged in to do this."
	for version, body := range map[string]object{
		"8.7": {"success": false, "error": text, "status": "error", "message": text},
		"7.x": {"success": false, "error": text, "status": "error", "message": text},
		"6.x": {"status": "error", "message": text},
	} {
		fake := rocketchattest.New(t, rocketchattest.WithServerVersion(version))
		c := call(t, fake)
		assert.Equal(t, 200, c.get("/api/v1/me").status)
		assert.Equal(t, c.cred.UserID, c.get("/api/v1/me").body["_id"])
		good := c.cred
		c.cred.UserID = "other"
		got := c.get("/api/v1/me")
		assert.Equal(t, 401, got.status)
		assert.Equal(t, body, got.body)
		c.cred = rocketchat.Credentials{UserID: good.UserID, AuthToken: "other"}
		assert.Equal(t, 401, c.get("/api/v1/me").status)
		assert.Equal(t, 200, c.get("/api/info").status, "needs none")
	}
}

// The checks are made in the server's order: each request also has the next fault.
func TestOrderOfChecks(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithTwoFactor(), rocketchattest.WithRateLimit(2, time.Minute), rocketchattest.WithoutPermissions("delete-user"))
	c := call(t, fake)
	stranger := c
	stranger.cred.AuthToken = "x"
	assert.Equal(t, 401, stranger.post("/api/v1/users.delete", object{"zz": 1}).status)
	assert.Equal(t, 403, c.post("/api/v1/users.delete", object{"zz": 1}).status)

	bad := c.post("/api/v1/users.update", object{"userId": "", "zz": 1})
	assert.Equal(t, "must have required property 'data'", bad.error())
	assert.Empty(t, bad.header.Get("X-RateLimit-Limit"), "requests that the schema rejects are not counted")
	update := object{"userId": "nobody", "data": object{}}
	for remaining := range 2 {
		got := c.post("/api/v1/users.update", update)
		assert.Equal(t, "totp-required", got.body["errorType"])
		assert.Equal(t, []string{"1", "0"}[remaining], got.header.Get("X-RateLimit-Remaining"))
	}
	limited := c.send(http.MethodPost, "/api/v1/users.update", rocketchattest.TwoFactorCode, update)
	assert.Equal(t, 429, limited.status)
}

// Servers before 8.0 count a request first, and check the schema before the
// permission.
func TestOrderOfChecks_before8(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithServerVersion("7.x"), rocketchattest.WithRateLimit(2, time.Minute), rocketchattest.WithoutPermissions("delete-user"))
	c := call(t, fake)
	bad := c.post("/api/v1/users.delete", object{"zz": 1})
	assert.Equal(t, "invalid-params", bad.body["errorType"])
	assert.Equal(t, "1", bad.header.Get("X-RateLimit-Remaining"))
	assert.Equal(t, 403, c.post("/api/v1/users.delete", object{"userId": "x"}).status)
	assert.Equal(t, 429, c.post("/api/v1/users.delete", object{"zz": 1}).status)
}

func TestRoutes(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithBasePath("chat"))
	c := call(t, fake)
	assert.Equal(t, "https://rocketchat.test/chat", fake.BaseURL())
	got := c.get("/api/v1/users.register")
	assert.Equal(t, 404, got.status)
	assert.Equal(t, object{"success": false, "error": "Resource not found"}, got.body)
	assert.Equal(t, 404, c.get("/api/v1/users.create").status, "by another method")
	info := c.get("/api/info")
	assert.Equal(t, object{"success": true, "version": "8.7"}, info.body)
	assert.Equal(t, "no-store", info.header.Get("Cache-Control"))
	assert.NotEmpty(t, info.header.Get("Date"))
	assert.Equal(t, 400, c.get("/websocket").status)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://rocketchat.test/api/v1/me", http.NoBody)
	require.NoError(t, err)
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, 404, resp.StatusCode, "outside the base path")
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rocketchattest.New(t, rocketchattest.WithRateLimit(2, time.Minute))
		c := call(t, fake)
		began := time.Now()
		for range 2 {
			got := c.get("/api/v1/me")
			assert.Equal(t, 200, got.status)
			assert.Equal(t, "2", got.header.Get("X-RateLimit-Limit"))
		}
		time.Sleep(20500 * time.Millisecond)
		got := c.get("/api/v1/me")
		assert.Equal(t, 429, got.status)
		assert.Equal(t, "Error, too many requests. Please slow down. You must wait 40 seconds before trying this endpoint again. [error-too-many-requests]", got.error())
		assert.Empty(t, got.header.Get("Retry-After"))
		assert.NotContains(t, got.body, "errorType")
		assert.Equal(t, began.Add(time.Minute).UnixMilli(), func() (ms int64) { _ = json.Unmarshal([]byte(got.header.Get("X-RateLimit-Reset")), &ms); return ms }())
		assert.Equal(t, 200, c.get("/api/v1/users.list").status, "each route has its own")
		for range 5 {
			assert.Equal(t, 200, c.post("/api/v1/users.setStatus", object{"status": "away"}).status)
		}
		assert.Equal(t, 429, c.post("/api/v1/users.setStatus", object{"status": "away"}).status)
		time.Sleep(time.Minute)
		assert.Equal(t, 200, c.get("/api/v1/me").status)
	})
}

// What a client makes of the header's other forms, it can be shown.
func TestRateLimit_reset(t *testing.T) {
	now := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for reset, want := range map[rocketchattest.RateLimitReset]int64{
		rocketchattest.ResetMilliseconds: now.Add(time.Minute).UnixMilli(),
		rocketchattest.ResetSeconds:      now.Add(time.Minute).Unix(),
		rocketchattest.ResetPast:         now.Add(-time.Minute).UnixMilli(),
	} {
		fake := rocketchattest.New(t, rocketchattest.WithRateLimit(1, time.Minute), rocketchattest.WithRateLimitReset(reset),
			rocketchattest.WithClock(func() time.Time { return now }))
		assert.Equal(t, fmt.Sprint(want), call(t, fake).get("/api/v1/me").header.Get("X-RateLimit-Reset"))
	}
	old := call(t, rocketchattest.New(t, rocketchattest.WithRateLimit(1, time.Minute), rocketchattest.WithServerVersion("6.x")))
	old.get("/api/v1/me")
	assert.Equal(t, "error-too-many-requests", old.get("/api/v1/me").body["errorType"])
}

func TestTwoFactor(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithTwoFactor(), rocketchattest.WithServerVersion("8.6"))
	c := call(t, fake)
	created := c.post("/api/v1/users.create", ada())
	assert.Equal(t, 200, created.status, "guarded since 8.7")
	update := object{"userId": created.user()["_id"], "data": object{"name": "x"}}
	got := c.post("/api/v1/users.update", update)
	assert.Equal(t, 400, got.status)
	assert.Equal(t, "TOTP Required [totp-required]", got.error())
	assert.Equal(t, object{"method": "totp", "codeGenerated": false, "availableMethods": []any{"totp"}}, got.body["details"])
	assert.Equal(t, "totp-invalid", c.send(http.MethodPost, "/api/v1/users.update", "000000", update).body["errorType"])
	assert.Equal(t, 200, c.send(http.MethodPost, "/api/v1/users.update", rocketchattest.TwoFactorCode, update).status)
	for bypasses, status := range map[bool]int{true: 200, false: 400} {
		c.cred = fake.PersonalAccessToken(bypasses)
		assert.Equal(t, status, c.post("/api/v1/users.update", update).status)
	}
}

// recorder is a TB that records failures.
type recorder struct {
	messembedtest.TB
	problems []string
}

func (r *recorder) FailNow() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.problems = append(r.problems, fmt.Sprintf(format, args...))
}

// GetPresence reads the user.
func TestFaults_getPresence(t *testing.T) {
	fake := rocketchattest.New(t)
	id := fake.AddUser(messembed.User{})
	fake.FailNext(messembedtest.Fault{Op: "GetPresence", Status: http.StatusForbidden})
	_, err := fake.Client(t).GetPresence(t.Context(), id)
	require.ErrorIs(t, err, messembed.ErrPermissionDenied)
}
