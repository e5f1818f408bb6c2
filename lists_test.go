package messembed_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestListUsers_pages(t *testing.T) {
	fake := fakeWithUsers(t, 10)
	client := fake.Client(t)
	require.NoError(t, client.DeleteUser(t.Context(), "u004"))

	var ids []string
	params := messembed.ListUsersParams{Limit: 4}
	for pages := 1; ; pages++ {
		page, err := client.ListUsers(t.Context(), params)
		require.NoError(t, err)
		assert.Equal(t, 9, page.TotalCount)
		for _, user := range page.Users {
			ids = append(ids, user.ID)
		}
		if params.Cursor = page.NextCursor; params.Cursor == "" {
			assert.Equal(t, 3, pages)
			break
		}
	}
	assert.Equal(t, []string{"u000", "u001", "u002", "u003", "u005", "u006", "u007", "u008", "u009"}, ids)
}

// The user at which the last page ended may be deleted before the next is read.
func TestListUsers_cursorSurvivesADeletion(t *testing.T) {
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute(), messembedtest.WithClock(func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}))
	client := fake.Client(t)
	for i := range 6 {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: fmt.Sprint(i)})
		require.NoError(t, err)
	}
	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 3})
	require.NoError(t, err)
	for _, user := range page.Users {
		require.NoError(t, client.DeleteUser(t.Context(), user.ID))
	}
	page, err = client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 3, Cursor: page.NextCursor})
	require.NoError(t, err)
	require.Len(t, page.Users, 3)
	assert.Equal(t, "3", page.Users[0].ID)
}

// Nor does a page depend on the order of the list: users may be dated by hand.
func TestListUsers_notInTheOrderOfTheirDates(t *testing.T) {
	client := answering(t, httpmock.NewStringResponder(200, `{"data":[{"_id":"c","createdAt":"2026-03-01T00:00:00.000Z"},`+
		`{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"b","createdAt":"2026-02-01T00:00:00.000Z"}]}`))
	var ids []string
	for p := (messembed.ListUsersParams{Limit: 1}); len(ids) < 4; {
		page, err := client.ListUsers(t.Context(), p)
		require.NoError(t, err)
		for _, u := range page.Users {
			ids = append(ids, u.ID)
		}
		if p.Cursor = page.NextCursor; p.Cursor == "" {
			break
		}
	}
	assert.Equal(t, []string{"c", "a", "b"}, ids)
}

func TestUsers_breakAndRangeTwice(t *testing.T) {
	fake := fakeWithUsers(t, 5)
	closed := 0
	users := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := fake.RoundTrip(r)
		resp.Body = &counted{resp.Body, &closed}
		return resp, err
	}))).Users(t.Context())
	for range 2 {
		seen := 0
		for _, err := range users {
			require.NoError(t, err)
			if seen++; seen == 2 {
				break
			}
		}
		assert.Equal(t, 2, seen)
	}
	assert.Len(t, fake.Requests(), 2, "ranging twice asks twice")
	assert.Equal(t, 2, closed, "their responses are over")
}

// counted is a body that counts how often it is closed.
type counted struct {
	io.ReadCloser
	closed *int
}

func (c *counted) Close() error {
	*c.closed++
	return c.ReadCloser.Close()
}

// What is no list, or goes on behind it, is not taken for one.
func TestLists_unreadable(t *testing.T) {
	for _, body := range []string{`{"messages":[]} {}`, `{"messages":[}`, `{"messages":[{"_id":"a","content":1}],"messages":`, `{}`, `[]`} {
		_, err := answering(t, httpmock.NewStringResponder(200, body)).ListMessages(t.Context(), messembed.ListMessagesParams{})
		require.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
	}
}

func TestUsers_failureIsTheLastThing(t *testing.T) {
	for name, test := range map[string]struct {
		fault messembedtest.Fault
		kind  error
		least int // users before the failure
	}{
		"cut short":       {messembedtest.Fault{Truncate: 400}, messembed.ErrUnavailable, 1},
		"stalls":          {messembedtest.Fault{Truncate: 400, Stall: true}, messembed.ErrUnavailable, 1},
		"HTML":            {messembedtest.Fault{Status: 200, Body: "<html>"}, messembed.ErrInvalidResponse, 0},
		"no data":         {messembedtest.Fault{Status: 200, Body: `{"totalCount":0}`}, messembed.ErrInvalidResponse, 0},
		"another shape":   {messembedtest.Fault{Status: 200, Body: `{"data":{}}`}, messembed.ErrInvalidResponse, 0},
		"bad item":        {messembedtest.Fault{Status: 200, Body: `{"data":[{"_id":"a"},{"_id":"b","blockStatus":}]}`}, messembed.ErrInvalidResponse, 1},
		"goes on":         {messembedtest.Fault{Status: 200, Body: `{"data":[]} {}`}, messembed.ErrInvalidResponse, 0},
		"unauthenticated": {messembedtest.Fault{Status: 401}, messembed.ErrUnauthenticated, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := fakeWithUsers(t, 5)
				fake.FailNext(test.fault)
				seen, failures := 0, 0
				for user, err := range fake.Client(t).Users(t.Context()) {
					require.Zero(t, failures, "nothing after a failure")
					if err != nil {
						require.ErrorIs(t, err, test.kind)
						assert.Nil(t, user)
						failures++
						continue
					}
					seen++
				}
				assert.Equal(t, 1, failures)
				assert.GreaterOrEqual(t, seen, test.least)
			})
		})
	}
}

// failureOf returns the last thing that a sequence yields, if that is an error.
func failureOf[T any](items iter.Seq2[T, error]) (failed error) {
	for _, err := range items {
		failed = err
	}
	return failed
}

// Whatever reads a whole list waits for WithListTimeout, which is longer than any
// other timeout, and asks for the list once.
func TestWholeLists(t *testing.T) {
	for name, test := range map[string]struct {
		op   string
		read func(context.Context, *messembed.Client) error
	}{
		"Users": {"ListUsers", func(ctx context.Context, c *messembed.Client) error { return failureOf(c.Users(ctx)) }},
		"ListUsers": {"ListUsers", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ListUsers(ctx, messembed.ListUsersParams{})
			return err
		}},
		"SyncUsers": {"ListUsers", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.SyncUsers(ctx, rowsOf(), messembed.SyncOptions{})
			return err
		}},
		"Chats": {"ListChats", func(ctx context.Context, c *messembed.Client) error { return failureOf(c.Chats(ctx)) }},
		"ListChats": {"ListChats", func(ctx context.Context, c *messembed.Client) error {
			_, err := c.ListChats(ctx)
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				fake.FailNext(messembedtest.Fault{Op: test.op, Delay: 4 * time.Minute})
				require.NoError(t, test.read(t.Context(), fake.Client(t)))
				require.Len(t, fake.Requests(), 1)

				fake.FailNext(messembedtest.Fault{Op: test.op, Stall: true})
				began := time.Now()
				require.ErrorIs(t, test.read(t.Context(), fake.Client(t)), messembed.ErrUnavailable)
				assert.Equal(t, 5*time.Minute, time.Since(began))
				require.Len(t, fake.Requests(), 2)
			})
		})
	}
}

func TestUsers_outliveTheTimeoutWhileBytesCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := fakeWithUsers(t, 50)
		slow := slowly{next: fake, wait: 5 * time.Second}
		client := fake.Client(t, messembed.WithTransport(slow), messembed.WithTimeout(8*time.Second), messembed.WithAttemptTimeout(6*time.Second))
		began, seen := time.Now(), 0
		for _, err := range client.Users(t.Context()) {
			require.NoError(t, err)
			time.Sleep(time.Minute) // a slow consumer does not make the service silent
			seen++
		}
		assert.Equal(t, 50, seen)
		assert.Greater(t, time.Since(began), 50*time.Minute)
	})
}

// slowly pauses before each read of a body.
type slowly struct {
	next http.RoundTripper
	wait time.Duration
}

func (s slowly) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(r)
	if err == nil {
		response.Body = &slowBody{response.Body, s.wait}
	}
	return response, err
}

type slowBody struct {
	io.ReadCloser
	wait time.Duration
}

func (b *slowBody) Read(p []byte) (int, error) {
	time.Sleep(b.wait)
	return b.ReadCloser.Read(p[:min(len(p), 100)])
}

// A list of 200,000 users is walked in constant memory.
func TestUsers_memoryStaysFlat(t *testing.T) {
	users := whole(30_000, 200_000)
	client, err := messembed.New("https://chat.example.com", messembed.WithTransport(generatedList(users)))
	require.NoError(t, err)

	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak uint64
	seen := 0
	for user, err := range client.Users(t.Context()) {
		require.NoError(t, err)
		require.NotEmpty(t, user.ID)
		if seen++; seen%10_000 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}
	assert.Equal(t, users, seen)
	t.Logf("peak heap %.1f MiB over %.1f MiB", mebibytes(peak), mebibytes(before.HeapAlloc))
	assert.Less(t, mebibytes(peak), 32.0)
}

func mebibytes(n uint64) float64 { return float64(n) / (1 << 20) }

// generatedList answers with n users, written as they are read.
type generatedList int

func (n generatedList) RoundTrip(r *http.Request) (*http.Response, error) {
	body, w := io.Pipe()
	go func() {
		_, err := fmt.Fprintf(w, `{"totalCount":%d,"data":[`, int(n))
		for i := 0; i < int(n) && err == nil; i++ {
			if i > 0 {
				_, err = io.WriteString(w, ",")
			}
			if err == nil {
				_, err = fmt.Fprintf(w, `{"_id":"user-%d","createdAt":"2026-11-21T19:52:34.374Z","updatedAt":null,"deletedAt":null,`+
					`"externalMetadata":{"name":"User %d","avatar":"https://pics.example.com/%d.png","tags":["a","b"]},`+
					`"privateExternalMetadata":{"plan":"gold"},"blockStatus":null,"blockStatusUpdatedAt":null,"__v":0}`, i, i, i)
			}
		}
		if err == nil {
			_, err = io.WriteString(w, "]}")
		}
		w.CloseWithError(err)
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body, Request: r, ContentLength: -1}, nil
}

// The user at the end of a page is gone, and others were created in its
// millisecond.
func TestListUsers_cursorWithinOneMillisecond(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	fake := messembedtest.New(t, messembedtest.WithDeleteRoute(), messembedtest.WithClock(func() time.Time { return at }))
	client := fake.Client(t)
	for _, id := range []string{"a", "b", "c", "d"} {
		fake.AddUser(messembed.User{ID: id})
	}
	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 2})
	require.NoError(t, err)
	require.NoError(t, client.DeleteUser(t.Context(), "b"))
	page, err = client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 3, Cursor: page.NextCursor})
	require.NoError(t, err)
	require.Len(t, page.Users, 3, "rather again than not at all")
	assert.Equal(t, "d", page.Users[2].ID)
}

func TestUsers_emptyAnswer(t *testing.T) {
	fake := messembedtest.New(t)
	for _, body := range []string{"", `{"data":[{"_id":"a"}`} {
		fake.FailNext(messembedtest.Fault{Op: "Users", Status: 200, Body: body})
		var last error
		for _, last = range fake.Client(t).Users(t.Context()) {
		}
		require.ErrorIs(t, last, messembed.ErrInvalidResponse)
	}
}

// What the service may hold does not break a list: see wire/messembed.md.
func TestUsers_oddOnesDoNotBreakTheList(t *testing.T) {
	fake := messembedtest.New(t)
	username, password := fake.Credentials()
	for _, body := range []string{
		`{"id":"text","externalMetadata":"just text"}`, `{"id":"list","privateExternalMetadata":[1,2]}`, `{"id":"number","externalMetadata":5}`,
		`{"id":null}`, `{"id":123}`, `{"id":"x","blockStatus":"NOPE"}`, `{"id":"nulls","externalMetadata":null}`,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fake.BaseURL()+"/admin-api/users", newBody(body))
		require.NoError(t, err)
		request.SetBasicAuth(username, password)
		request.Header.Set("Content-Type", "application/json")
		response, err := fake.RoundTrip(request)
		require.NoError(t, err)
		require.Equal(t, 201, response.StatusCode)
		require.NoError(t, response.Body.Close())
	}
	var ids []string
	for user, err := range fake.Client(t).Users(t.Context()) {
		require.NoError(t, err)
		assert.Nil(t, user.ExternalMetadata)
		assert.Nil(t, user.PrivateExternalMetadata)
		ids = append(ids, user.ID)
	}
	assert.Equal(t, []string{"text", "list", "number", fake.Users()[3].ID, "123", "x", "nulls"}, ids)

	fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: `{"totalCount":2,"data":[{"_id":null},{"_id":"y"}]}`})
	ids = nil
	for user, err := range fake.Client(t).Users(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, user.ID)
	}
	assert.Equal(t, []string{"", "y"}, ids)
}

// canned is a transport that gives every request the same response.
type canned struct {
	status int
	body   []byte
	seen   *http.Request
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.seen = r
	return &http.Response{
		StatusCode: c.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(c.body)), Body: io.NopCloser(bytes.NewReader(c.body)),
	}, nil
}

func (c *canned) client(t *testing.T, opts ...messembed.Option) *messembed.Client {
	client, err := messembed.New("https://chat.example.com", append(opts, messembed.WithTransport(c), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// addRecordings seeds a fuzz test with the responses of the real server.
func addRecordings(f *testing.F, wanted func(status int) bool) {
	f.Helper()
	file, err := os.Open("messembedtest/testdata/messembed-exchanges.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	seen := map[string]bool{}
	for lines.Scan() {
		var exchange struct {
			Status int
			Answer string
		}
		if json.Unmarshal(lines.Bytes(), &exchange) == nil && wanted(exchange.Status) && len(exchange.Answer) < 4<<10 && !seen[exchange.Answer] {
			seen[exchange.Answer] = true
			f.Add([]byte(exchange.Answer))
		}
	}
}

func isSuccess(status int) bool { return status < 300 }

// oddities are what a response may contain but no recording does.
var oddities = []string{
	`{}`, `[]`, `null`, `""`, ``, ` `, `{"_id":null}`, `{"_id":1}`, `{"_id":"a","_id":"b"}`, `{"_id":"a","externalMetadata":[]}`,
	`{"_id":"a","externalMetadata":{"k":1},"externalMetadata":{"l":2}}`, `{"_id":"a","externalMetadata":{"k":1},"externalMetadata":null}`,
	`{"_id":"\ud83d\ude00\ud83d"}`, "{\"_id\":\"\xff\"}", `{"_id":"a","createdAt":"2026-13-01T00:00:00Z"}`, `{"_id":"a","createdAt":0}`, `{"_id":"a"}x`, `{"_id":"a",}`,
	`{"_id":"a","n":01}`, `{"_id":"a","n":1e999}`, `{"_id":"a","externalMetadata":{"n":1e999}}`, `{"_id":"a","externalMetadata":{"n":9007199254740993}}`,
	`{"_ID":"a"}`, `{"\u005fid":"a"}`, `{"_id":"a","blockStatus":{}}`, `{"_id":"a","firstCompanion":"x"}`, `{"_id":"a","lastMessage":{"_id":"m","createdAt":"x"}}`,
	`{"_id":"a","attachments":[1,{},null]}`, `{"_id":"a","deletedFor":[1,"x"]}`, `{"_id":"a","read":"yes"}`, `{"data":[{"_id":"a"}]}`, `{"data":null}`, `{"data":[],"data":[{"_id":"a"}]}`,
	`{"messages":[{"_id":"a"}]}`, `{"totalCount":"x","data":[]}`, `{"totalCount":1e3,"data":[]}`, "\ufeff{\"_id\":\"a\"}",
}

func addOddities(f *testing.F) {
	for _, oddity := range oddities {
		f.Add([]byte(oddity))
	}
}

// checkDecoded holds what the SDK read of a JSON object against what
// encoding/json reads. A failure must be ErrInvalidResponse, and say it in one
// line.
func checkDecoded(t *testing.T, data []byte, err error, id string, metadata messembed.Metadata, raw json.RawMessage) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, messembed.ErrInvalidResponse) && !errors.Is(err, messembed.ErrUnavailable) {
			t.Fatalf("%q: error %v", data, err)
		}
		checkErrorText(t, err)
		return
	}
	if repeatsKeys(data) {
		return // which of them counts is undefined
	}
	var object map[string]json.RawMessage
	if failed := json.Unmarshal(data, &object); failed != nil {
		t.Fatalf("%q was decoded, and is no object: %v", data, failed)
	}
	if !json.Valid(raw) {
		t.Fatalf("Raw %q is no JSON", raw)
	}
	var wantID string
	_ = json.Unmarshal(object["_id"], &wantID)
	if id != wantID {
		t.Fatalf("%q: ID %q, want %q", data, id, wantID)
	}
	var want any
	_ = json.Unmarshal(object["externalMetadata"], &want)
	if object, ok := want.(map[string]any); ok != (metadata != nil) || ok && !reflect.DeepEqual(object, map[string]any(metadata)) {
		t.Fatalf("%q: ExternalMetadata %#v, want %#v", data, metadata, want)
	}
}

// repeatsKeys reports whether an object has a key twice.
func repeatsKeys(data []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(data))
	type level struct {
		keys   map[string]bool // nil: an array
		isName bool
	}
	var levels []level
	for {
		token, err := decoder.Token()
		if err != nil {
			return false
		}
		top := len(levels) - 1
		switch {
		case token == json.Delim('}') || token == json.Delim(']'):
			levels = levels[:top]
			continue
		case top >= 0 && levels[top].keys != nil && levels[top].isName:
			name, _ := token.(string)
			if levels[top].keys[name] {
				return true
			}
			levels[top].keys[name], levels[top].isName = true, false
			continue
		case top >= 0:
			levels[top].isName = true
		}
		switch token {
		case json.Delim('{'):
			levels = append(levels, level{map[string]bool{}, true})
		case json.Delim('['):
			levels = append(levels, level{})
		}
	}
}

// checkErrorText shows that an error is one line of readable text, and not
// long, whatever the service says.
func checkErrorText(t *testing.T, err error) {
	t.Helper()
	text := fmt.Sprintf("%v", err)
	if !utf8.ValidString(text) || len(text) > 2000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Fatalf("error text %q", text)
	}
	_, _, _ = fmt.Sprintf("%+v %#v", err, err), errors.Unwrap(err), err.(*messembed.Error).LogValue().Resolve() //nolint:errorlint // it is one
}

func FuzzUser(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		user, err := (&canned{status: 200, body: data}).client(t).GetUser(t.Context(), "ada")
		if user == nil {
			user = &messembed.User{}
		}
		if errors.Is(err, messembed.ErrNotFound) {
			return // a tombstone
		}
		checkDecoded(t, data, err, user.ID, user.ExternalMetadata, user.Raw)
	})
}

const someChat = "0123456789abcdef01234567"

func FuzzChat(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		chat, err := (&canned{status: 200, body: data}).client(t).GetChat(t.Context(), someChat)
		if chat == nil {
			chat = &messembed.Chat{}
		}
		checkDecoded(t, data, err, chat.ID, chat.ExternalMetadata, chat.Raw)
	})
}

func FuzzMessage(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		message, err := (&canned{status: 201, body: data}).client(t).CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: someChat, UserID: "ada"})
		if message == nil {
			message = &messembed.Message{}
		}
		checkDecoded(t, data, err, message.ID, message.ExternalMetadata, message.Raw)
	})
}

// FuzzLists reads the same list as a whole and as a stream: the results must be
// equal.
func FuzzLists(f *testing.F) {
	addRecordings(f, isSuccess)
	addOddities(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		client := (&canned{status: 200, body: data}).client(t)
		page, err := client.ListChats(t.Context())
		var streamed []string
		var streamErr error
		for chat, err := range client.Chats(t.Context()) {
			if streamErr = err; err == nil {
				streamed = append(streamed, chat.ID)
			}
		}
		if err != nil || streamErr != nil {
			for _, err := range []error{err, streamErr} {
				if err != nil {
					checkErrorText(t, err)
				}
			}
			return
		}
		var whole []string
		for _, chat := range page.Chats {
			whole = append(whole, chat.ID)
		}
		if !repeatsKeys(data) && !reflect.DeepEqual(whole, streamed) {
			t.Fatalf("%q: whole %q, streamed %q", data, whole, streamed)
		}
		if !json.Valid(data) {
			t.Fatalf("%q was decoded, and is no JSON", data)
		}
	})
}

// FuzzMessages walks pages that are all the same: the walk must end.
func FuzzMessages(f *testing.F) {
	addRecordings(f, isSuccess)
	f.Add([]byte(`{"messages":[{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"}]}`))
	f.Add([]byte(`{"messages":[{"_id":"a","createdAt":"2026-01-01T00:00:00.000Z"},{"_id":"b","createdAt":"2025-01-01T00:00:00.000Z"}]}`))
	f.Add([]byte(`{"messages":[{"_id":"a"},{"_id":"b"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		client := (&canned{status: 200, body: data}).client(t)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		items := 0
		for _, err := range client.Messages(ctx, messembed.ListMessagesParams{Limit: 1}) {
			if err != nil {
				checkErrorText(t, err)
				break
			}
			if items++; items > 2*len(data) {
				t.Fatalf("%q: the walk does not end", data)
			}
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	addRecordings(f, func(status int) bool { return status >= 400 })
	for _, body := range []string{
		`{"message":{"a":1}}`, `{"message":[[],{},1,null,"x"]}`, `{"code":1,"message":"x"}`, `{"validationErrors":{"a":"b"}}`,
		`{"validationErrors":[{"property":"id","constraints":{"b":"2","a":"1"}}]}`, `{"message":"a\u0000b\r\nc"}`, "{\"message\":\"\xff\"}",
		`{"message":"Cannot GET /x?password=secret"}`, `{"code":"X?password=secret"}`, `{"code":"` + strings.Repeat("é", 90) + `"}`, `<html>`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, status := range []int{400, 401, 404, 500} {
			_, err := (&canned{status: status, body: data}).client(t).GetUser(t.Context(), "ada")
			failure, ok := err.(*messembed.Error) //nolint:errorlint // it is what the method returns
			if !ok || failure.StatusCode != status || failure.Attempts != 1 || failure.MaybeApplied {
				t.Fatalf("%d %q: %#v", status, data, err)
			}
			checkErrorText(t, err)
			if strings.ContainsAny(failure.Message+failure.Code+strings.Join(failure.Details, ""), "?") && !strings.Contains(failure.Message, "is the base URL") {
				t.Fatalf("%d %q: a query is shown: %v", status, data, err)
			}
		}
	})
}
