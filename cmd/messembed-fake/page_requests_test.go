package main

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestPage_listsRequests(t *testing.T) {
	url := startFake(t)
	client, ctx := clientOf(t, url), t.Context()
	id := messembed.WithRequestID // a random one may contain a word that is searched for
	send(t, url, "faults/arm", `{"op":"CreateUser","kind":"status","status":503,"times":2}`)
	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada", "born": 1815}}, id("first")) // 1 to 3
	require.NoError(t, err)
	_, err = client.GetUser(ctx, "nobody", id("second")) // 4
	require.ErrorIs(t, err, messembed.ErrNotFound)
	require.NoError(t, client.Ping(ctx, id("third")))                                                    // 5
	ask(t, "GET", url+"/nowhere", "")                                                                    // 6
	ask(t, "POST", url+"/admin-api/users", `{"id":"Ren\u00e9","externalMetadata":{"k":["Ren\u00e9e"]}}`) // 7

	for query, want := range map[string][]int{
		"":                         {7, 6, 5, 4, 3, 2, 1},
		"op=CreateUser":            {7, 3, 2, 1},
		"op=-":                     {6},
		"status=2xx":               {5, 3},
		"status=4xx":               {7, 6, 4},
		"status=5xx":               {2, 1},
		"status=fault":             {2, 1},
		"status=none":              {},
		"op=CreateUser&status=2xx": {3},
		"q=ADA":                    {3, 2, 1},
		"q=1815":                   {3, 2, 1},
		"q=ada+503":                {2, 1},
		"q=born":                   {}, // a key
		"q=externalMetadata":       {},
		"q=getuser":                {4},
		"q=third":                  {5}, // the request's id
		"q=ren%C3%A9e":             {7}, // escaped in the body
		"q=renee":                  {},
		"upTo=2":                   {2, 1},
		"offset=5":                 {2, 1},
		"offset=7":                 {},
	} {
		t.Run(query, func(t *testing.T) {
			shown := show[shownRequests](t, url, "requests?"+query)
			numbers := []int{}
			for _, r := range shown.Requests {
				numbers = append(numbers, r.Number)
			}
			assert.Equal(t, want, numbers)
			assert.Equal(t, 7, shown.Newest)
			assert.Equal(t, 1, shown.Oldest)
			if !strings.Contains(query, "offset") {
				assert.Equal(t, len(want), shown.Matching)
			}
		})
	}
	attempts := []int{}
	for _, r := range show[shownRequests](t, url, "requests").Requests {
		attempts = append(attempts, r.Attempt)
	}
	assert.Equal(t, []int{0, 0, 1, 1, 3, 2, 1}, attempts)
	assert.Equal(t, 3, show[shownRequests](t, url, "requests?status=2xx").Requests[1].Attempt, "although the others are not shown")
}

// All users and all requests can be reached, in pages.
func TestPage_pages(t *testing.T) {
	url := startFake(t)
	const many = 2*pageSize + 1
	for i := range many {
		ask(t, "POST", url+"/admin-api/users", fmt.Sprintf(`{"id":"%d"}`, i), "Authorization", basic, "Content-Type", "application/json")
	}
	seen := map[string]bool{}
	for offset := 0; offset < many; offset += pageSize {
		users := show[shownUsers](t, url, fmt.Sprint("users?offset=", offset))
		requests := show[shownRequests](t, url, fmt.Sprint("requests?offset=", offset))
		assert.Equal(t, many, users.Matching)
		assert.Equal(t, many, requests.Matching)
		assert.Len(t, requests.Requests, len(users.Users))
		for i, user := range users.Users {
			seen[user.ID] = true
			assert.Equal(t, fmt.Sprint(many-1-offset-i), user.ID, "the newest first")
			assert.Equal(t, many-offset-i, requests.Requests[i].Number)
		}
	}
	assert.Len(t, seen, many)
}

// basic is the header of the password of startFake.
var basic = "Basic " + base64.StdEncoding.EncodeToString([]byte("admin:canary-password"))

func TestPage_showsRequestsWhole(t *testing.T) {
	url := startFake(t)
	const body = `{"id":"ada","externalMetadata":{"n":12345678901234567890,"b":1,"a":2}}`
	ask(t, "POST", url+"/admin-api/users?x=%20", body, "Content-Type", "application/json", "User-Agent", "test")
	ask(t, "POST", url+"/admin-api/users", "\xff\xfe")
	ask(t, "POST", url+"/admin-api/users", `"`+strings.Repeat("é", maxShownBody)+`"`)
	ask(t, "GET", url+"/users/"+strings.Repeat("x", 5000), "")

	whole := show[wholeRequest](t, url, "request?number=1")
	assert.Equal(t, "/admin-api/users?x=%20", whole.Target)
	assert.Equal(t, "CreateUser", whole.Op)
	assert.Contains(t, whole.Body, `    "n": 12345678901234567890,`+"\n"+`    "b": 1,`, "as it was sent")
	assert.Contains(t, whole.Header, [2]string{"User-Agent", "test"})
	assert.Equal(t, len(body), whole.Size)
	assert.Equal(t, "not text", show[wholeRequest](t, url, "request?number=2").Note)
	long := show[wholeRequest](t, url, "request?number=3")
	assert.Equal(t, "truncated", long.Note)
	assert.Less(t, len(long.Body), maxShownBody+8)
	long = show[wholeRequest](t, url, "request?number=4")
	assert.Less(t, len(long.Path), maxShownPath+8)
	assert.Len(t, long.Target, len("/users/")+5000)
	resp, answer := ask(t, "GET", url+apiPath+"request?number=5", "")
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
	assert.Contains(t, answer, "no longer available")
}

func TestPage_showsAnswers(t *testing.T) {
	url := startFake(t)
	client, ctx := clientOf(t, url), t.Context()
	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"}) // 1
	require.NoError(t, err)
	token, err := client.CreateAccessToken(ctx, "ada") // 2
	require.NoError(t, err)
	send(t, url, "faults/preset", `{"name":"lost"}`)
	require.NoError(t, client.Ping(ctx)) // 3, 4
	for i := range 300 {
		send(t, url, "users/add", fmt.Sprintf(`{"id":"%d","name":"%s"}`, i, strings.Repeat("é", 200)))
	}
	_, err = client.ListUsers(ctx, messembed.ListUsersParams{}) // 5
	require.NoError(t, err)

	created := show[wholeRequest](t, url, "request?number=1").Answer
	assert.Equal(t, "Created", created.Text)
	assert.Contains(t, created.Body, "{\n  \"_id\": \"ada\",", "indented")
	assert.Contains(t, created.Header, [2]string{"Content-Type", "application/json; charset=utf-8"})
	minted := show[wholeRequest](t, url, "request?number=2").Answer
	assert.Empty(t, minted.Body)
	assert.Equal(t, "not kept: it holds a token", minted.Note)
	assert.Greater(t, minted.Size, len(token.AccessToken))
	assert.Nil(t, show[wholeRequest](t, url, "request?number=3").Answer, "lost")
	assert.Equal(t, "pong", show[wholeRequest](t, url, "request?number=4").Answer.Body)
	list := show[wholeRequest](t, url, "request?number=5").Answer
	assert.Equal(t, "truncated", list.Note)
	assert.Greater(t, list.Size, len(list.Body))
	assert.NotContains(t, list.Body, "\uFFFD", "not within a character")
}

// A copied command sends the same request again, with the credentials from the
// environment.
func TestCurl(t *testing.T) {
	const nasty = `it's "quoted" $HOME \ back'`
	for name, test := range map[string]struct {
		request messembedtest.Request
		want    []string
	}{
		"a read": {
			messembedtest.Request{Method: "GET", Path: "/users/a%2Fb", Header: http.Header{"User-Agent": {"x"}, "X-Request-Id": {"y"}}},
			[]string{"-i", "http://f:1/users/a%2Fb"},
		},
		"a browser's": {
			messembedtest.Request{Method: "GET", Path: "/ping", Header: http.Header{
				"Accept": {"*/*"}, "Accept-Encoding": {"br"}, "Accept-Language": {"en"}, "Cache-Control": {"no-cache"}, "Dnt": {"1"}, "Origin": {"http://app"}, "Pragma": {"no-cache"},
				"Priority": {"u=1"}, "Referer": {"http://app/"}, "Sec-Ch-Ua": {`"x"`}, "Sec-Fetch-Mode": {"cors"}, "Upgrade-Insecure-Requests": {"1"},
			}},
			[]string{"-i", "http://f:1/ping", "-H", "Accept: */*", "-H", "Origin: http://app"},
		},
		"an administrator's": {
			messembedtest.Request{Method: "POST", Path: "/p/admin-api/users", Query: "a=b&c", Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"id":"it's"}`)},
			[]string{"-i", "http://f:1/p/admin-api/users?a=b&c", "-X", "POST", "-u", "admin:pass word", "-H", "Content-Type: application/json", "--data-binary", `{"id":"it's"}`},
		},
		"a user's": {
			messembedtest.Request{Method: "GET", Path: "/p/user", Header: http.Header{"Cookie": {"no"}, "X-Gateway-Key": {"no"}}},
			[]string{"-i", "http://f:1/p/user", "-H", "Authorization: Bearer a token", "-H", "Cookie: a cookie", "-H", "X-Gateway-Key: a key"},
		},
		"live": {
			messembedtest.Request{Method: "GET", Path: "/p/socket.io/", Query: "EIO=3&username=&password=&x='"},
			[]string{"-i", "http://f:1/p/socket.io/?EIO=3&username=admin&password=pass word&x='"},
		},
		"only the head":   {messembedtest.Request{Method: "HEAD", Path: "/"}, []string{"-i", "http://f:1/", "--head"}},
		"nothing to send": {messembedtest.Request{Method: "DELETE", Path: "/p/admin-api/users/1"}, []string{"-i", "http://f:1/p/admin-api/users/1", "-X", "DELETE", "-u", "admin:pass word"}},
		"what shells read": {
			messembedtest.Request{Method: nasty, Path: "/" + nasty, Header: http.Header{"Accept": {nasty}}, Body: []byte(nasty + "\n")},
			[]string{"-i", "http://f:1/" + nasty, "-X", nasty, "-H", "Accept: " + nasty, "--data-binary", nasty + "\n"},
		},
		"not text": {messembedtest.Request{Method: "POST", Path: "/", Body: []byte{0xff}}, []string{"-i", "http://f:1/", "-X", "POST", "--data-binary", "@body"}},
	} {
		t.Run(name, func(t *testing.T) {
			command := curl("http://f:1", "/p", &messembedtest.LoggedRequest{Request: test.request})
			assert.Equal(t, test.want, arguments(t, command), command)
		})
	}
	assert.Empty(t, curl("http://f:1", "", &messembedtest.LoggedRequest{Request: messembedtest.Request{Header: http.Header{"Upgrade": {"websocket"}}}}))
}

// arguments lets a shell read a command and returns what curl would be given.
func arguments(t *testing.T, command string) []string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no POSIX shell on this machine")
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "curl"), []byte("#!"+shell+"\nprintf '%s\\0' \"$@\"\n"), 0o700))
	cmd := exec.Command(shell, "-c", command)
	cmd.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"),
		"MESSEMBED_PASSWORD=pass word", "ACCESS_TOKEN=a token", "COOKIE=a cookie", "X_GATEWAY_KEY=a key")
	out, err := cmd.Output()
	require.NoError(t, err, command)
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}
