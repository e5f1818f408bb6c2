package messembedtest_test

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The parallel tests wait and do not compute: a few processors suffice for all.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "16")
	goleak.VerifyTestMain(m)
}

// send sends a request to the fake in memory, with its password, and returns
// the response and its body.
func send(t *testing.T, fake *messembedtest.Server, method, path, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, fake.BaseURL()+path, strings.NewReader(body))
	require.NoError(t, err)
	r.SetBasicAuth(fake.Credentials())
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(data)
}

// recorder is a TB that records failures.
type recorder struct {
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (*recorder) Helper()            {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) FailNow()         { r.Errorf("FailNow") }
func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func TestServer_misuse(t *testing.T) {
	tb := &recorder{}
	fake := messembedtest.New(tb)
	fake.FailNext(messembedtest.Fault{Op: "CreateUsers"})
	fake.FailRandomly(0.5, 1, messembedtest.Fault{Op: "createUser"})
	fake.FailRandomly(0, 1)
	fake.AddUser(messembed.User{ID: "x", ExternalMetadata: messembed.Metadata{"f": func() {}}})
	fake.AddUser(messembed.User{ID: "y", ExternalMetadata: messembed.Metadata{"a\x00": 1}})
	fake.AddChat(messembed.Chat{FirstCompanion: &messembed.User{ID: "nobody"}, SecondCompanion: &messembed.User{ID: "x"}})
	fake.Client(tb, messembed.WithTimeout(-time.Second))
	fake.AddMessage(messembed.Message{ChatID: "nowhere", UserID: "x", ExternalMetadata: messembed.Metadata{"f": func() {}}})
	fake.AddMessage(messembed.Message{ChatID: "nowhere", UserID: "x"})

	require.Len(t, tb.failures, 14)
	assert.Contains(t, tb.failures[0], `"CreateUsers" is not an operation`)
	assert.Contains(t, tb.failures[2], `AddUser "x": metadata`)
	assert.Contains(t, tb.failures[8], "making a client")
	assert.Contains(t, tb.failures[10], "AddMessage: attachments and metadata")
	assert.Contains(t, tb.failures[12], "AddMessage: ChatID must be a chat")
	assert.Empty(t, fake.Users(), "invalid users are not stored")
	assert.Len(t, tb.cleanups, 1)
}

func TestNew_misuse(t *testing.T) {
	for name, opt := range map[string]messembedtest.Option{
		"option 1 of New":       nil,
		"WithCredentials":       messembedtest.WithCredentials("", "x"),
		"WithJWTSecret":         messembedtest.WithJWTSecret(nil),
		"WithClock":             messembedtest.WithClock(nil),
		"WithPingInterval":      messembedtest.WithPingInterval(time.Second, 0),
		"WithClientCredentials": messembedtest.WithClientCredentials("x", ""),
	} {
		tb := &recorder{}
		fake := messembedtest.New(tb, opt)
		assert.Equal(t, []string{"messembedtest: " + name + ": must not be empty", "FailNow"}, tb.failures)
		resp, _ := send(t, fake, "GET", "/admin-api/users", "")
		assert.Equal(t, 200, resp.StatusCode, "as without the option")
	}
	tb := &recorder{}
	fake := messembedtest.New(tb, messembedtest.WithBasePath("a/b/"))
	assert.Equal(t, "https://messembed.test/a/b", fake.BaseURL())
	fake.AddUser(messembed.User{})
	assert.Equal(t, []string{"messembedtest: AddUser: ID: must not be empty", "FailNow"}, tb.failures)
	assert.Empty(t, fake.Users())
}

// Every operation of the table can be reached and identified by its name, in
// the log and in faults.
func TestRoutes(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute())
	operations := map[string]bool{}
	for _, op := range messembed.Operations(fake.Client(t)) {
		operations[op.Name] = true
	}
	for _, route := range fake.Routes() {
		delete(operations, route.Op)
		path := strings.NewReplacer(":userId", "ada", ":chatIdOrCompanionsIds", "a:b", ":chatId", strings.Repeat("f", 24)).Replace(route.Path)
		fake.FailNext(messembedtest.Fault{Op: route.Op, Status: 599})
		resp, _ := send(t, fake, route.Method, path, "")
		assert.Equal(t, 599, resp.StatusCode, route)
		resp, body := send(t, fake, route.Method, path, "{}")
		assert.NotContains(t, body, "Cannot "+route.Method, route)
		assert.NotEqual(t, 599, resp.StatusCode)
		log := fake.Requests()
		assert.Equal(t, route.Op, log[len(log)-1].Op)
	}
	assert.Empty(t, operations, "without a route")
}

func TestDeleteRoute(t *testing.T) {
	without := messembedtest.New(t)
	without.AddUser(messembed.User{ID: "ada"})
	resp, body := send(t, without, "DELETE", "/admin-api/users/ada", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.JSONEq(t, `{"statusCode":404,"message":"Cannot DELETE /admin-api/users/ada","error":"Not Found"}`, body)
	assert.Equal(t, "DeleteUser", without.Requests()[0].Op)
	assert.Len(t, without.Users(), 1)

	with := messembedtest.New(t, messembedtest.WithDeleteRoute())
	for _, id := range []string{"ada", "bob", "cy"} {
		with.AddUser(messembed.User{ID: id})
	}
	resp, body = send(t, with, "DELETE", "/admin-api/users/bob", "")
	assert.Equal(t, 200, resp.StatusCode)
	assert.Contains(t, body, `"_id":"bob"`)
	resp, body = send(t, with, "DELETE", "/admin-api/users/bob", "")
	assert.Equal(t, 404, resp.StatusCode)
	assert.JSONEq(t, `{"statusCode":404,"code":"USER_NOT_FOUND"}`, body)
	send(t, with, "PATCH", "/admin-api/users/cy", `{"externalMetadata":{"a":1}}`)
	resp, body = send(t, with, "GET", "/admin-api/users", "")
	assert.Equal(t, 200, resp.StatusCode)
	assert.Regexp(t, `^\{"totalCount":2,"data":\[\{"_id":"ada".*"_id":"cy".*"externalMetadata":\{"a":1\}\}\]\}$`, body)
	resp, _ = send(t, with, "POST", "/admin-api/users", `{"id":"bob"}`)
	assert.Equal(t, 201, resp.StatusCode, "the id is available again")
}

func TestWithBasePath(t *testing.T) {
	for _, path := range []string{"/api/messembed", "api/messembed/", "//api/messembed"} {
		fake := messembedtest.New(t, messembedtest.WithBasePath(path))
		assert.True(t, strings.HasSuffix(fake.BaseURL(), "/api/messembed"))
		assert.Equal(t, "/api/messembed", fake.Inspect().BasePath())
		assert.True(t, strings.HasSuffix(fake.URL(), "/api/messembed"))
		resp, body := send(t, fake, "GET", "/nope?x=1", "")
		assert.Equal(t, 404, resp.StatusCode)
		assert.Contains(t, body, "Cannot GET /nope?x=1", "the server behind the proxy does not see the base path")
		resp, _ = send(t, fake, "GET", "", "")
		assert.Equal(t, "application/json; charset=utf-8", resp.Header.Get("Content-Type"))
		resp, body = send(t, fake, "GET", "-else/ping", "")
		assert.Equal(t, 404, resp.StatusCode)
		assert.Equal(t, "404 page not found\n", body)
		assert.Equal(t, "/api/messembed/nope", fake.Requests()[0].Path)

		require.NoError(t, fake.Client(t).CheckCredentials(t.Context()))
		client, err := messembed.New(fake.URL(), messembed.WithBasicAuth(fake.Credentials()))
		require.NoError(t, err)
		require.NoError(t, client.CheckCredentials(t.Context()))
		client.CloseIdleConnections()
	}
}

func TestHeaders(t *testing.T) {
	now := time.Date(2026, 11, 21, 19, 52, 34, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return now }))
	want := map[string]string{
		"X-Powered-By": "Express", "Access-Control-Allow-Origin": "*", "Date": "Sat, 21 Nov 2026 19:52:34 GMT",
		"Content-Type": "text/html; charset=utf-8", "Content-Length": "4", "Etag": `W/"4-DlFKBmK8tp3IY5U9HOJuPUDoGoc"`,
	}
	resp, _ := send(t, fake, "GET", "/ping", "")
	assert.Len(t, resp.Header, len(want))
	for name, value := range want {
		assert.Equal(t, value, resp.Header.Get(name), name)
	}

	// A response over a connection has more headers.
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.URL()+"/ping", nil)
	require.NoError(t, err)
	resp, err = transport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, "keep-alive", resp.Header.Get("Connection"))
	assert.Equal(t, "timeout=5", resp.Header.Get("Keep-Alive"))
	assert.Equal(t, want["Date"], resp.Header.Get("Date"))
	r.Close = true
	resp, err = transport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Empty(t, resp.Header.Get("Keep-Alive"))
}

func TestLimits(t *testing.T) {
	fake := messembedtest.New(t)
	body := func(size int) string {
		return `{"id":"big","x":"` + strings.Repeat("x", size-len(`{"id":"big","x":""}`)) + `"}`
	}
	resp, _ := send(t, fake, "POST", "/admin-api/users", body(102_401))
	assert.Equal(t, 500, resp.StatusCode)
	resp, _ = send(t, fake, "POST", "/admin-api/users", body(102_400))
	assert.Equal(t, 201, resp.StatusCode)
	resp, _ = send(t, fake, "GET", "/users/"+strings.Repeat("x", 5000), "")
	assert.Equal(t, 404, resp.StatusCode)
	resp, got := send(t, fake, "GET", "/users/"+strings.Repeat("x", 17_000), "")
	assert.Equal(t, 431, resp.StatusCode)
	assert.Empty(t, got)
	assert.Equal(t, http.Header{"Connection": {"close"}}, withoutNil(resp.Header))
	resp, _ = send(t, fake, "GET", "/ping", "", "X-Long", strings.Repeat("x", 17_000))
	assert.Equal(t, 431, resp.StatusCode)

	for name, pairs := range map[int]int{404: 1000, 500: 1001} {
		form := strings.TrimSuffix(strings.Repeat("a=1&", pairs), "&")
		resp, _ = send(t, fake, "POST", "/nope", form, "Content-Type", "application/x-www-form-urlencoded")
		assert.Equal(t, name, resp.StatusCode)
	}
	deep := func(levels int) string {
		return fmt.Sprintf(`{"id":"deep%d","externalMetadata":%s}`, levels, strings.Repeat(`{"a":`, levels-1)+"1"+strings.Repeat("}", levels-1))
	}
	resp, _ = send(t, fake, "POST", "/admin-api/users", deep(180))
	assert.Equal(t, 201, resp.StatusCode)
	resp, _ = send(t, fake, "POST", "/admin-api/users", deep(181))
	assert.Equal(t, 500, resp.StatusCode)
}

func withoutNil(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		if values != nil {
			out[name] = values
		}
	}
	return out
}

func TestFrontEndRoutes(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "ada"})
	token, err := fake.Client(t).CreateAccessToken(t.Context(), "ada")
	require.NoError(t, err)
	for _, path := range []string{"/user/personal-chats", "/updates", "/chats/x/messages"} {
		resp, _ := send(t, fake, "GET", path, "")
		assert.Equal(t, 401, resp.StatusCode)
		resp, body := send(t, fake, "GET", path, "", "Authorization", "Bearer "+token.AccessToken)
		assert.Equal(t, 501, resp.StatusCode)
		assert.Contains(t, body, "messembedtest does not fake this front-end route")
	}
}

// A user marked as deleted can only be used for minting tokens.
func TestAddUser_deleted(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "gone", DeletedAt: time.Now(), UpdatedAt: time.Now()})
	for _, request := range [][2]string{{"GET", "/users/gone"}, {"PATCH", "/admin-api/users/gone"}} {
		resp, _ := send(t, fake, request[0], request[1], "")
		assert.Equal(t, 404, resp.StatusCode)
	}
	resp, _ := send(t, fake, "POST", "/admin-api/users", `{"id":"gone"}`)
	assert.Equal(t, 409, resp.StatusCode)
	_, body := send(t, fake, "GET", "/admin-api/users", "")
	assert.JSONEq(t, `{"totalCount":0,"data":[]}`, body)
	resp, _ = send(t, fake, "POST", "/admin-api/users/gone/access-tokens", "")
	assert.Equal(t, 201, resp.StatusCode)
}

func TestConcurrentCreates(t *testing.T) {
	fake := messembedtest.New(t)
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	var all sync.WaitGroup
	statuses := make(chan int, 64)
	for i := range 64 {
		all.Go(func() {
			resp, _ := send(t, fake, "POST", "/admin-api/users", `{"id":"u`+strconv.Itoa(i%4)+`"}`)
			statuses <- resp.StatusCode
		})
	}
	all.Wait()
	close(statuses)
	count := map[int]int{}
	for status := range statuses {
		count[status]++
	}
	assert.Equal(t, map[int]int{201: 4, 409: 60}, count)
	assert.Len(t, fake.Users(), 4)
}

func TestClose(t *testing.T) {
	tb := &recorder{}
	fake := messembedtest.New(tb)
	url := fake.URL()
	again, err := fake.Listen("127.0.0.1:0")
	require.NoError(t, err)
	assert.Equal(t, url, again)
	for _, cleanup := range tb.cleanups {
		cleanup()
	}
	client, err := messembed.New(url, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	require.ErrorIs(t, client.Ping(t.Context()), messembed.ErrUnavailable)
	assert.Empty(t, tb.failures)
}

func TestClient_credentialsOfTheCallers(t *testing.T) {
	for name, opts := range map[string][]messembedtest.Option{
		"password": nil, "gateway": {messembedtest.WithClientCredentials("id", "secret")},
	} {
		t.Run(name, func(t *testing.T) {
			fake := messembedtest.New(t, opts...)
			require.NoError(t, fake.Client(t).CheckCredentials(t.Context()))
			client := fake.Client(t, messembed.WithBasicAuth("admin", "wrong"))
			require.ErrorIs(t, client.CheckCredentials(t.Context()), messembed.ErrUnauthenticated)
		})
	}
}
