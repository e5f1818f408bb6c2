package rocketchat_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func withUsers(t *testing.T, n int, opts ...rocketchattest.Option) *rocketchattest.Server {
	fake := rocketchattest.New(t, opts...)
	for i := range n {
		fake.AddUser(messembed.User{
			Profile:          messembed.Profile{Username: fmt.Sprintf("u%04d", i)},
			ExternalMetadata: messembed.Metadata{"n": i},
		})
	}
	return fake
}

func TestUsers_walksThePages(t *testing.T) {
	fake := withUsers(t, 250)
	var names []string
	for user, err := range fake.Client(t).Users(t.Context()) {
		require.NoError(t, err)
		names = append(names, user.Profile.Username)
	}
	require.Len(t, names, 250)
	assert.IsIncreasing(t, names)
	assert.Equal(t, 3, count(fake, "ListUsers"))
}

// The service silently lowers a count above its limit.
func TestListUsers_loweredCount(t *testing.T) {
	fake := withUsers(t, 250)
	client := fake.Client(t)
	var sizes []int
	p := messembed.ListUsersParams{Limit: 120}
	for {
		page, err := client.ListUsers(t.Context(), p)
		require.NoError(t, err)
		assert.Equal(t, 250, page.TotalCount)
		sizes = append(sizes, len(page.Users))
		if p.Cursor = page.NextCursor; p.Cursor == "" {
			break
		}
	}
	assert.Equal(t, []int{100, 100, 50}, sizes)

	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
	require.NoError(t, err)
	assert.Len(t, page.Users, 100, "the service's largest page")
	assert.True(t, page.Users[0].CreatedAt.IsZero(), "the list omits it")
	assert.Nil(t, page.Users[0].ExternalMetadata)
}

func TestListUsers_badCursor(t *testing.T) {
	fake := rocketchattest.New(t)
	for _, cursor := range []string{"x", "-1", "99999999999999999999", "1 "} {
		_, err := fake.Client(t).ListUsers(t.Context(), messembed.ListUsersParams{Cursor: cursor})
		failure(t, err, messembed.ErrInvalidArgument)
	}
	assert.Empty(t, fake.Requests())
}

func TestWithDetails(t *testing.T) {
	fake := withUsers(t, 120)
	client := fake.Client(t)
	n := 0
	for user, err := range client.Users(t.Context(), messembed.WithDetails()) {
		require.NoError(t, err)
		assert.Equal(t, messembed.Metadata{"n": float64(n)}, user.ExternalMetadata)
		assert.False(t, user.CreatedAt.IsZero())
		n++
	}
	assert.Equal(t, 120, n)

	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{Limit: 2}, messembed.WithDetails())
	require.NoError(t, err)
	require.Len(t, page.Users, 2)
	assert.NotNil(t, page.Users[1].ExternalMetadata)
	assert.Equal(t, "2", page.NextCursor)
}

// A user who is deleted before the detailed read is left out.
func TestWithDetails_goneMeanwhile(t *testing.T) {
	fake := withUsers(t, 3)
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 400, Body: `{"success":false,"error":"User not found."}`})
	n := 0
	for _, err := range fake.Client(t).Users(t.Context(), messembed.WithDetails()) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 2, n)
}

// A service that ignores the offset, or reports no total, does not make the walk
// endless.
func TestUsers_noProgressEndsTheWalk(t *testing.T) {
	page := `{"users":[{"_id":"a"},{"_id":"b"},{"_id":null}],"success":true}`
	for name, c := range map[string]struct {
		answers []string
		want    int
	}{
		"the same page again": {[]string{page, page, page}, 4},
		"an empty page":       {[]string{page, `{"users":[],"success":true}`}, 3},
		"a total":             {[]string{`{"users":[{"_id":"a"}],"total":1}`}, 1},
		"a total that was":    {[]string{`{"users":[{"_id":"a"}],"total":2}`, `{"users":[],"total":2}`, `{"users":[],"total":1}`}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t)
			for _, body := range c.answers {
				fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: body})
			}
			got := 0
			for _, err := range fake.Client(t).Users(t.Context()) {
				require.NoError(t, err)
				got++
			}
			assert.Equal(t, c.want, got)
		})
	}
}

// A page that repeats the one before leaves out nobody in silence.
func TestUsers_theSamePageAgain(t *testing.T) {
	fake := rocketchattest.New(t)
	for range 2 {
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: `{"users":[{"_id":"a"},{"_id":"b"}],"total":490}`})
	}
	seen := 0
	var last error
	for _, err := range fake.Client(t).Users(t.Context()) {
		if last = err; err == nil {
			seen++
		}
	}
	require.ErrorIs(t, last, messembed.ErrInvalidResponse)
	assert.Equal(t, 2, seen)
}

// A page that is empty although the total says more is read again. If it stays
// empty, the list is not taken for complete.
func TestUsers_gap(t *testing.T) {
	full, gap := messembedtest.Fault{Op: "ListUsers"}, messembedtest.Fault{Op: "ListUsers", Status: 200, Body: `{"users":[],"total":490}`}
	for name, c := range map[string]struct {
		faults []messembedtest.Fault
		want   int
		err    error
	}{
		"once":  {[]messembedtest.Fault{full, gap}, 250, nil},
		"twice": {[]messembedtest.Fault{full, gap, gap}, 100, messembed.ErrInvalidResponse},
	} {
		t.Run(name, func(t *testing.T) {
			fake := withUsers(t, 250)
			for _, fault := range c.faults {
				fake.FailNext(fault)
			}
			got := 0
			var last error
			for _, err := range fake.Client(t).Users(t.Context()) {
				if last = err; err == nil {
					got++
				}
			}
			require.ErrorIs(t, last, c.err)
			assert.Equal(t, c.want, got)
		})
	}
	fake := withUsers(t, 250)
	fake.FailNext(gap)
	fake.FailNext(gap)
	_, err := fake.Client(t).ListUsers(t.Context(), messembed.ListUsersParams{Cursor: "100"})
	assert.Contains(t, failure(t, err, messembed.ErrInvalidResponse).Message, "users: none, although the total reports more")
}

// A user who appears on two pages, since others were inserted before it
// meanwhile, is yielded once.
func TestUsers_whoMovesOn(t *testing.T) {
	fake := withUsers(t, 150)
	seen := map[string]int{}
	for user, err := range fake.Client(t).Users(t.Context()) {
		require.NoError(t, err)
		if len(seen) == 0 {
			fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "a"}})
		}
		seen[user.Profile.Username]++
	}
	assert.Len(t, seen, 150)
	for name, times := range seen {
		assert.Equal(t, 1, times, "%s", name)
	}
}

func TestListUsers_oddAnswers(t *testing.T) {
	for name, body := range map[string]string{
		"no users": `{"success":true}`, "no list": `{"users":{}}`, "a user without id": `{"users":[{"username":"x"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			fake := rocketchattest.New(t)
			fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: body})
			_, err := fake.Client(t).ListUsers(t.Context(), messembed.ListUsersParams{})
			failure(t, err, messembed.ErrInvalidResponse)
		})
	}
}

// One odd record does not end a list.
func TestUsers_oddDates(t *testing.T) {
	at := time.Date(2019, 8, 11, 17, 54, 14, 692e6, time.UTC)
	for date, want := range map[string]time.Time{
		`""`: {}, `"2020-05-01 10:00:00"`: {}, `"2020-05-01T10:00:00+0000"`: {}, `"10000-01-01T00:00:00Z"`: {}, `{}`: {}, `{"$date":{}}`: {},
		`{"$date":{"$numberLong":"x"}}`: {}, `{"$date":{"$numberLong":"NaN"}}`: {}, `{"$date":{"$numberLong":null}}`: {},
		`{"$date":{"$numberLong":"1565546054692"}}`: at, `{"$date":1565546054692}`: at, `"2019-08-11T17:54:14.692Z"`: at,
	} {
		fake := rocketchattest.New(t)
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 200, Body: `{"users":[{"_id":"a","createdAt":` + date + `},{"_id":"b"}],"total":2}`})
		page, err := fake.Client(t).ListUsers(t.Context(), messembed.ListUsersParams{})
		require.NoError(t, err, date)
		require.Len(t, page.Users, 2, date)
		assert.Equal(t, want, page.Users[0].CreatedAt, date)
		assert.Contains(t, string(page.Users[0].Raw), date)
	}
}

// WithTimeout applies to each page.
func TestUsers_timeoutIsForAPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := withUsers(t, 350)
		for range 4 {
			fake.FailNext(messembedtest.Fault{Op: "ListUsers", Delay: 4 * time.Second})
		}
		n := 0
		for _, err := range fake.Client(t, messembed.WithTimeout(5*time.Second)).Users(t.Context()) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 350, n)
	})
}

// Moves all users while one request in ten fails, then does it again.
func TestImport_outOfAndIntoTheFake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from, into := withUsers(t, 500), rocketchattest.New(t)
		// A second 500 in a row ends the call, so there is none here.
		faults := []messembedtest.Fault{
			{Status: 503}, {Status: 429}, {Status: 502}, {Reset: true}, {Reset: true, AfterApply: true}, {Refuse: true}, {Truncate: 9},
		}
		from.FailRandomly(0.1, 1, faults...)
		into.FailRandomly(0.1, 2, faults...)
		patient := messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond, MaxAttempts: 9})
		source, target := from.Client(t, patient), into.Client(t, patient)
		rows := func(yield func(messembed.CreateUserParams, error) bool) {
			for user, err := range source.Users(t.Context(), messembed.WithDetails()) {
				p := messembed.CreateUserParams{}
				if err == nil {
					p = params(user.Profile.Username)
					p.ExternalMetadata = user.ExternalMetadata
				}
				if !yield(p, err) {
					return
				}
			}
		}
		for _, created := range []int{500, 0} {
			report, err := target.ImportUsers(t.Context(), rows, messembed.ImportOptions{})
			require.NoError(t, err)
			assert.Equal(t, 500, report.Read)
			assert.Equal(t, created, report.Created)
			assert.Zero(t, report.Failed)
			into.FailRandomly(0, 0) // an existing row that meets a fault counts as created
		}
		assert.Len(t, into.Users(), 500)
	})
}

func TestListUsers_withoutFullInfo(t *testing.T) {
	fake := rocketchattest.New(t, rocketchattest.WithoutPermissions("view-full-other-user-info"))
	id := fake.AddUser(messembed.User{
		Profile: messembed.Profile{Username: "ada", Emails: []messembed.Email{{Address: "a@b"}}}, Raw: json.RawMessage(`{"name":null}`),
	})
	client := fake.Client(t)

	page, err := client.ListUsers(t.Context(), messembed.ListUsersParams{})
	require.NoError(t, err)
	assert.Empty(t, page.Users[0].Profile.Emails)
	assert.Empty(t, page.Users[0].Profile.DisplayName)
	user, err := client.GetUser(t.Context(), id)
	require.NoError(t, err)
	assert.True(t, user.CreatedAt.IsZero())
}

// A hundred users at 0.4 s each take longer than one call may.
func TestListUsers_detailsHaveEachTheCallsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := withUsers(t, 100)
		fake.FailRandomly(1, 1, messembedtest.Fault{Delay: 400 * time.Millisecond})
		page, err := fake.Client(t).ListUsers(t.Context(), messembed.ListUsersParams{}, messembed.WithDetails())
		require.NoError(t, err)
		assert.NotEmpty(t, page.Users)
	})
}
