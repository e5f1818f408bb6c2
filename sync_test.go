package messembed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// syncCounts returns the counts of a report, without the time.
func syncCounts(r messembed.SyncReport) messembed.SyncProgress {
	r.Elapsed = 0
	return r.SyncProgress
}

// sentOps counts the requests by operation.
func sentOps(fake *messembedtest.Server) map[string]int {
	ops := map[string]int{}
	for _, r := range fake.Requests() {
		ops[r.Op]++
	}
	return ops
}

// seeded returns a fake with the users of numbered(n).
func seeded(t *testing.T, n int, opts ...messembedtest.Option) *messembedtest.Server {
	fake := messembedtest.New(t, opts...)
	for i := 1; i <= n; i++ {
		p := numberedUser(i)
		fake.AddUser(messembed.User{ID: p.ID, ExternalMetadata: p.ExternalMetadata})
	}
	return fake
}

func TestSyncUsers_sendsTheDifference(t *testing.T) {
	defer goleak.VerifyNone(t)
	fake := seeded(t, 100)
	var input []messembed.CreateUserParams
	for i := 1; i <= 110; i++ {
		p := numberedUser(i)
		if i%50 == 7 {
			p.ExternalMetadata["age"] = 1000
		}
		if i != 20 {
			input = append(input, p)
		}
	}
	outcomes := map[messembed.SyncOutcome][]string{}
	want := messembed.SyncProgress{Read: 109, Created: 10, Updated: 2, Unchanged: 97, Vanished: 1, Blocked: 1}

	planned, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(input...), messembed.SyncOptions{Vanished: messembed.BlockVanished, DryRun: true})
	require.NoError(t, err)
	assert.Equal(t, want, syncCounts(planned))
	assert.Equal(t, map[string]int{"ListUsers": 1}, sentOps(fake), "a dry run sends one request")

	report, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(input...), messembed.SyncOptions{
		Vanished: messembed.BlockVanished,
		OnRow: func(r messembed.SyncRow) {
			outcomes[r.Outcome] = append(outcomes[r.Outcome], r.ID)
			if r.Row != 0 {
				assert.Equal(t, r.ID, input[r.Row-1].ID)
			}
		},
	})

	require.NoError(t, err)
	assert.Equal(t, want, syncCounts(report))
	assert.Positive(t, report.Elapsed)
	assert.Equal(t, map[string]int{"ListUsers": 2, "CreateUser": 10, "UpdateUser": 3}, sentOps(fake))
	assert.ElementsMatch(t, []string{"u7", "u57"}, outcomes[messembed.SyncUpdated])
	assert.Equal(t, []string{"u20"}, outcomes[messembed.SyncBlocked])
	assert.Len(t, outcomes[messembed.SyncUnchanged], 97)
	changed, _ := fake.User("u57")
	assert.Equal(t, 1000.0, changed.ExternalMetadata["age"])
	gone, _ := fake.User("u20")
	assert.True(t, gone.Blocked())

	again, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(input...), messembed.SyncOptions{Vanished: messembed.BlockVanished})
	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: 109, Unchanged: 109, Vanished: 1}, syncCounts(again), "one that is blocked is not written again")
	assert.Equal(t, map[string]int{"ListUsers": 3, "CreateUser": 10, "UpdateUser": 3}, sentOps(fake))
}

// A row gives what it gives.
func TestSyncUsers_comparesFields(t *testing.T) {
	stored := messembed.User{
		ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada", "tags": []any{"a", 1, nil, true}, "at": map[string]any{"x": 1.5, "y": -2}},
		PrivateExternalMetadata: messembed.Metadata{"shoes": 42}, BlockStatus: messembed.BlockCantSendAndReceive,
	}
	same := func() messembed.Metadata {
		return messembed.Metadata{"at": messembed.Metadata{"y": int64(-2), "x": 1.5}, "tags": []any{"a", uint8(1), nil, true}, "name": "Ada"}
	}
	with := func(key string, value any) messembed.Metadata {
		m := same()
		m[key] = value
		return m
	}
	for _, tt := range []struct {
		name string
		row  messembed.CreateUserParams
		body string // of the update; "": none is sent
	}{
		{"only the id", messembed.CreateUserParams{}, ""},
		{"the same in other types and order", messembed.CreateUserParams{ExternalMetadata: same(), PrivateExternalMetadata: messembed.Metadata{"shoes": 42}, BlockStatus: messembed.BlockCantSendAndReceive}, ""},
		{"a struct that reads the same", messembed.CreateUserParams{ExternalMetadata: with("at", struct {
			X float64 `json:"x"`
			Y int     `json:"y"`
		}{1.5, -2})}, ""},
		{"another value", messembed.CreateUserParams{ExternalMetadata: messembed.Metadata{"name": "Eve"}}, `{"externalMetadata":{"name":"Eve"}}`},
		{"a value of another type", messembed.CreateUserParams{PrivateExternalMetadata: messembed.Metadata{"shoes": "42"}}, `{"privateExternalMetadata":{"shoes":"42"}}`},
		{"null instead of missing", messembed.CreateUserParams{PrivateExternalMetadata: messembed.Metadata{"shoes": 42, "hat": nil}}, `{"privateExternalMetadata":{"hat":null,"shoes":42}}`},
		{"one that differs in order only inside a list", messembed.CreateUserParams{ExternalMetadata: messembed.Metadata{"tags": []any{1, "a"}}}, `{"externalMetadata":{"tags":[1,"a"]}}`},
		{"emptied", messembed.CreateUserParams{ExternalMetadata: messembed.Metadata{}, PrivateExternalMetadata: messembed.Metadata{"shoes": 42}}, `{"externalMetadata":{}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := messembedtest.New(t)
			fake.AddUser(stored)
			tt.row.ID = "ada"
			report, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(tt.row), messembed.SyncOptions{})
			require.NoError(t, err)
			requests := fake.Requests()[1:]
			if tt.body == "" {
				assert.Equal(t, 1, report.Unchanged)
				assert.Empty(t, requests)
				return
			}
			assert.Equal(t, 1, report.Updated)
			require.Len(t, requests, 1)
			assert.JSONEq(t, tt.body, string(requests[0].Body))
		})
	}
	t.Run("empty and missing are equal", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada"})
		report, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{}}), messembed.SyncOptions{})
		require.NoError(t, err)
		assert.Equal(t, 1, report.Unchanged)
	})
}

func TestSyncUsers_lastRowWins(t *testing.T) {
	for _, there := range []bool{true, false} {
		for _, dryRun := range []bool{false, true} {
			t.Run(fmt.Sprintf("there %v, dry run %v", there, dryRun), func(t *testing.T) {
				fake := messembedtest.New(t)
				if there {
					fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"n": 1}})
				}
				row := func(n int) messembed.CreateUserParams {
					return messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"n": n}}
				}
				var outcomes []messembed.SyncOutcome
				_, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(row(1), row(2), row(2), row(1), row(3)), messembed.SyncOptions{
					DryRun: dryRun, OnRow: func(r messembed.SyncRow) { outcomes = append(outcomes, r.Outcome) },
				})
				require.NoError(t, err)
				first := messembed.SyncCreated
				if there {
					first = messembed.SyncUnchanged
				}
				assert.Equal(t, []messembed.SyncOutcome{
					first, messembed.SyncUpdated, messembed.SyncUnchanged, messembed.SyncUpdated, messembed.SyncUpdated,
				}, outcomes)
				if !dryRun {
					u, _ := fake.User("ada")
					assert.Equal(t, 3.0, u.ExternalMetadata["n"])
				}
			})
		}
	}
}

func TestSyncUsers_tombstones(t *testing.T) {
	fake := seeded(t, 3)
	client := fake.Client(t)
	require.NoError(t, client.DeleteUser(t.Context(), "u1"))
	require.NoError(t, client.DeleteUser(t.Context(), "u2"))

	report, err := client.SyncUsers(t.Context(), rowsOf(numberedUser(1), numberedUser(3)), messembed.SyncOptions{Vanished: messembed.DeleteVanished})

	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: 2, Created: 1, Unchanged: 1}, syncCounts(report), "a deleted user has not vanished")
	back, err := client.GetUser(t.Context(), "u1")
	require.NoError(t, err)
	assert.Equal(t, "User 1", back.ExternalMetadata["name"])
	assert.False(t, back.Blocked())
	_, err = client.GetUser(t.Context(), "u2")
	require.ErrorIs(t, err, messembed.ErrNotFound)
}

func TestSyncUsers_somebodyElseMeanwhile(t *testing.T) {
	fake := seeded(t, 3)
	client := fake.Client(t, messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := fake.RoundTrip(r)
		if strings.HasSuffix(r.URL.Path, "admin-api/users") && r.Method == http.MethodGet { // the list is on its way
			fake.AddUser(messembed.User{ID: "new", ExternalMetadata: messembed.Metadata{"v": 1}})
			fake.AddUser(messembed.User{ID: "same", ExternalMetadata: messembed.Metadata{"v": 2}})
		}
		return resp, err
	})))
	report, err := client.SyncUsers(t.Context(), rowsOf(
		messembed.CreateUserParams{ID: "new", ExternalMetadata: messembed.Metadata{"v": 2}},
		messembed.CreateUserParams{ID: "same", ExternalMetadata: messembed.Metadata{"v": 2}},
	), messembed.SyncOptions{})
	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: 2, Updated: 1, Unchanged: 1, Vanished: 3}, syncCounts(report))
	u, _ := fake.User("new")
	assert.Equal(t, 2.0, u.ExternalMetadata["v"])
}

func TestSyncUsers_shards(t *testing.T) {
	fake := seeded(t, 300, messembedtest.WithDeleteRoute())
	input := func(yield func(messembed.CreateUserParams, error) bool) {
		for i := 1; i <= 320; i++ {
			p := numberedUser(i)
			if i%100 == 5 {
				continue // three vanished
			}
			if i%100 == 6 {
				p.ExternalMetadata["age"] = -1
			}
			if !yield(p, nil) {
				return
			}
		}
	}
	var total messembed.SyncProgress
	for shard := range 4 {
		report, err := fake.Client(t).SyncUsers(t.Context(), input, messembed.SyncOptions{Vanished: messembed.DeleteVanished, Shard: shard, Shards: 4})
		require.NoError(t, err)
		total.Read += report.Read
		total.Created += report.Created
		total.Updated += report.Updated
		total.Unchanged += report.Unchanged
		total.Vanished += report.Vanished
		total.Deleted += report.Deleted
	}
	// u305 was never there; u306 is new.
	assert.Equal(t, messembed.SyncProgress{Read: 316, Created: 19, Updated: 3, Unchanged: 294, Vanished: 3, Deleted: 3}, total)
	assert.Equal(t, map[string]int{"ListUsers": 4, "CreateUser": 19, "UpdateUser": 3, "DeleteUser": 3}, sentOps(fake))
}

func TestSyncUsers_listFails(t *testing.T) {
	t.Run("for good", func(t *testing.T) {
		fake := seeded(t, 3)
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 403})
		called := false
		report, err := fake.Client(t).SyncUsers(t.Context(), func(func(messembed.CreateUserParams, error) bool) { called = true },
			messembed.SyncOptions{Vanished: messembed.DeleteVanished})
		require.ErrorIs(t, err, messembed.ErrPermissionDenied)
		assert.False(t, called, "the input is not read")
		assert.Zero(t, syncCounts(report))
		assert.Positive(t, report.Elapsed)
	})
	t.Run("it breaks off and is read again", func(t *testing.T) {
		fake := seeded(t, 50)
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Truncate: 2000})
		report, err := fake.Client(t).SyncUsers(t.Context(), numbered(50), messembed.SyncOptions{})
		require.NoError(t, err)
		assert.Equal(t, messembed.SyncProgress{Read: 50, Unchanged: 50}, syncCounts(report))
	})
}

// TestSyncUsers_manyFaults: under faults in one of ten requests the service holds
// exactly what the input says, the counts add up, and nothing is created twice.
func TestSyncUsers_manyFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users = 2000
		fake := seeded(t, users)
		input := func(yield func(messembed.CreateUserParams, error) bool) {
			for i := 1; i <= users+200; i++ {
				p := numberedUser(i)
				switch i % 100 {
				case 0:
					continue // vanished
				case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10:
					p.ExternalMetadata["name"] = "changed"
				}
				if !yield(p, nil) {
					return
				}
			}
		}
		var transient []messembedtest.Fault
		for _, f := range allFaults {
			// A second 500 in a row ends a call.
			if f.Status/100 != 3 && f.Status/100 != 4 && f.Status/100 != 2 && f.Status != 500 || f.Status == 429 {
				transient = append(transient, f)
			}
		}
		fake.FailRandomly(0.1, 7, transient...)
		client := fake.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 20}), messembed.WithTimeout(0))

		report, err := client.SyncUsers(t.Context(), input, messembed.SyncOptions{Vanished: messembed.BlockVanished, MaxVanished: users,
			OnRow: func(r messembed.SyncRow) {
				if r.Err != nil {
					t.Logf("row %d %s: %v", r.Row, r.ID, r.Err)
				}
			}})
		require.NoError(t, err)
		assert.Equal(t, report.Read, report.Created+report.Updated+report.Unchanged)
		assert.Equal(t, messembed.SyncProgress{Read: users + 200 - 22, Created: 198, Updated: 200, Unchanged: 1780, Vanished: 20, Blocked: 20}, syncCounts(report))
		fake.FailRandomly(0, 0)
		again, err := client.SyncUsers(t.Context(), input, messembed.SyncOptions{Vanished: messembed.BlockVanished})
		require.NoError(t, err)
		assert.Equal(t, messembed.SyncProgress{Read: users + 200 - 22, Unchanged: users + 200 - 22, Vanished: 20}, syncCounts(again))
		assert.Len(t, fake.Users(), users+198)
	})
}

func TestSyncUsers_optionsThatMakeNoSense(t *testing.T) {
	for _, tt := range []struct {
		options messembed.SyncOptions
		field   string
	}{
		{messembed.SyncOptions{Concurrency: -1}, "Concurrency"},
		{messembed.SyncOptions{Vanished: "ignore"}, "Vanished"},
		{messembed.SyncOptions{MaxVanished: -1}, "MaxVanished"},
		{messembed.SyncOptions{MaxFailures: -1}, "MaxFailures"},
		{messembed.SyncOptions{Shards: -1}, "Shards"},
		{messembed.SyncOptions{Shard: 3, Shards: 3}, "Shard"},
	} {
		t.Run(tt.field, func(t *testing.T) {
			fake := messembedtest.New(t)
			_, err := fake.Client(t).SyncUsers(t.Context(), numbered(1), tt.options)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.Contains(t, err.Error(), "SyncUsers: invalid argument: "+tt.field+":")
			assert.Empty(t, fake.Requests())
		})
	}
	_, err := messembedtest.New(t).Client(t).SyncUsers(t.Context(), nil, messembed.SyncOptions{})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
}

func TestSyncUsers_callersPanic(t *testing.T) {
	for name, o := range map[string]messembed.SyncOptions{
		"OnRow":    {OnRow: func(messembed.SyncRow) { panic("boom") }},
		"Progress": {Progress: func(messembed.SyncProgress) { panic("boom") }},
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			assert.PanicsWithValue(t, "boom", func() {
				_, _ = seeded(t, 2).Client(t).SyncUsers(t.Context(), numbered(4), o)
			})
		})
	}
}

// The index stays small: of each user it keeps the id and hashes.
func TestSyncUsers_memory(t *testing.T) {
	const users = 20_000
	client, err := messembed.New("https://chat.example.com", messembed.WithTransport(generatedList(users)))
	require.NoError(t, err)
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc)
	}
	before, most := heap(), 0.0
	report, err := client.SyncUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		most = heap()
		for i := range users {
			if !yield(messembed.CreateUserParams{
				ID: fmt.Sprintf("user-%d", i),
				ExternalMetadata: messembed.Metadata{
					"name": fmt.Sprintf("User %d", i), "avatar": fmt.Sprintf("https://pics.example.com/%d.png", i), "tags": []any{"a", "b"},
				},
				PrivateExternalMetadata: messembed.Metadata{"plan": "gold"},
			}, nil) {
				return
			}
		}
	}, messembed.SyncOptions{})
	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: users, Unchanged: users}, syncCounts(report))
	t.Logf("%.0f bytes for a user", (most-before)/users)
	assert.Less(t, (most-before)/users, 100.0)
}

// A user of the list is compared as it was sent, whatever its JSON looks like: a
// row that was read from the same JSON is unchanged, one with something more is not.
func TestSyncUsers_comparesAnyJSON(t *testing.T) {
	for name, metadata := range map[string]string{
		"empty":                      `{}`,
		"scalars":                    `{"text":"Ada","empty":"","yes":true,"no":false,"nothing":null}`,
		"numbers":                    `{"zero":0,"minus zero":-0,"one":1,"with a point":1.0,"exponent":1e2,"negative":-7,"fraction":52.5200,"large":9007199254740993,"huge":1e300}`,
		"escapes":                    `{"a\"b":"\"\\\/\b\f\n\r\t","\u006eame":"\u0041da","emoji":"\ud83d\ude00","half of one":"\ud83d"}`,
		"scripts":                    `{"имя":"Миша","city":"Köln","名":"偉"}`,
		"invalid UTF-8":              "{\"a\":\"\xff\",\"b\xc3\":1}",
		"nested":                     `{"a":{"b":{"c":{}}},"d":[],"e":[[],[[1,"x",null]],{"f":[true,false]}]}`,
		"white space":                " {\n\t\"a\" : [ 1 , 2 ] , \"b\" : { } } ",
		"key of a tombstone, inside": `{"a":{"messembedDeletedAt":"2026-11-21T19:52:34Z"},"b":"messembedDeletedAt"}`,
		"tombstone without a date":   `{"messembedDeletedAt":"yesterday"}`,
	} {
		t.Run(name, func(t *testing.T) {
			list := fmt.Sprintf(`{"data":[{"_id":"ada","externalMetadata":%s,"privateExternalMetadata":%s,"blockStatus":null}]}`, metadata, metadata)
			client := answering(t, httpmock.NewStringResponder(200, list))
			var row messembed.CreateUserParams
			require.NoError(t, json.Unmarshal([]byte(metadata), &row.ExternalMetadata))
			require.NoError(t, json.Unmarshal([]byte(metadata), &row.PrivateExternalMetadata))
			row.ID = "ada"

			report, err := client.SyncUsers(t.Context(), rowsOf(row), messembed.SyncOptions{DryRun: true})
			require.NoError(t, err)
			assert.Equal(t, messembed.SyncProgress{Read: 1, Unchanged: 1}, syncCounts(report))

			row.PrivateExternalMetadata["more"] = "x"
			report, err = client.SyncUsers(t.Context(), rowsOf(row), messembed.SyncOptions{DryRun: true})
			require.NoError(t, err)
			assert.Equal(t, messembed.SyncProgress{Read: 1, Updated: 1}, syncCounts(report))
		})
	}
}

// The list may hold users that the SDK would not write.
func TestSyncUsers_strangeUsersInTheList(t *testing.T) {
	ada := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{}}
	changed := messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"n": 1}}
	for _, tt := range []struct {
		name, user string
		row        messembed.CreateUserParams
		want       messembed.SyncProgress
	}{
		{"metadata that are no object are empty", `{"_id":"ada","externalMetadata":"x","privateExternalMetadata":[1]}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1}},
		{"and differ from others", `{"_id":"ada","externalMetadata":"x"}`, changed, messembed.SyncProgress{Read: 1, Updated: 1}},
		{"nobody can name one without an id", `{"_id":null,"blockStatus":"X"}`, ada, messembed.SyncProgress{Read: 1, Created: 1}},
		{"deleted by the SDK", `{"_id":"ada","privateExternalMetadata":{"messembedDeletedAt":"2026-11-21T19:52:34Z"}}`, ada, messembed.SyncProgress{Read: 1, Created: 1}},
		{"deleted by the service", `{"_id":"ada","deletedAt":"2026-11-21T19:52:34.374Z"}`, ada, messembed.SyncProgress{Read: 1, Created: 1}},
		{"vanished and listed twice", `{"_id":"eve","externalMetadata":{"n":1}},{"_id":"eve"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1, Vanished: 1, Blocked: 1}},
		{"vanished and unblocked", `{"_id":"eve"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1, Vanished: 1, Blocked: 1}},
		{"vanished and blocked in another way", `{"_id":"eve","blockStatus":"X"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1, Vanished: 1}},
		{"vanished and deleted", `{"_id":"eve","deletedAt":"2026-11-21T19:52:34.374Z"},{"_id":"ada"}`, ada, messembed.SyncProgress{Read: 1, Unchanged: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report, err := answering(t, httpmock.NewStringResponder(200, `{"data":[`+tt.user+`]}`)).SyncUsers(t.Context(), rowsOf(tt.row), messembed.SyncOptions{DryRun: true, Vanished: messembed.BlockVanished})
			require.NoError(t, err)
			assert.Equal(t, tt.want, syncCounts(report))
		})
	}
	for name, list := range map[string]string{
		"_id":      `{"data":[{"externalMetadata":{}}]}`,
		"response": `{"data":[{"_id":"ada"}`,
	} {
		t.Run("unreadable "+name, func(t *testing.T) {
			_, err := answering(t, httpmock.NewStringResponder(200, list)).SyncUsers(t.Context(), rowsOf(ada), messembed.SyncOptions{DryRun: true})
			require.ErrorIs(t, err, messembed.ErrInvalidResponse)
			assert.Contains(t, err.Error(), name)
		})
	}
}

// A platform may keep deleted and blocked users, and have no quicker list of them.
func TestSyncUsers_statesOnAnotherPlatform(t *testing.T) {
	client := messembedtest.New(t).Client(t, messembed.WithPlatform(listing{users: []*messembed.User{
		{ID: "ada", DeletedAt: time.Now()},
		{ID: "bob", BlockStatus: messembed.BlockCantSendAndReceive},
		{ID: "eve", DeletedAt: time.Now()},
		{ID: "dan", BlockStatus: messembed.BlockCantSendAndReceive},
	}}))
	report, err := client.SyncUsers(t.Context(), rowsOf(messembed.CreateUserParams{ID: "ada"}, messembed.CreateUserParams{ID: "bob"}),
		messembed.SyncOptions{DryRun: true, Vanished: messembed.BlockVanished, Unblock: true})
	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: 2, Created: 1, Updated: 1, Vanished: 1}, syncCounts(report))
}

// listing is a platform of which only the list of users is asked for.
type listing struct {
	messembed.Platform
	messembed.PlatformBlocking
	users []*messembed.User
}

func (listing) UserKey(p messembed.CreateUserParams) string { return p.ID }

func (listing) CheckCreateUser(*messembed.Call, messembed.CreateUserParams) error { return nil }

func (l listing) Users(_ context.Context, _ *messembed.Call, yield func(*messembed.User) bool) error {
	for _, u := range l.users {
		if !yield(u) {
			break
		}
	}
	return nil
}
