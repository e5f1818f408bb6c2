package chatkitty_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

// walked returns the ids of all users.
func walked(t *testing.T, client *messembed.Client) []string {
	t.Helper()
	var ids []string
	for u, err := range client.Users(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, u.ID)
	}
	return ids
}

func addUsers(fake *chatkittytest.Server, n int) (ids []string) {
	for range n {
		ids = append(ids, fake.AddUser(messembed.User{}))
	}
	return ids
}

func TestUsers_walksThePages(t *testing.T) {
	for name, options := range map[string][]chatkittytest.Option{
		"":                          nil,
		"snake case":                {chatkittytest.WithSnakeCase()},
		"pages smaller than asked":  {chatkittytest.WithMaxPageSize(7)},
		"empty pages with embedded": {chatkittytest.WithEmptyEmbedded()},
	} {
		for _, n := range []int{0, 1, 99, 100, 101, 250} {
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				fake := chatkittytest.New(t, options...)
				ids := addUsers(fake, n)
				assert.Equal(t, ids, walked(t, fake.Client(t)))
			})
		}
	}
}

func TestUsers_stopsAskingWhenTheConsumerDoes(t *testing.T) {
	fake := chatkittytest.New(t)
	addUsers(fake, 250)
	for range fake.Client(t).Users(t.Context()) {
		break
	}
	assert.Equal(t, []string{"ListUsers"}, operations(fake))
}

func TestUsers_survivesFaults(t *testing.T) {
	fake := chatkittytest.New(t)
	ids := addUsers(fake, 1000)
	fake.FailRandomly(0.2, 1)
	assert.Equal(t, ids, walked(t, fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 10, MinBackoff: 1}))))
}

func TestUsers_failureComesLast(t *testing.T) {
	fake := chatkittytest.New(t)
	addUsers(fake, 150)
	fake.FailNext(messembedtest.Fault{Op: "ListUsers"})
	fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: http.StatusForbidden, Body: `{"error":"access_denied","error_description":"Access is denied"}`})
	seen, failures := 0, 0
	for u, err := range fake.Client(t).Users(t.Context()) {
		if err != nil {
			require.ErrorIs(t, err, messembed.ErrPermissionDenied)
			assert.Nil(t, u)
			failures++
			continue
		}
		seen++
	}
	assert.Equal(t, 100, seen)
	assert.Equal(t, 1, failures)
}

// pagesOf returns a client of a service that returns these pages, repeating the
// last one forever.
func pagesOf(t *testing.T, pages ...string) (client *messembed.Client, asked *int) {
	t.Helper()
	asked = new(int)
	client, err := chatkitty.New(chatkitty.BaseURL, chatkitty.Credentials{ClientID: "c", ClientSecret: "s"},
		messembed.WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			body := `{"access_token":"t","token_type":"bearer"}`
			if r.URL.Path != "/oauth/token" {
				body = pages[min(*asked, len(pages)-1)]
				*asked++
			}
			header := http.Header{"Content-Type": {"application/json"}}
			return &http.Response{StatusCode: http.StatusOK, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})))
	require.NoError(t, err)
	return client, asked
}

func TestUsers_aServiceThatDoesNotPageEndsTheWalk(t *testing.T) {
	client, asked := pagesOf(t, `{"_embedded":{"users":[{"id":1},{"id":2}]},"page":{"totalElements":2,"totalPages":999}}`)
	assert.Equal(t, []string{"1", "2"}, walked(t, client))
	assert.Equal(t, 2, *asked)
}

// It does not leave out users in silence.
func TestUsers_theSamePageAgain(t *testing.T) {
	client, asked := pagesOf(t, `{"_embedded":{"users":[{"id":1},{"id":2}]},"page":{"totalElements":999,"totalPages":999}}`)
	seen := 0
	var last error
	for _, err := range client.Users(t.Context()) {
		if last = err; err == nil {
			seen++
		}
	}
	require.ErrorIs(t, last, messembed.ErrInvalidResponse)
	assert.Equal(t, 2, seen)
	assert.Equal(t, 2, *asked)
}

func TestUsers_aUserThatMovesOnComesOnce(t *testing.T) {
	client, _ := pagesOf(t,
		`{"_embedded":{"users":[{"id":1},{"id":2}]},"page":{"totalPages":2}}`,
		`{"_embedded":{"users":[{"id":2},{"id":3}]},"page":{"totalPages":2}}`,
	)
	assert.Equal(t, []string{"1", "2", "3"}, walked(t, client))
}

// A page that is empty although there are more pages is read again.
func TestUsers_gap(t *testing.T) {
	full := `{"_embedded":{"users":[{"id":1}]},"page":{"totalElements":2,"totalPages":2}}`
	gap, rest := `{"page":{"totalElements":2,"totalPages":2}}`, `{"_embedded":{"users":[{"id":2}]},"page":{"totalElements":2,"totalPages":2}}`
	client, asked := pagesOf(t, full, gap, rest)
	assert.Equal(t, []string{"1", "2"}, walked(t, client))
	assert.Equal(t, 3, *asked)
	client, _ = pagesOf(t, full, gap)
	seen := 0
	for _, err := range client.Users(t.Context()) {
		if seen++; seen == 1 {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, messembed.ErrInvalidResponse)
	}
	assert.Equal(t, 2, seen)
}

func TestUsers_followsLinksWhereThePageIsNotCounted(t *testing.T) {
	client, asked := pagesOf(t,
		`{"_embedded":{"users":[{"id":1}]},"_links":[{"rel":"next","href":"x"}]}`,
		`{"_embedded":{"users":[{"id":2}]},"_links":{"next":{"href":"x"}}}`,
		`{"_embedded":{"users":[{"id":3}]},"_links":{"prev":{"href":"x"}}}`,
	)
	assert.Equal(t, []string{"1", "2", "3"}, walked(t, client))
	assert.Equal(t, 3, *asked)
}

func TestListUsers_pages(t *testing.T) {
	fake := chatkittytest.New(t)
	ids := addUsers(fake, 60)
	client := fake.Client(t)
	for limit, sizes := range map[int][]int{0: {25, 25, 10}, 20: {20, 20, 20}, 59: {59, 1}, 100: {60}} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			var got []int
			var seen []string
			for params := (messembed.ListUsersParams{Limit: limit}); ; {
				page, err := client.ListUsers(t.Context(), params)
				require.NoError(t, err)
				assert.Equal(t, 60, page.TotalCount)
				got = append(got, len(page.Users))
				for _, u := range page.Users {
					seen = append(seen, u.ID)
				}
				if params.Cursor = page.NextCursor; params.Cursor == "" {
					break
				}
			}
			assert.Equal(t, sizes, got)
			assert.Equal(t, ids, seen)
		})
	}
}

func TestListUsers_empty(t *testing.T) {
	for _, options := range [][]chatkittytest.Option{nil, {chatkittytest.WithEmptyEmbedded()}, {chatkittytest.WithSnakeCase()}} {
		page, err := chatkittytest.New(t, options...).Client(t).ListUsers(t.Context(), messembed.ListUsersParams{})
		require.NoError(t, err)
		assert.Equal(t, &messembed.UserPage{Users: []*messembed.User{}, TotalCount: 0}, page)
	}
}

func TestListUsers_badCursors(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	for _, cursor := range []string{"x", "1", "-1/20", "1/x", "/", "99999999999/1"} {
		_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 20, Cursor: cursor})
		require.ErrorIs(t, err, messembed.ErrInvalidArgument, cursor)
		assert.ErrorContains(t, err, "Cursor:")
	}
	_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 20, Cursor: "1/25"})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
	assert.Empty(t, fake.Requests())
}

func TestListUsers_answersThatAreNoPage(t *testing.T) {
	fake := chatkittytest.New(t)
	client := fake.Client(t)
	for _, body := range []string{`{}`, `[]`, `<html>`, `{"_embedded":{"users":[{"name":"x"}]}}`, `{"_embedded":{"users":["x"]}}`} {
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: body})
		_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
		assert.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
	}
	fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: `{"_embedded":{"users":[{"id":null},{"id":3,"properties":"x"}]}}`})
	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
	require.NoError(t, err, "odd users do not break a list")
	assert.Len(t, page.Users, 2)
	assert.Equal(t, -1, page.TotalCount)
}

func TestImportUsers_withFaults(t *testing.T) {
	fake := chatkittytest.New(t)
	// Not 500, which is retried only once: which requests fail is random, since
	// many are in flight.
	fake.FailRandomly(0.1, 7, messembedtest.Fault{Status: 502}, messembedtest.Fault{Status: 503}, messembedtest.Fault{Reset: true},
		messembedtest.Fault{Reset: true, AfterApply: true}, messembedtest.Fault{Truncate: 1})
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 10, MinBackoff: 1}))
	const n = 300
	for range 2 {
		report, err := client.ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
			for i := range n {
				if !yield(messembed.CreateUserParams{Profile: messembed.Profile{Username: fmt.Sprint("user", i), DisplayName: "x"}}, nil) {
					return
				}
			}
		}, messembed.ImportOptions{})
		require.NoError(t, err)
		assert.Equal(t, n, report.Created+report.Kept, "%+v", report)
	}
	assert.Len(t, fake.Users(), n)
}
