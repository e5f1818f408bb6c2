package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// ask sends a request unchanged and follows no redirect.
func ask(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(answer)
}

// send sends a form as the page does.
func send(t *testing.T, url, path, form string) (int, string) {
	t.Helper()
	resp, answer := ask(t, "POST", url+apiPath+path, form, "Content-Type", "application/json")
	return resp.StatusCode, strings.TrimSpace(answer)
}

// show requests what the page shows.
func show[T any](t *testing.T, url, path string) T {
	t.Helper()
	resp, answer := ask(t, "GET", url+apiPath+path, "")
	require.Equal(t, http.StatusOK, resp.StatusCode, answer)
	var v T
	require.NoError(t, json.Unmarshal([]byte(answer), &v))
	return v
}

func TestPage_isInNobodysWay(t *testing.T) {
	plain := messembedtest.New(t, messembedtest.WithBasePath("/p"))
	for base, without := range map[string]string{"": messembedtest.New(t).URL(), "/p": strings.TrimSuffix(plain.URL(), "/p")} {
		with := strings.TrimSuffix(startFake(t, "-base-path", base), base)
		for _, target := range []string{
			"GET /", "GET /ping", "GET /unknown", "POST /", "OPTIONS /", "GET /_fak", "GET /_fakes/", "GET /_FAKE/", "GET /%5ffake/", "GET //_fake/",
			"GET /x/../_fake/", "GET /_fake?x", "GET /users/_fake", "GET /users/%zz", "GET /p/_fake/", "GET /p/users/..", "DELETE /_fake%2f", "GET /api/live",
		} {
			t.Run(base+" "+target, func(t *testing.T) {
				assert.Equal(t, exchange(t, without, target), exchange(t, with, target))
			})
		}
	}
}

var dateHeader = regexp.MustCompile(`(?m)^Date: .*\r\n`)

// exchange sends a request line and returns the whole response, except the time.
func exchange(t *testing.T, url, target string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: fake.test\r\nConnection: close\r\n\r\n", target)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.NotEmpty(t, answer)
	return dateHeader.ReplaceAllString(string(answer), "")
}

func TestPage_isServed(t *testing.T) {
	for _, base := range []string{"", "/api/messembed"} {
		url := strings.TrimSuffix(startFake(t, "-base-path", base), base)
		resp, html := ask(t, "GET", url+pagePath, "")
		assert.Equal(t, http.StatusOK, resp.StatusCode)
		assert.Contains(t, html, "<title>messembed-fake</title>")
		assert.Contains(t, resp.Header.Get("Content-Security-Policy"), "default-src 'none'")
		assert.Empty(t, resp.Header.Values("Access-Control-Allow-Origin"))

		for _, bare := range []string{"", "/"} {
			resp, _ = ask(t, "GET", url+base+bare, "", "Accept", "text/html,*/*;q=0.8")
			assert.Equal(t, http.StatusFound, resp.StatusCode, "a browser is led to the page")
			assert.Equal(t, pagePath, resp.Header.Get("Location"))
		}
		resp, _ = ask(t, "GET", url+"/_fake", "")
		assert.Equal(t, pagePath, resp.Header.Get("Location"))
		assert.Equal(t, base, show[aboutFake](t, url, "about").BasePath)
	}
	for _, base := range []string{"", "/p"} {
		url := strings.TrimSuffix(startFake(t, "-base-path", base), base)
		resp, _ := ask(t, "GET", url+"/", "", "Accept", "text/html,application/xhtml+xml")
		assert.Equal(t, pagePath, resp.Header.Get("Location"), "a person is led to the page")
		resp, _ = ask(t, "GET", url+"/", "", "Accept", "application/json, */*")
		assert.Equal(t, http.StatusNotFound, resp.StatusCode, "a program is not")
	}
	url := strings.TrimSuffix(startFake(t, "-base-path", "/_fake"), "/_fake")
	_, answer := ask(t, "GET", url+"/_fake/ping", "")
	assert.Equal(t, "pong", answer, "where the service lies there, the page does not")
}

// The page is self-contained: it loads nothing from other hosts.
func TestPage_isWhole(t *testing.T) {
	foreign := regexp.MustCompile(`(?:src|href|action|url|import|from)[=(\s"']+(?:https?:)?//`)
	require.NoError(t, fs.WalkDir(pageFiles, "page", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := pageFiles.ReadFile(name)
		assert.NotRegexp(t, foreign, string(data), name)
		assert.NotContains(t, string(data), "innerHTML", name)
		return err
	}))
}

func TestPage_refusesOtherSites(t *testing.T) {
	url := startFake(t)
	json := []string{"Content-Type", "application/json"}
	for name, header := range map[string][]string{
		"another origin":       {"Origin", "https://evil.example"},
		"another port":         {"Origin", "http://127.0.0.1:1"},
		"a null origin":        {"Origin", "null"},
		"cross-site":           {"Sec-Fetch-Site", "cross-site"},
		"same-site":            {"Sec-Fetch-Site", "same-site"},
		"a name that rebinds":  {"Host", "evil.example", "Origin", "http://evil.example"},
		"a name with a port":   {"Host", "evil.example:3000"},
		"a name with a dot":    {"Host", "evil.example."},
		"a name like an ours":  {"Host", "127.0.0.1.evil.example"},
		"a form of HTML's own": {"Content-Type", "text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			all := append(append([]string(nil), json...), header...)
			resp, answer := ask(t, "POST", url+apiPath+"users/add", `{"id":"x"}`, all...)
			assert.Contains(t, []int{http.StatusForbidden, http.StatusUnsupportedMediaType}, resp.StatusCode, answer)
			assert.Empty(t, resp.Header.Values("Access-Control-Allow-Origin"))
			if header[0] != "Content-Type" {
				resp, _ = ask(t, "GET", url+apiPath+"live", "", header...)
				assert.Equal(t, http.StatusForbidden, resp.StatusCode)
			}
		})
	}
	resp, _ := ask(t, "OPTIONS", url+apiPath+"clear", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST")
	assert.Equal(t, http.StatusForbidden, resp.StatusCode)
	assert.Empty(t, resp.Header.Values("Access-Control-Allow-Origin"))
	assert.Empty(t, show[shownUsers](t, url, "users").Users)

	for name, header := range map[string][]string{
		"no browser":      {},
		"the page itself": {"Origin", url, "Sec-Fetch-Site", "same-origin"},
		"a container":     {"Host", "fake:3000", "Origin", "http://fake:3000", "Sec-Fetch-Site", "same-origin"},
		"IPv6":            {"Host", "[::1]:3000", "Origin", "http://[::1]:3000"},
		"a local name":    {"Host", "box.local", "Origin", "http://box.local"},
	} {
		resp, answer := ask(t, "POST", url+apiPath+"clear", `{}`, append(append([]string(nil), json...), header...)...)
		assert.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", name, answer)
	}
}

func TestPage_actions(t *testing.T) {
	url := startFake(t, "-base-path", "/p")
	client, root := clientOf(t, url), strings.TrimSuffix(url, "/p")
	ctx := t.Context()

	status, _ := send(t, root, "users/add", `{"id":"a/b ?%","name":"Ada","metadata":"{\"born\":1815}"}`)
	require.Equal(t, http.StatusOK, status)
	user, err := client.GetUser(ctx, "a/b ?%")
	require.NoError(t, err)
	assert.Equal(t, messembed.Metadata{"name": "Ada", "born": 1815.0}, user.ExternalMetadata)
	send(t, root, "users/add", `{"id":"grace"}`)

	status, opened := send(t, root, "chats/open", `{"first":"a/b ?%","second":"grace"}`)
	require.Equal(t, http.StatusOK, status)
	chats := show[shownChats](t, root, "chats").Chats
	require.Len(t, chats, 1)
	assert.Equal(t, "Ada", chats[0].First.Name)
	chat := chats[0].ID
	_, refused := send(t, root, "chats/open", `{"first":"grace","second":"a/b ?%"}`)
	assert.Equal(t, fmt.Sprintf(`{"error":"These users already have a chat. (CHAT_ALREADY_EXISTS)","chat":%q}`, chat), refused)
	assert.Equal(t, fmt.Sprintf(`{"id":%q}`, chat), opened)

	status, _ = send(t, root, "messages/send", fmt.Sprintf(`{"chat":%q,"user":"grace","content":"Hello."}`, chat))
	require.Equal(t, http.StatusOK, status)
	said, err := client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: chat})
	require.NoError(t, err)
	require.Len(t, said.Messages, 1)
	assert.Equal(t, "Hello.", said.Messages[0].Content)
	whole := show[shownChat](t, root, "chat?limit=1&id="+chat)
	assert.Equal(t, [2]int{1, 0}, whole.Unread)
	assert.Equal(t, 1, whole.Count)
	assert.Len(t, whole.Messages, 1)
	assert.Empty(t, show[shownChat](t, root, "chat?id="+chat).Messages)

	send(t, root, "users/block", `{"id":"grace","blocked":true}`)
	status, answer := send(t, root, "messages/send", fmt.Sprintf(`{"chat":%q,"user":"grace","content":"Hello?"}`, chat))
	assert.Equal(t, http.StatusUnauthorized, status)
	assert.Contains(t, answer, "BLOCK_STATUS_DOES_NOT_ALLOW")
	assert.Equal(t, "blocked", show[shownUsers](t, root, "users?q=grace").Users[0].State)
	send(t, root, "users/block", `{"id":"grace"}`)
	status, answer = send(t, root, "users/edit", `{"id":"a/b ?%","external":"{\"name\":\"Ada King\",\"born\":1815}","private":""}`)
	require.Equal(t, http.StatusOK, status, answer)
	user, err = client.GetUser(ctx, "a/b ?%")
	require.NoError(t, err)
	assert.Contains(t, string(user.Raw), `"externalMetadata":{"name":"Ada King","born":1815}`, "in the order of the form")
	assert.Contains(t, string(user.Raw), `"privateExternalMetadata":{}`)
	status, answer = send(t, root, "users/token", `{"id":"a/b ?%"}`)
	require.Equal(t, http.StatusOK, status)
	var minted struct{ AccessToken string }
	require.NoError(t, json.Unmarshal([]byte(answer), &minted))
	resp, answer := ask(t, "GET", url+"/user", "", "Authorization", "Bearer "+minted.AccessToken)
	assert.Equal(t, http.StatusOK, resp.StatusCode, answer)
	send(t, root, "chats/activate", fmt.Sprintf(`{"id":%q,"active":false}`, chat))
	_, answer = send(t, root, "messages/send", fmt.Sprintf(`{"chat":%q,"user":"grace","content":"Hello?"}`, chat))
	assert.Contains(t, answer, "CHAT_IS_INACTIVE")

	assert.Equal(t, 4, show[shownRequests](t, root, "requests").Matching, "what the page does is no request")

	// A user that the page deletes is deleted for the SDK.
	send(t, root, "users/add", `{"id":"left"}`)
	status, _ = send(t, root, "users/delete", `{"id":"left"}`)
	require.Equal(t, http.StatusOK, status)
	_, err = client.GetUser(ctx, "left")
	require.ErrorIs(t, err, messembed.ErrNotFound)
	assert.Equal(t, "deleted", show[shownUsers](t, root, "users?q=left").Users[0].State)

	status, _ = send(t, root, "users/token", `{"id":"left"}`)
	assert.Equal(t, http.StatusOK, status, "as the service does")

	status, _ = send(t, root, "clear", `{}`)
	require.Equal(t, http.StatusOK, status)
	state := liveOf(t, root).next()
	for kind, count := range state.Counts {
		assert.Zero(t, count.Count, kind)
	}
	resp, _ = ask(t, "GET", root+apiPath+"chat?id="+chat, "")
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
}

func TestPage_mistakes(t *testing.T) {
	url := startFake(t)
	send(t, url, "users/add", `{"id":"ada"}`)
	for form, want := range map[string]string{
		`users/add {}`:                                                                 `{"field":"id","error":"Enter an id."}`,
		`users/add {"id":"x","metadata":"[1]"}`:                                        `{"field":"metadata","error":"This must be a JSON object."}`,
		`users/add {"id":"x","metadata":"null"}`:                                       `{"field":"metadata","error":"This must be a JSON object."}`,
		`users/add {"id":"ada"}`:                                                       `{"error":"A user with this id already exists. (USER_ID_IS_NOT_UNIQUE)"}`,
		`users/add {"id":"x","metadata":"{\"$a\":1}"}`:                                 `{"field":"metadata","error":"This cannot be stored: the key \"$a\" has a dot or begins with $, which Messembed's database does not take."}`,
		`users/add {"id":"x","name":"Ada","metadata":"{\"name\":\"Bob\"}"}`:            `{"field":"name","error":"The metadata below has another name. Enter the name in one place."}`,
		`users/edit {"id":"ada","external":"{\"a\":[{\"b.c\":1}]}"}`:                   `{"field":"external","error":"This cannot be stored: the key \"b.c\" has a dot or begins with $, which Messembed's database does not take."}`,
		`users/edit {"id":"ada","external":"{}{}"}`:                                    `{"field":"external","error":"This must be a JSON object."}`,
		`users/edit {"id":"ada","private":"1"}`:                                        `{"field":"private","error":"This must be a JSON object."}`,
		`users/edit {"id":"bob"}`:                                                      `{"error":"No such user. (USER_NOT_FOUND)"}`,
		`users/delete {"id":"bob"}`:                                                    `{"error":"No such user. (USER_NOT_FOUND)"}`,
		`users/token {"id":"bob"}`:                                                     `{"error":"The service would respond Internal Server Error."}`,
		`chats/open {"first":"ada"}`:                                                   `{"field":"second","error":"A chat needs two users."}`,
		`chats/open {"first":"ada","second":"bob"}`:                                    `{"error":"No such user. (USER_NOT_FOUND)"}`,
		`messages/send {"chat":"nonsense","user":"ada","content":"x"}`:                 `{"error":"The service would respond Internal Server Error."}`,
		`messages/send {"chat":"x","user":"ada"}`:                                      `{"field":"content","error":"Enter a message."}`,
		`faults/arm {"kind":"reset","op":"Nothing","times":1}`:                         `{"field":"op","error":"No such operation."}`,
		`faults/arm {"kind":"reset"}`:                                                  `{"field":"times","error":"A fault can be armed 1 to 100 times."}`,
		`faults/arm {"kind":"reset","times":101}`:                                      `{"field":"times","error":"A fault can be armed 1 to 100 times."}`,
		`faults/arm {"kind":"reset","times":1,"delay":601}`:                            `{"field":"delay","error":"The delay must be 0 to 600 seconds."}`,
		`faults/arm {"kind":"slow","times":1}`:                                         `{"field":"delay","error":"Enter a delay."}`,
		`faults/arm {"kind":"status","status":101,"times":1}`:                          `{"field":"status","error":"The status must be 200 to 599 and allow a body."}`,
		`faults/arm {"kind":"status","status":204,"times":1}`:                          `{"field":"status","error":"The status must be 200 to 599 and allow a body."}`,
		`faults/arm {"kind":"status","status":503,"times":1,"retryAfter":"1\r\nX: y"}`: `{"field":"retryAfter","error":"This must be seconds or a date, such as 30 or Wed, 21 Oct 2026 07:28:00 GMT."}`,
		`faults/arm {"kind":"status","status":503,"times":1,"retryAfter":"soon"}`:      `{"field":"retryAfter","error":"This must be seconds or a date, such as 30 or Wed, 21 Oct 2026 07:28:00 GMT."}`,
		`faults/arm {"kind":"earthquake","times":1}`:                                   `{"field":"kind","error":"No such fault."}`,
	} {
		path, body, _ := strings.Cut(form, " ")
		status, answer := send(t, url, path, body)
		assert.GreaterOrEqual(t, status, 400, form)
		assert.Equal(t, want, answer, form)
	}
	status, _ := send(t, url, "users/add", `{"id":"`+strings.Repeat("x", maxForm)+`"}`)
	assert.Equal(t, http.StatusRequestEntityTooLarge, status)
	status, _ = send(t, url, "users/add", `nonsense`)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Empty(t, liveOf(t, url).next().Faults)
}

// No response of the page contains a secret.
func TestPage_keepsSecrets(t *testing.T) {
	url := startFake(t, "-jwt-secret", "canary-jwt-secret")
	client := clientOf(t, url)
	ctx := t.Context()
	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"})
	require.NoError(t, err)
	token, err := client.CreateAccessToken(ctx, "ada")
	require.NoError(t, err)
	ask(t, "GET", url+"/user", "", "Authorization", "Bearer "+token.AccessToken, "X-Gateway-Key", "canary-gateway", "Cookie", "canary-cookie")
	ask(t, "GET", url+"/socket.io/?EIO=3&transport=polling&username=admin&password=canary-password", "")

	require.Len(t, show[shownRequests](t, url, "requests").Requests, 4)
	var shown bytes.Buffer
	require.NoError(t, json.NewEncoder(&shown).Encode(liveOf(t, url).next()))
	for _, path := range []string{"about", "requests", "users", "chats", "tokens", "request?number=1", "request?number=2", "request?number=3", "request?number=4"} {
		_, answer := ask(t, "GET", url+apiPath+path, "")
		shown.WriteString(answer)
	}
	assert.Contains(t, shown.String(), "X-Gateway-Key")
	parts := strings.Split(token.AccessToken, ".")
	for _, secret := range []string{
		"canary", base64.StdEncoding.EncodeToString([]byte("admin:canary-password")), parts[0], parts[1], parts[2], parts[2][:8],
	} {
		assert.NotContains(t, shown.String(), secret)
	}
	tokens := show[shownTokens](t, url, "tokens").Tokens
	require.Len(t, tokens, 1)
	assert.Equal(t, "ada", tokens[0].User)
	assert.True(t, strings.HasSuffix(token.AccessToken, tokens[0].Ending))
	assert.Len(t, tokens[0].Ending, 6)
}
