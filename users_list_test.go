package messembed_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

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

func TestUsers_breakAndRangeTwice(t *testing.T) {
	fake := fakeWithUsers(t, 5)
	users := fake.Client(t).Users(t.Context())
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
	const users = 100_000
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
