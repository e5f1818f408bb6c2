package messembed_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestImportUsers_lostAnswersAreSettled(t *testing.T) {
	lost := messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true}
	garbled := messembedtest.Fault{Op: "CreateUser", AfterApply: true, Status: 200, Body: "<html>"}
	tests := []struct {
		name    string
		policy  messembed.ExistingPolicy
		faults  []messembedtest.Fault
		stored  *messembed.User // there before
		want    messembed.ImportProgress
		wantAge any
	}{
		{"one answer lost", messembed.FailOnExisting, []messembedtest.Fault{lost}, nil, messembed.ImportProgress{Read: 1, Created: 1}, 1.0},
		{"all answers lost", messembed.FailOnExisting, []messembedtest.Fault{lost, lost, lost, lost}, nil, messembed.ImportProgress{Read: 1, Created: 1}, 1.0},
		{"an answer that cannot be read", messembed.FailOnExisting, []messembedtest.Fault{garbled}, nil, messembed.ImportProgress{Read: 1, Created: 1}, 1.0},
		{
			"all answers lost, another was there", messembed.FailOnExisting, []messembedtest.Fault{lost, lost, lost, lost},
			&messembed.User{ID: "u1", ExternalMetadata: messembed.Metadata{"age": 2}}, messembed.ImportProgress{Read: 1, Failed: 1}, 2.0,
		},
		{
			"all answers lost, another was there and is kept", messembed.KeepExisting, []messembedtest.Fault{lost, lost, lost, lost},
			&messembed.User{ID: "u1", ExternalMetadata: messembed.Metadata{"age": 2}}, messembed.ImportProgress{Read: 1, Kept: 1}, 2.0,
		},
		{
			"one answer lost, another was there and is updated", messembed.UpdateExisting, []messembedtest.Fault{lost},
			&messembed.User{ID: "u1", ExternalMetadata: messembed.Metadata{"age": 2}}, messembed.ImportProgress{Read: 1, Updated: 1}, 1.0,
		},
		{
			"nothing ever arrived", messembed.KeepExisting, []messembedtest.Fault{{Reset: true}, {Reset: true}, {Reset: true}, {Reset: true}},
			nil, messembed.ImportProgress{Read: 1, Failed: 1}, nil,
		},
		{
			"the look-up fails too", messembed.KeepExisting, []messembedtest.Fault{lost, lost, lost, lost, {Op: "GetUser", Status: 403}},
			nil, messembed.ImportProgress{Read: 1, Failed: 1}, 1.0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				if tt.stored != nil {
					fake.AddUser(*tt.stored)
				}
				for _, fault := range tt.faults {
					fake.FailNext(fault)
				}
				var failed error
				report, err := fake.Client(t).ImportUsers(t.Context(), rowsOf(messembed.CreateUserParams{
					ID: "u1", ExternalMetadata: messembed.Metadata{"age": 1},
				}), messembed.ImportOptions{OnExisting: tt.policy, OnRow: func(r messembed.ImportRow) { failed = r.Err }})
				require.NoError(t, err)
				assert.Equal(t, tt.want, counts(report), "%v", failed)
				u, _ := fake.User("u1")
				assert.Equal(t, tt.wantAge, u.ExternalMetadata["age"])
			})
		})
	}
}

// TestImportUsers_givesWay: a service that refuses more than four requests at
// once gets about that many, and all sixteen after it has recovered.
func TestImportUsers_givesWay(t *testing.T) {
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}[:whole(1, 2)] {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, messembedtest.WithRequestLog(-1))
				recovers := time.Now().Add(20 * time.Second)
				var refused, strained, after int
				gauge := &inFlightGauge{}
				gauge.RoundTripper = roundTripper(func(r *http.Request) (*http.Response, error) {
					gauge.mu.Lock()
					now := gauge.now
					switch {
					case time.Now().After(recovers):
						after = max(after, now)
					case time.Until(recovers) < 15*time.Second: // it has had time to find the pace
						strained++
						if now > 4 {
							refused++
						}
					}
					gauge.mu.Unlock()
					time.Sleep(20 * time.Millisecond)
					if now > 4 && time.Now().Before(recovers) {
						return refusal(r, status), nil
					}
					return fake.RoundTrip(r)
				})
				report, err := fake.Client(t, messembed.WithTransport(gauge), messembed.WithRetry(messembed.RetryPolicy{})).
					ImportUsers(t.Context(), numbered(8_000), messembed.ImportOptions{})
				require.NoError(t, err)
				assert.Equal(t, 8_000, report.Read)
				assert.Greater(t, report.Created, 7_990, "few rows are refused four times")
				assert.Positive(t, strained)
				assert.Less(t, float64(refused), 0.25*float64(strained), "refused requests of all")
				assert.Equal(t, 16, after)
			})
		})
	}
}

// One push back counts once for all rows that were in flight, and those that were
// refused do not count as having gone well.
func TestImportUsers_onePushBackCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		requests, inFlight, peak := 0, 0, 0
		began := time.Now()
		client, err := messembed.New("https://messembed.test", messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
			mu.Lock()
			requests++
			number := requests
			inFlight++
			if number > 16 && time.Since(began) < 2*time.Second {
				peak = max(peak, inFlight)
			}
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			inFlight--
			mu.Unlock()
			if number <= 16 {
				return refusal(r, http.StatusServiceUnavailable), nil
			}
			body, _ := io.ReadAll(r.Body)
			return &http.Response{
				StatusCode: http.StatusCreated, Header: http.Header{}, ContentLength: -1, Request: r,
				Body: io.NopCloser(strings.NewReader(strings.Replace(string(body), `"id"`, `"_id"`, 1))),
			}, nil
		})), messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
		require.NoError(t, err)
		report, err := client.ImportUsers(t.Context(), numbered(40), messembed.ImportOptions{})
		require.NoError(t, err)
		assert.Equal(t, messembed.ImportProgress{Read: 40, Created: 24, Failed: 16}, counts(report))
		assert.Equal(t, 8, peak, "half as many at once")
	})
}

// The look-up after lost responses has the call's full time again.
func TestImportUsers_lookUpHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		for range 2 {
			fake.FailNext(messembedtest.Fault{Op: "CreateUser", Stall: true, AfterApply: true})
		}
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Delay: 3 * time.Second})
		client := fake.Client(t, messembed.WithTimeout(10*time.Second), messembed.WithAttemptTimeout(4*time.Second),
			messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 2, MaxBackoff: time.Second}))
		report, err := client.ImportUsers(t.Context(), numbered(1), messembed.ImportOptions{})
		require.NoError(t, err)
		assert.Equal(t, messembed.ImportProgress{Read: 1, Created: 1}, counts(report))
	})
}

// And so has the update after a look-up.
func TestImportUsers_updateHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "u1"})
		fake.FailNext(messembedtest.Fault{Op: "GetUser", Delay: 6 * time.Second})
		fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Delay: 6 * time.Second})
		report, err := fake.Client(t, messembed.WithTimeout(10*time.Second)).
			ImportUsers(t.Context(), numbered(1), messembed.ImportOptions{OnExisting: messembed.UpdateExisting})
		require.NoError(t, err)
		assert.Equal(t, messembed.ImportProgress{Read: 1, Updated: 1}, counts(report))
	})
}

func refusal(r *http.Request, status int) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(`{"statusCode":` + strconv.Itoa(status) + `}`)), Request: r,
	}
}

func TestImportUsers_waitsOutAPause(t *testing.T) {
	tests := []struct {
		name       string
		fault      messembedtest.Fault
		times      int
		want       messembed.ImportProgress
		atLeast    time.Duration
		retryAfter time.Duration
	}{
		{"within MaxBackoff", messembedtest.Fault{Status: 429, RetryAfter: "5"}, 1, messembed.ImportProgress{Read: 1, Created: 1}, 5 * time.Second, 0},
		{"beyond MaxBackoff", messembedtest.Fault{Status: 429, RetryAfter: "45"}, 2, messembed.ImportProgress{Read: 1, Created: 1}, 90 * time.Second, 0},
		{"unavailable for a while", messembedtest.Fault{Status: 503, RetryAfter: "30"}, 1, messembed.ImportProgress{Read: 1, Created: 1}, 30 * time.Second, 0},
		{"for an hour", messembedtest.Fault{Status: 429, RetryAfter: "3600"}, 1, messembed.ImportProgress{Read: 1, Failed: 1}, 0, time.Hour},
		{"for ever", messembedtest.Fault{Status: 429, RetryAfter: "45"}, 99, messembed.ImportProgress{Read: 1, Failed: 1}, 0, 45 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				for range tt.times {
					fake.FailNext(tt.fault)
				}
				fake.FailNext(messembedtest.Fault{Delay: time.Second})
				var failed *messembed.Error
				client := fake.Client(t, messembed.WithTimeout(10*time.Second)) // for each time
				report, err := client.ImportUsers(t.Context(), numbered(1), messembed.ImportOptions{
					OnRow: failedRow(func(r messembed.ImportRow) { require.ErrorAs(t, r.Err, &failed) }),
				})
				require.NoError(t, err)
				assert.Equal(t, tt.want, counts(report))
				assert.GreaterOrEqual(t, report.Elapsed, tt.atLeast)
				if tt.want.Failed > 0 {
					require.ErrorIs(t, failed, messembed.ErrRateLimited)
					assert.Equal(t, tt.retryAfter, failed.RetryAfter)
				}
				if tt.times == 99 {
					assert.Len(t, fake.Requests(), 6, "five pauses are waited out")
				}
			})
		})
	}
}

// allFaults is every way in which a service or the network may fail.
var allFaults = []messembedtest.Fault{
	{Status: 429}, {Status: 429, RetryAfter: "1"}, {Status: 503}, {Status: 503, RetryAfter: "2"}, {Status: 503, RetryAfter: "20"},
	{Status: 500, Body: `{"statusCode":500,"message":"Internal server error"}`},
	{Status: 500, Body: `{"statusCode":500,"message":"Internal server error"}`, AfterApply: true},
	{Status: 502}, {Status: 502, AfterApply: true}, {Status: 504, Body: "<html>"}, {Status: 504, AfterApply: true},
	{Refuse: true}, {Reset: true}, {Reset: true, AfterApply: true},
	{Truncate: 1}, {Truncate: -1}, {Truncate: 60},
	{Stall: true}, {Stall: true, AfterApply: true}, {Stall: true, Truncate: 10},
	{Delay: time.Second}, {Delay: time.Minute}, {Delay: time.Minute, AfterApply: true},
	{Status: 200, Body: "<html>hello</html>"}, {Status: 200, Body: "<html>", AfterApply: true},
	{Status: 302, Header: http.Header{"Location": {"https://elsewhere.test/"}}},
	{Status: 400, Body: `{"statusCode":400,"message":["no"],"error":"Bad Request"}`}, {Status: 401, Body: `{"statusCode":401,"message":"Unauthorized"}`},
}

// TestImportUsers_manyFaults: with faults of all kinds in three of ten requests
// no row is lost, none is done twice, and the counts add up.
// MESSEMBED_IMPORT_ROWS sets the number of rows; 100000 is the full test.
func TestImportUsers_manyFaults(t *testing.T) {
	rows := importRows(t)
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithRequestLog(-1))
		created := &createCounter{RoundTripper: fake, times: map[string]int{}}
		client := fake.Client(t, messembed.WithTransport(created))
		fake.FailRandomly(0.3, 7, allFaults...)
		failures := map[string]messembed.ImportRow{}

		report, err := client.ImportUsers(t.Context(), numbered(rows), messembed.ImportOptions{
			OnRow: func(f messembed.ImportRow) {
				if f.Err == nil {
					return
				}
				assert.NotContains(t, failures, f.Params.ID, "one row fails once")
				failures[f.Params.ID] = f
			},
		})

		require.NoError(t, err)
		assert.Equal(t, rows, report.Read)
		assert.Equal(t, rows, report.Created+report.Failed)
		assert.Len(t, failures, report.Failed)
		assert.Less(t, report.Failed, rows/10)
		for i := 1; i <= rows; i++ {
			p := numberedUser(i)
			_, stored := fake.User(p.ID)
			failure, failed := failures[p.ID]
			if !failed {
				require.True(t, stored, "%s was counted as created", p.ID)
				continue
			}
			assert.Equal(t, i, failure.Row)
			if stored {
				var e *messembed.Error
				require.ErrorAs(t, failure.Err, &e)
				assert.True(t, e.MaybeApplied, "%s is stored: %v", p.ID, failure.Err)
			}
		}
		for id, times := range created.times {
			require.LessOrEqual(t, times, 1, "%s was created again", id)
		}

		// After the failed rows are imported again, every user exists.
		fake.FailRandomly(0, 0)
		again := func(yield func(messembed.CreateUserParams, error) bool) {
			for f := range maps.Values(failures) {
				if !yield(f.Params, nil) {
					return
				}
			}
		}
		second, err := client.ImportUsers(t.Context(), again, messembed.ImportOptions{})
		require.NoError(t, err)
		assert.Equal(t, report.Failed, second.Created+second.Kept)
		assert.Len(t, fake.Users(), rows)
	})
}

func importRows(t *testing.T) int {
	text := os.Getenv("MESSEMBED_IMPORT_ROWS")
	if text == "" {
		return whole(1500, 20_000)
	}
	rows, err := strconv.Atoi(text)
	require.NoError(t, err)
	return rows
}

// createCounter counts the 201 responses to creates by the Location of their
// user.
type createCounter struct {
	http.RoundTripper
	mu    sync.Mutex
	times map[string]int
}

func (c *createCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		sent, _ = io.ReadAll(body)
	}
	resp, err := c.RoundTripper.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusCreated {
		c.mu.Lock()
		c.times[string(sent)]++
		c.mu.Unlock()
	}
	return resp, err
}

// TestImportUsers_rerun: after an interruption the same import goes on, and
// creates nothing twice.
func TestImportUsers_rerun(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := client.ImportUsers(ctx, func(yield func(messembed.CreateUserParams, error) bool) {
		for i := 1; i <= 500; i++ {
			if i == 200 {
				cancel()
			}
			if !yield(numberedUser(i), nil) {
				return
			}
		}
	}, messembed.ImportOptions{})
	require.ErrorIs(t, err, context.Canceled)
	stored := len(fake.Users())
	assert.GreaterOrEqual(t, stored, first.Created)
	before := maps.Collect(byID(fake))

	second, err := client.ImportUsers(t.Context(), numbered(500), messembed.ImportOptions{})

	require.NoError(t, err)
	assert.Equal(t, messembed.ImportProgress{Read: 500, Created: 500 - stored, Kept: stored}, counts(second))
	assert.Len(t, fake.Users(), 500)
	after := maps.Collect(byID(fake))
	for id, u := range before {
		assert.Equal(t, u, after[id])
	}
}

func byID(fake *messembedtest.Server) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, u := range fake.Users() {
			if !yield(u.ID, string(u.Raw)) {
				return
			}
		}
	}
}

func TestImportUsers_shards(t *testing.T) {
	// The shard of an id never changes: a rerun with another version of the
	// SDK must not do another process's rows.
	pinned := map[string]int{"alice": 7, "bob": 4, "u1": 3, "u2": 6, "Zoë": 4, "42": 3}
	const shards = 8
	fake := messembedtest.New(t)
	got := map[string]int{}
	total := 0
	for shard := range shards {
		before := len(fake.Users())
		input := func(yield func(messembed.CreateUserParams, error) bool) {
			for id := range pinned {
				if !yield(messembed.CreateUserParams{ID: id}, nil) {
					return
				}
			}
			for i := 100; i < 900; i++ {
				if !yield(numberedUser(i), nil) {
					return
				}
			}
		}
		report, err := fake.Client(t).ImportUsers(t.Context(), input, messembed.ImportOptions{Shard: shard, Shards: shards})
		require.NoError(t, err)
		assert.Zero(t, report.Kept, "no row is two shards'")
		assert.Greater(t, report.Read, 800/shards/2)
		total += report.Read
		for _, u := range fake.Users()[before:] {
			if _, ok := pinned[u.ID]; ok {
				got[u.ID] = shard
			}
		}
	}
	assert.Equal(t, 806, total)
	assert.Len(t, fake.Users(), 806)
	assert.Equal(t, pinned, got)
}

func TestImportUsers_shardsCountAllRows(t *testing.T) {
	var rows []int
	for shard := range 4 {
		_, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
			for i := range 40 {
				p := messembed.CreateUserParams{ID: fmt.Sprint(i), BlockStatus: "no such"}
				if !yield(p, nil) {
					return
				}
			}
		}, messembed.ImportOptions{
			Shard: shard, Shards: 4,
			OnRow: func(f messembed.ImportRow) {
				if f.Err == nil {
					return
				}
				assert.Equal(t, strconv.Itoa(f.Row-1), f.Params.ID)
				rows = append(rows, f.Row)
			},
		})
		require.NoError(t, err)
	}
	assert.Len(t, rows, 40)
}

// TestImportUsers_memoryIsFlat imports through a transport that stores nothing.
func TestImportUsers_memoryIsFlat(t *testing.T) {
	client, err := messembed.New("https://messembed.test", messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		sent, err := io.ReadAll(r.Body)
		answer := `{"createdAt":"2026-11-21T19:52:34.374Z","externalMetadata":{"name":"x"},"_` + strings.TrimPrefix(string(sent), `{"`)
		return &http.Response{
			StatusCode: http.StatusCreated, Header: http.Header{}, ContentLength: int64(len(answer)),
			Body: io.NopCloser(strings.NewReader(answer)), Request: r,
		}, err
	})))
	require.NoError(t, err)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var early, late uint64
	var goroutines int
	const rows = 20_000
	report, err := client.ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		for i := range rows {
			switch i {
			case rows / 10:
				early = heap()
			case rows - 1:
				late, goroutines = heap(), runtime.NumGoroutine()
			}
			id := binary.BigEndian.AppendUint64(nil, uint64(i))
			if !yield(messembed.CreateUserParams{ID: fmt.Sprintf("%x", id)}, nil) {
				return
			}
		}
	}, messembed.ImportOptions{})
	require.NoError(t, err)
	assert.Equal(t, rows, report.Created)
	assert.Less(t, late, early+512<<10, "bytes on the heap after a tenth of the rows and after all")
	assert.Less(t, goroutines, 100, "16 of them work")
}

// A pause that the service asks for does not end a doubt: what may have been
// written before it may have been written.
func TestSyncUsers_doubtOutlivesAPause(t *testing.T) {
	changed := numberedUser(1)
	changed.ExternalMetadata["name"] = "changed"
	pause := messembedtest.Fault{Status: 503, RetryAfter: "40"}
	lost := messembedtest.Fault{Reset: true, AfterApply: true}
	refused := messembedtest.Fault{Status: 403}
	for _, tt := range []struct {
		name, op string
		rows     []messembed.CreateUserParams
		policy   messembed.VanishedPolicy
		faults   []messembedtest.Fault
		outcome  messembed.SyncOutcome
		maybe    bool
	}{
		{"an update", "UpdateUser", []messembed.CreateUserParams{changed}, "", []messembedtest.Fault{lost, pause, refused}, messembed.SyncFailed, true},
		{"an update never carried out", "UpdateUser", []messembed.CreateUserParams{changed}, "", []messembedtest.Fault{pause, refused}, messembed.SyncFailed, false},
		{"blocking", "UpdateUser", nil, messembed.BlockVanished, []messembedtest.Fault{lost, pause, refused}, messembed.SyncFailed, true},
		{"deleting", "DeleteUser", nil, messembed.DeleteVanished, []messembedtest.Fault{lost, pause, refused}, messembed.SyncFailed, true},
		{"deleted before the pause", "DeleteUser", nil, messembed.DeleteVanished, []messembedtest.Fault{lost, pause}, messembed.SyncDeleted, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := seeded(t, 1, messembedtest.WithDeleteRoute())
				failInTurn(fake, tt.op, tt.faults...)
				var told messembed.SyncRow
				_, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(tt.rows...), messembed.SyncOptions{
					Vanished: tt.policy, MaxVanished: 1, OnRow: func(r messembed.SyncRow) { told = r },
				})
				require.NoError(t, err)
				assert.Equal(t, tt.outcome, told.Outcome)
				assert.Equal(t, tt.maybe, saysMaybe(told.Err), "%v", told.Err)
			})
		})
	}
}

func TestImportUsers_doubtOutlivesAPause(t *testing.T) {
	changed := numberedUser(1)
	changed.ExternalMetadata["name"] = "changed"
	pause := messembedtest.Fault{Status: 503, RetryAfter: "40"}
	reset := messembedtest.Fault{Reset: true}
	refused := messembedtest.Fault{Status: 403}
	for _, tt := range []struct {
		name    string
		deleted bool
		faults  []messembedtest.Fault // of the update
		creates []messembedtest.Fault
		maybe   bool
	}{
		{"an update", false, []messembedtest.Fault{reset, pause, refused}, nil, true},
		{"an update never carried out", false, []messembedtest.Fault{pause, refused}, nil, false},
		{"an update, then nothing is accepted", false, []messembedtest.Fault{reset, pause}, []messembedtest.Fault{{}, refused}, true},
		{"bringing back a deleted user", true, []messembedtest.Fault{reset, pause, refused}, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := seeded(t, 1)
				client := fake.Client(t)
				if tt.deleted {
					require.NoError(t, client.DeleteUser(t.Context(), "u1"))
				}
				failInTurn(fake, "UpdateUser", tt.faults...)
				failInTurn(fake, "CreateUser", tt.creates...)
				var told messembed.ImportRow
				_, err := client.ImportUsers(t.Context(), rowsOf(changed), messembed.ImportOptions{
					OnExisting: messembed.UpdateExisting, OnRow: func(r messembed.ImportRow) { told = r },
				})
				require.NoError(t, err)
				assert.Equal(t, messembed.RowFailed, told.Outcome)
				assert.Equal(t, tt.maybe, saysMaybe(told.Err), "%v", told.Err)
			})
		})
	}
}

// failInTurn makes the next requests of an operation fail, each in its own way.
func failInTurn(fake *messembedtest.Server, op string, faults ...messembedtest.Fault) {
	for _, f := range faults {
		f.Op = op
		fake.FailNext(f)
	}
}

func saysMaybe(err error) bool {
	e, ok := errors.AsType[*messembed.Error](err)
	return ok && e.MaybeApplied
}
