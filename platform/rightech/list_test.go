package rightech_test

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
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
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

func addUsers(fake *rightechtest.Server, n int) (ids []string) {
	for range n {
		ids = append(ids, fake.AddUser(messembed.User{}))
	}
	return ids
}

func TestUsers_walksByOffset(t *testing.T) {
	for name, options := range map[string][]rightechtest.Option{
		"": nil, "streamed": {rightechtest.WithStreamedLists()}, "whole": {rightechtest.WithFullReads()},
	} {
		for n, requests := range map[int]int{0: 1, 1: 2, 99: 2, 100: 2, 101: 3, 250: 4} {
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				fake := rightechtest.New(t, options...)
				ids := addUsers(fake, n)
				assert.Equal(t, ids, walked(t, fake.Client(t)))
				assert.Len(t, fake.Requests(), requests)
			})
		}
	}
}

func TestUsers_ofTheOwnGroupOnly(t *testing.T) {
	fake := rightechtest.New(t)
	ids := addUsers(fake, 3)
	fake.SetGroup(ids[1], "62667930daacc00012016e93")
	assert.Equal(t, []string{ids[0], ids[2]}, walked(t, fake.Client(t)))
}

func TestUsers_survivesFaults(t *testing.T) {
	fake := rightechtest.New(t, rightechtest.WithHTMLErrors())
	ids := addUsers(fake, 1000)
	fake.FailRandomly(0.2, 1)
	assert.Equal(t, ids, walked(t, fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 10, MinBackoff: 1}))))
}

// pagesOf returns a client of a service that returns these lists, repeating the
// last one forever.
func pagesOf(t *testing.T, pages ...[]string) (client *messembed.Client, asked *int) {
	t.Helper()
	asked = new(int)
	client, err := rightech.New("https://dev.rightech.io", rightech.Credentials{Token: "t"},
		messembed.WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			body := "[" + strings.Join(pages[min(*asked, len(pages)-1)], ",") + "]"
			*asked++
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})))
	require.NoError(t, err)
	return client, asked
}

func usersFrom(first, n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprintf(`{"_id":"%d"}`, first+i))
	}
	return list
}

func TestUsers_aServiceThatDoesNotPageEndsTheWalk(t *testing.T) {
	client, asked := pagesOf(t, usersFrom(0, 300))
	assert.Len(t, walked(t, client), 300)
	assert.Equal(t, 2, *asked)
}

// The service's limit may be lower than what is asked for.
func TestUsers_pagesShorterThanAskedFor(t *testing.T) {
	client, asked := pagesOf(t, usersFrom(0, 50), usersFrom(50, 50), usersFrom(100, 50), usersFrom(150, 41), nil)
	assert.Len(t, walked(t, client), 191)
	assert.Equal(t, 5, *asked)
}

func TestListUsers_shortPages(t *testing.T) {
	for name, c := range map[string]struct {
		pages  [][]string
		cursor string
	}{
		"the last":                      {[][]string{usersFrom(0, 50), nil}, ""},
		"a lower limit":                 {[][]string{usersFrom(0, 50), usersFrom(50, 1)}, "50"},
		"a service that does not page":  {[][]string{usersFrom(0, 50)}, ""},
		"a service that knows no limit": {[][]string{usersFrom(0, 101)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := pagesOf(t, c.pages...)
			page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 100})
			require.NoError(t, err)
			assert.Equal(t, c.cursor, page.NextCursor)
		})
	}
}

func TestUsers_aUserThatMovesOnComesOnce(t *testing.T) {
	client, _ := pagesOf(t, usersFrom(0, 100), usersFrom(99, 5), nil)
	assert.Len(t, walked(t, client), 104)
}

func TestListUsers_pages(t *testing.T) {
	fake := rightechtest.New(t)
	ids := addUsers(fake, 120)
	client := fake.Client(t)
	for limit, sizes := range map[int][]int{0: {100, 20}, 60: {60, 60, 0}, 119: {119, 1}, 120: {120, 0}, 20_000: {120}} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			var got []int
			var seen []string
			for params := (messembed.ListUsersParams{Limit: limit}); ; {
				page, err := client.ListUsers(t.Context(), params)
				require.NoError(t, err)
				assert.Equal(t, -1, page.TotalCount)
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
	for _, cursor := range []string{"x", "-1", "1.5", "99999999999"} {
		_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Cursor: cursor})
		assert.ErrorIs(t, err, messembed.ErrInvalidArgument)
	}
}

func TestListUsers_answersThatAreNoList(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	for _, body := range []string{`{}`, `null`, `<html>`, `[{"name":"x"}]`, `["x"]`, `[`} {
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: body})
		_, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
		assert.ErrorIs(t, err, messembed.ErrInvalidResponse, body)
	}
	fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: `[{"_id":null},{"_id":"a","name":7}]`})
	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
	require.NoError(t, err, "odd users do not break a list")
	assert.Len(t, page.Users, 2)
}

func TestImportUsers_withFaults(t *testing.T) {
	fake := rightechtest.New(t)
	// Not 500, which is retried only once: which requests fail is random, since
	// many are in flight.
	fake.FailRandomly(0.1, 7, messembedtest.Fault{Status: 502}, messembedtest.Fault{Status: 503}, messembedtest.Fault{Reset: true},
		messembedtest.Fault{Reset: true, AfterApply: true}, messembedtest.Fault{Truncate: 1})
	client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 10, MinBackoff: 1}))
	const n = 300
	for range 2 {
		report, err := client.ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
			for i := range n {
				params := ada()
				params.Profile.Username = fmt.Sprint("user", i)
				params.Profile.Emails = []messembed.Email{{Address: params.Profile.Username + "@example.com"}}
				if !yield(params, nil) {
					return
				}
			}
		}, messembed.ImportOptions{})
		require.NoError(t, err)
		assert.Equal(t, n, report.Created+report.Kept, "%+v", report)
	}
	assert.Len(t, fake.Users(), n)
}
