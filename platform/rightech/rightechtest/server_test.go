package rightechtest_test

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
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ask sends a request to a fake without the SDK.
func ask(t *testing.T, fake *rightechtest.Server, method, path, body string) (int, string) {
	t.Helper()
	return askAs(t, fake, "Bearer "+fake.Credentials().Token, method, path, body)
}

func askAs(t *testing.T, fake *rightechtest.Server, authorization, method, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, fake.BaseURL()+path, strings.NewReader(body))
	require.NoError(t, err)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	resp, err := fake.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(answer)
}

const create = `{"role":"5c5061c11af9ac1100e8d55f","name":"Ada","email":"ada@example.com","login":"ada.l","password":"Analytical1"}`

func TestAnswers_areTheDocumentsOnes(t *testing.T) {
	now := time.UnixMilli(1781302873439)
	fake := rightechtest.New(t, rightechtest.WithClock(func() time.Time { return now }))
	status, answer := ask(t, fake, "POST", "/api/v1/users", create)
	assert.Equal(t, 200, status)
	const id = "6a2c86590000000000000001"
	assert.JSONEq(t, `{"_id":"`+id+`","role":"5c5061c11af9ac1100e8d55f","name":"Ada","email":"ada@example.com","login":"ada.l","rights":1.5,
		"messages":true,"access":["`+id+`"],"owner":"682dd754b0738b9392dffd7e","group":"62667930daacc00012016e92","time":1781302873439,"success":true}`, answer)

	_, answer = ask(t, fake, "GET", "/api/v1/users/"+id, "")
	assert.JSONEq(t, `{"_id":"`+id+`","login":"ada.l","name":"Ada","email":"ada@example.com","rights":1.5,"role":"5c5061c11af9ac1100e8d55f","messages":true,
		"group":"62667930daacc00012016e92","success":true}`, answer)
	_, answer = ask(t, fake, "GET", "/api/v1/users", "")
	assert.JSONEq(t, `[{"_id":"`+id+`","login":"ada.l","name":"Ada","email":"ada@example.com","rights":1.5,"role":"5c5061c11af9ac1100e8d55f","messages":true}]`, answer)

	now = now.Add(time.Second)
	_, answer = ask(t, fake, "PATCH", "/api/v1/users/"+id, `{"temp":true,"webDisabled":true,"messages":false,"email":"x@y"}`)
	var user map[string]any
	require.NoError(t, json.Unmarshal([]byte(answer), &user))
	assert.Equal(t, 1781302874439.0, user["_at"])
	assert.Equal(t, 1781302873439.0, user["time"])
	assert.Equal(t, []any{true, true, false}, []any{user["temp"], user["webDisabled"], user["messages"]})
	assert.Equal(t, "ada@example.com", user["email"])

	status, answer = ask(t, fake, "DELETE", "/api/v1/users/"+id, "")
	assert.Equal(t, 200, status)
	assert.JSONEq(t, `{"success":true}`, answer)
	status, answer = ask(t, fake, "GET", "/api/v1/users/"+id, "")
	assert.Equal(t, 404, status)
	assert.JSONEq(t, `{"success":false,"name":"RicError","code":"404","message":"Not Found","tags":["error_not_found","error_users"],"codes":["error_not_found","error_users"]}`, answer)
}

// What cannot be settled, or differs between Rightech's products, can be switched.
func TestGuesses(t *testing.T) {
	const notFound = `{"success":false,"name":"RicError","code":404,"message":"Not Found","tags":["error_not_found","error_users"],"codes":["error_not_found","error_users"]}`
	fake := rightechtest.New(t, rightechtest.WithNumericCodes(), rightechtest.WithWrappedObjects(), rightechtest.WithIgnoredOffset())
	_, answer := ask(t, fake, "GET", "/api/v1/users/x", "")
	assert.JSONEq(t, notFound, answer)
	fake.FailNext(fakeserver.Fault{Op: "GetUser", Status: 500})
	_, answer = ask(t, fake, "GET", "/api/v1/users/x", "")
	assert.Contains(t, answer, `"code":500`)

	_, answer = ask(t, fake, "POST", "/api/v1/users", create)
	var objects []map[string]any
	require.NoError(t, json.Unmarshal([]byte(answer), &objects))
	require.Len(t, objects, 1)
	assert.Equal(t, "ada.l", objects[0]["login"])

	_, answer = ask(t, fake, "GET", "/api/v1/users?limit=1&offset=5", "")
	assert.Contains(t, answer, `"login":"ada.l"`)
}

func TestRequests_thatTheServiceRefuses(t *testing.T) {
	fake := rightechtest.New(t)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "taken", Emails: []messembed.Email{{Address: "taken@example.com"}}}})
	id := fake.AddUser(messembed.User{})
	with := func(name, value string) string {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(create), &fields))
		fields[name] = value
		data, err := json.Marshal(fields)
		require.NoError(t, err)
		return string(data)
	}
	without := func(name string) string {
		var fields map[string]any
		require.NoError(t, json.Unmarshal([]byte(create), &fields))
		delete(fields, name)
		data, err := json.Marshal(fields)
		require.NoError(t, err)
		return string(data)
	}
	for name, want := range map[string]struct {
		method, path, body string
		status             int
		tag                string
	}{
		"no such route":        {"GET", "/api/v1/objects", "", 404, "error_not_found"},
		"a path below a user":  {"GET", "/api/v1/users/" + id + "/x", "", 404, "error_not_found"},
		"broken JSON":          {"POST", "/api/v1/users", "{", 400, "error_validation"},
		"no role":              {"POST", "/api/v1/users", without("role"), 400, "error_validation"},
		"no name":              {"POST", "/api/v1/users", without("name"), 400, "error_validation"},
		"no email":             {"POST", "/api/v1/users", without("email"), 400, "error_validation"},
		"no login":             {"POST", "/api/v1/users", without("login"), 400, "error_validation"},
		"no password":          {"POST", "/api/v1/users", without("password"), 400, "error_validation"},
		"short login":          {"POST", "/api/v1/users", with("login", "ada"), 400, "error_validation"},
		"long login":           {"POST", "/api/v1/users", with("login", strings.Repeat("a", 41)), 400, "error_validation"},
		"login with a space":   {"POST", "/api/v1/users", with("login", "ada lovelace"), 400, "error_validation"},
		"login beyond Latin":   {"POST", "/api/v1/users", with("login", "адалавлейс"), 400, "error_validation"},
		"short password":       {"POST", "/api/v1/users", with("password", "Aa1"), 400, "error_validation"},
		"password, no digit":   {"POST", "/api/v1/users", with("password", "Analytical"), 400, "error_validation"},
		"password, no capital": {"POST", "/api/v1/users", with("password", "analytical1"), 400, "error_validation"},
		"login taken":          {"POST", "/api/v1/users", with("login", "taken"), 400, "error_unique"},
		"email taken":          {"POST", "/api/v1/users", with("email", "taken@example.com"), 400, "error_unique"},
		"update, login taken":  {"PATCH", "/api/v1/users/" + id, `{"login":"taken"}`, 400, "error_unique"},
		"update, empty name":   {"PATCH", "/api/v1/users/" + id, `{"name":""}`, 400, "error_validation"},
		"update, broken":       {"PATCH", "/api/v1/users/" + id, `[]`, 400, "error_validation"},
		"update, unknown":      {"PATCH", "/api/v1/users/x", `{}`, 404, "error_not_found"},
		"delete, unknown":      {"DELETE", "/api/v1/users/x", "", 404, "error_not_found"},
		"limit 0":              {"GET", "/api/v1/users?limit=0", "", 400, "error_validation"},
		"limit too large":      {"GET", "/api/v1/users?limit=10001", "", 400, "error_validation"},
		"offset no number":     {"GET", "/api/v1/users?offset=x", "", 400, "error_validation"},
		"token, broken":        {"POST", "/api/v1/users/tokens", "[]", 400, "error_validation"},
		"token of nobody":      {"POST", "/api/v1/users/tokens", "{}", 400, "error_validation"},
		"token of an unknown":  {"POST", "/api/v1/users/tokens", `{"user":"x"}`, 404, "error_not_found"},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := ask(t, fake, want.method, want.path, want.body)
			assert.Equal(t, want.status, status)
			var said struct {
				Name, Code string
				Tags       []string
				Success    *bool
			}
			require.NoError(t, json.Unmarshal([]byte(answer), &said))
			assert.Equal(t, "RicError", said.Name)
			assert.Equal(t, fmt.Sprint(want.status), said.Code)
			assert.Equal(t, want.tag, said.Tags[0])
			assert.False(t, *said.Success)
		})
	}
	assert.Len(t, fake.Users(), 2)
	for _, r := range fake.Requests() {
		assert.NotContains(t, string(r.Body), "nalytical1")
	}
}

func TestAuthentication(t *testing.T) {
	fake := rightechtest.New(t, rightechtest.WithToken("the-token"), rightechtest.WithScopes("GetUser"))
	id := fake.AddUser(messembed.User{})
	for authorization, want := range map[string]int{"": 401, "Bearer other": 401, "Basic the-token": 401, "bearer the-token": 200} {
		status, _ := askAs(t, fake, authorization, "GET", "/api/v1/users/"+id, "")
		assert.Equal(t, want, status, authorization)
	}
	status, answer := ask(t, fake, "GET", "/api/v1/users", "")
	assert.Equal(t, 403, status)
	assert.Contains(t, answer, "error_forbidden")

	status, _ = askAs(t, fake, "", "POST", "/api/v1/users/tokens", `{"user":"`+id+`"}`)
	assert.Equal(t, 401, status)
	open := rightechtest.New(t, rightechtest.WithOpenTokenRoute())
	status, answer = askAs(t, open, "", "POST", "/api/v1/users/tokens", `{"user":"`+open.AddUser(messembed.User{})+`","expires":5}`)
	assert.Equal(t, 200, status)
	assert.Contains(t, answer, `"expires":5`)
}

func TestList(t *testing.T) {
	fake := rightechtest.New(t)
	for i := range 60 {
		fake.AddUser(messembed.User{Profile: messembed.Profile{Username: fmt.Sprintf("user%02d", i), DisplayName: "Name", Phone: "+7"}})
	}
	count := func(query string) int {
		_, answer := ask(t, fake, "GET", "/api/v1/users?"+query, "")
		var list []any
		require.NoError(t, json.Unmarshal([]byte(answer), &list), answer)
		return len(list)
	}
	assert.Equal(t, 50, count(""))
	assert.Equal(t, 60, count("nolimit=true"))
	assert.Equal(t, 5, count("limit=20&offset=55"))
	assert.Equal(t, 10, count("search=USER0"))
	assert.Equal(t, 50, count("search=%2B7"))
	assert.Equal(t, 1, count("where.login=user07&where.name=Name"))
	assert.Equal(t, 0, count("where.login=user0"))
	_, answer := ask(t, fake, "GET", "/api/v1/users?limit=1&only=_id,name,nope", "")
	assert.JSONEq(t, `[{"_id":"6a2c86590000000000000001","name":"Name"}]`, answer)
}

func TestStreamedLists(t *testing.T) {
	fake := rightechtest.New(t, rightechtest.WithStreamedLists())
	_, answer := ask(t, fake, "GET", "/api/v1/users", "")
	assert.Equal(t, "[\n\n]", answer)
	fake.AddUser(messembed.User{})
	fake.AddUser(messembed.User{})
	_, answer = ask(t, fake, "GET", "/api/v1/users?only=name", "")
	assert.Equal(t, "[\n{\"name\":\"user-00000001\"}\n,\n{\"name\":\"user-00000002\"}\n]", answer)
}

func TestFaults_haveTheServicesBodies(t *testing.T) {
	for name, options := range map[string][]rightechtest.Option{"RicError": nil, "nginx": {rightechtest.WithHTMLErrors()}} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t, options...)
			fake.FailNext(messembedtest.Fault{Status: 502})
			_, answer := ask(t, fake, "GET", "/api/v1/users", "")
			assert.Equal(t, name == "nginx", strings.Contains(answer, "<title>502 Bad Gateway</title>") && strings.Contains(answer, "nginx"))
			assert.Equal(t, name == "RicError", json.Valid([]byte(answer)))
			fake.FailNext(messembedtest.Fault{Status: 403})
			_, answer = ask(t, fake, "GET", "/api/v1/users", "")
			assert.True(t, json.Valid([]byte(answer)), "the service itself sends JSON")
			fake.FailNext(messembedtest.Fault{Status: 502, Body: "own"})
			_, answer = ask(t, fake, "GET", "/api/v1/users", "")
			assert.Equal(t, "own", answer)
		})
	}
}

// failing records that a test would have failed.
type failing struct{ problems []string }

func (f *failing) Helper()        {}
func (f *failing) Cleanup(func()) {}
func (f *failing) FailNow()       {}
func (f *failing) Errorf(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

func TestAddUser(t *testing.T) {
	tb := new(failing)
	fake := rightechtest.New(tb)
	given := messembed.User{
		ID: "5d8a18d5d0025e0012fb6a34",
		Profile: messembed.Profile{
			Username: "jane", DisplayName: "Jane", Emails: []messembed.Email{{Address: "jane@example.com"}}, Roles: []string{"r"}, Phone: "1", Locale: "ru",
		},
		CreatedAt: time.UnixMilli(1).UTC(), UpdatedAt: time.UnixMilli(2).UTC(), BlockStatus: messembed.BlockDeactivated,
	}
	assert.Equal(t, given.ID, fake.AddUser(given))
	got, ok := fake.User(given.ID)
	require.True(t, ok)
	got.Raw = nil
	assert.Equal(t, given, got)
	_, ok = fake.User("x")
	assert.False(t, ok)
	for says, u := range map[string]messembed.User{
		`login "jane" is already taken`:       {Profile: messembed.Profile{Username: "jane"}},
		`"jane@example.com" is already taken`: {Profile: messembed.Profile{Emails: given.Profile.Emails}},
		"Raw is not a JSON object":            {Raw: json.RawMessage(`[]`)},
	} {
		tb.problems = nil
		assert.Empty(t, fake.AddUser(u))
		require.Len(t, tb.problems, 1)
		assert.Contains(t, tb.problems[0], says)
	}
	fake.SetGroup("x", "y")
	assert.Len(t, tb.problems, 2)
}

// A user with an existing id replaces the other.
func TestAddUser_replaces(t *testing.T) {
	fake := rightechtest.New(t)
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane"}})
	next := "6a2c86590000000000000003" // the fake would assign it soon
	fake.AddUser(messembed.User{ID: next, Profile: messembed.Profile{Username: "other"}})

	assert.Equal(t, id, fake.AddUser(messembed.User{ID: id, Profile: messembed.Profile{Username: "jane", DisplayName: "Jane"}}))
	assert.Equal(t, id, fake.AddUser(messembed.User{ID: id, Profile: messembed.Profile{Username: "ada.l"}}))
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane"}}) // login and address are free
	assert.NotEqual(t, next, fake.AddUser(messembed.User{}), "a generated user replaces nobody")

	users := fake.Users()
	require.Len(t, users, 4)
	assert.Equal(t, "ada.l", users[0].Profile.Username, "in the same place")
	_, answer := ask(t, fake, "GET", "/api/v1/users/"+id, "")
	assert.Contains(t, answer, `"login":"ada.l"`)
}

func TestServer_isSafeForConcurrentUse(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			u, err := client.CreateUser(t.Context(), messembed.CreateUserParams{
				Profile: messembed.Profile{
					Username: fmt.Sprint("user", i), DisplayName: "x", Emails: []messembed.Email{{Address: fmt.Sprint(i, "@example.com")}}, Roles: []string{"r"},
				},
				Password: "Analytical1",
			})
			if assert.NoError(t, err) {
				_, err = client.BlockUser(t.Context(), u.ID)
				assert.NoError(t, err)
			}
			for _, err := range client.Users(t.Context()) {
				assert.NoError(t, err)
			}
			assert.NotNil(t, fake.Users())
		})
	}
	all.Wait()
	assert.Equal(t, 20, len(fake.Users()))
}
