package messembed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestImportUsers_creates(t *testing.T) {
	defer goleak.VerifyNone(t)
	fake := messembedtest.New(t)

	report, err := fake.Client(t).ImportUsers(t.Context(), numbered(200), messembed.ImportOptions{})

	require.NoError(t, err)
	assert.Equal(t, messembed.ImportProgress{Read: 200, Created: 200}, counts(report))
	assert.Positive(t, report.Elapsed)
	assert.Len(t, fake.Users(), 200)
	stored, _ := fake.User("u7")
	assert.Equal(t, "User 7", stored.ExternalMetadata["name"])
}

func TestImportUsers_nothing(t *testing.T) {
	var told []messembed.ImportProgress
	report, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(), rowsOf(), messembed.ImportOptions{
		Progress: func(p messembed.ImportProgress) { told = append(told, p) },
	})
	require.NoError(t, err)
	assert.Zero(t, counts(report))
	assert.Equal(t, []messembed.ImportProgress{report.ImportProgress}, told)
}

func TestImportUsers_policies(t *testing.T) {
	tests := []struct {
		name      string
		policy    messembed.ExistingPolicy
		want      messembed.ImportProgress
		wantCity  any
		wantShoes any
	}{
		{"nothing said keeps", "", messembed.ImportProgress{Read: 3, Created: 2, Kept: 1}, "Paris", 42.0},
		{"keep", messembed.KeepExisting, messembed.ImportProgress{Read: 3, Created: 2, Kept: 1}, "Paris", 42.0},
		{"update", messembed.UpdateExisting, messembed.ImportProgress{Read: 3, Created: 2, Updated: 1}, "Rome", 42.0},
		{"fail", messembed.FailOnExisting, messembed.ImportProgress{Read: 3, Created: 2, Failed: 1}, "Paris", 42.0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake := messembedtest.New(t)
			client := fake.Client(t)
			fake.AddUser(messembed.User{
				ID: "there", ExternalMetadata: messembed.Metadata{"city": "Paris"},
				PrivateExternalMetadata: messembed.Metadata{"shoes": 42},
			})
			fake.AddUser(messembed.User{ID: "deleted", ExternalMetadata: messembed.Metadata{"city": "Bonn"}})
			require.NoError(t, client.DeleteUser(t.Context(), "deleted"))
			var failures []messembed.ImportRow

			report, err := client.ImportUsers(t.Context(), rowsOf(
				messembed.CreateUserParams{ID: "new"},
				messembed.CreateUserParams{ID: "there", ExternalMetadata: messembed.Metadata{"city": "Rome"}},
				messembed.CreateUserParams{ID: "deleted", ExternalMetadata: messembed.Metadata{"city": "Oslo"}},
			), messembed.ImportOptions{
				OnExisting: tt.policy,
				OnRow:      failedRow(func(f messembed.ImportRow) { failures = append(failures, f) }),
			})

			require.NoError(t, err)
			assert.Equal(t, tt.want, counts(report))
			there, _ := fake.User("there")
			assert.Equal(t, tt.wantCity, there.ExternalMetadata["city"])
			assert.Equal(t, tt.wantShoes, there.PrivateExternalMetadata["shoes"], "what the row does not give stays")
			revived, err := client.GetUser(t.Context(), "deleted")
			require.NoError(t, err)
			assert.Equal(t, "Oslo", revived.ExternalMetadata["city"])
			assert.False(t, revived.Blocked())
			require.Len(t, failures, tt.want.Failed)
			for _, f := range failures {
				assert.Equal(t, 2, f.Row)
				assert.Equal(t, "there", f.Params.ID)
				assert.ErrorIs(t, f.Err, messembed.ErrAlreadyExists)
			}
		})
	}
}

func TestImportUsers_updateWithNothingToSay(t *testing.T) {
	fake := messembedtest.New(t)
	fake.AddUser(messembed.User{ID: "there", ExternalMetadata: messembed.Metadata{"city": "Paris"}})
	report, err := fake.Client(t).ImportUsers(t.Context(), rowsOf(messembed.CreateUserParams{ID: "there"}),
		messembed.ImportOptions{OnExisting: messembed.UpdateExisting})
	require.NoError(t, err)
	assert.Equal(t, messembed.ImportProgress{Read: 1, Kept: 1}, counts(report))
	for _, r := range fake.Requests() {
		assert.NotEqual(t, "UpdateUser", r.Op, "it would touch every chat of the user's")
	}
}

func TestImportUsers_badRowsFailWithoutARequest(t *testing.T) {
	fake := messembedtest.New(t)
	var failures []messembed.ImportRow

	report, err := fake.Client(t).ImportUsers(t.Context(), rowsOf(
		messembed.CreateUserParams{},
		messembed.CreateUserParams{ID: "a", ExternalMetadata: messembed.Metadata{"a.b": 1}},
		messembed.CreateUserParams{ID: "b", Password: "x"},
		messembed.CreateUserParams{ID: "c", ExternalMetadata: messembed.Metadata{"text": strings.Repeat("x", 110_000)}},
	), messembed.ImportOptions{
		Concurrency: 1,
		OnRow:       failedRow(func(f messembed.ImportRow) { failures = append(failures, f) }),
	})

	require.NoError(t, err)
	assert.Equal(t, messembed.ImportProgress{Read: 4, Failed: 4}, counts(report))
	assert.Empty(t, fake.Requests())
	for i, f := range failures {
		assert.Equal(t, i+1, f.Row)
		want := messembed.ErrInvalidArgument
		if i == 3 {
			want = messembed.ErrTooLarge
		}
		require.ErrorIs(t, f.Err, want)
		assert.Contains(t, f.Err.Error(), "ImportUsers")
	}
}

func TestImportUsers_dryRun(t *testing.T) {
	fake := messembedtest.New(t)
	report, err := fake.Client(t).ImportUsers(t.Context(), rowsOf(
		messembed.CreateUserParams{ID: "a"}, messembed.CreateUserParams{},
	), messembed.ImportOptions{DryRun: true})
	require.NoError(t, err)
	assert.Equal(t, messembed.ImportProgress{Read: 2, Kept: 1, Failed: 1}, counts(report))
	assert.Empty(t, fake.Requests())
}

func TestImportUsers_optionsThatMakeNoSense(t *testing.T) {
	tests := []struct {
		name    string
		options messembed.ImportOptions
		field   string
	}{
		{"negative concurrency", messembed.ImportOptions{Concurrency: -1}, "Concurrency"},
		{"unknown policy", messembed.ImportOptions{OnExisting: "replace"}, "OnExisting"},
		{"negative MaxFailures", messembed.ImportOptions{MaxFailures: -1}, "MaxFailures"},
		{"negative Shards", messembed.ImportOptions{Shards: -2}, "Shards"},
		{"Shard without Shards", messembed.ImportOptions{Shard: 1}, "Shards"},
		{"negative Shard", messembed.ImportOptions{Shard: -1, Shards: 4}, "Shard"},
		{"Shard beyond Shards", messembed.ImportOptions{Shard: 4, Shards: 4}, "Shard"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			called := false
			tt.options.Progress = func(messembed.ImportProgress) { called = true }
			report, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(),
				func(func(messembed.CreateUserParams, error) bool) { called = true }, tt.options)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.Contains(t, err.Error(), tt.field+":")
			assert.Zero(t, report)
			assert.False(t, called, "neither the input nor a callback is asked")
		})
	}
	_, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(), nil, messembed.ImportOptions{})
	require.ErrorIs(t, err, messembed.ErrInvalidArgument)
}

func TestImportUsers_inputFails(t *testing.T) {
	defer goleak.VerifyNone(t)
	fake := messembedtest.New(t)
	broken := errors.New("disk gone")
	report, err := fake.Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		for i := range 30 {
			if !yield(numberedUser(i), nil) {
				return
			}
		}
		if yield(messembed.CreateUserParams{}, broken) {
			t.Error("asked for more after the error")
		}
	}, messembed.ImportOptions{})
	assert.Same(t, broken, err, "as it is")
	assert.Equal(t, messembed.ImportProgress{Read: 30, Created: 30}, counts(report), "rows in flight are finished")
}

func TestImportUsers_maxFailures(t *testing.T) {
	fake := messembedtest.New(t)
	report, err := fake.Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		for i := 0; yield(messembed.CreateUserParams{}, nil); i++ {
			if i > 1000 {
				t.Error("never stopped")
				return
			}
		}
	}, messembed.ImportOptions{MaxFailures: 5, Concurrency: 4})
	require.ErrorIs(t, err, messembed.ErrTooManyFailures)
	assert.Contains(t, err.Error(), "ID: must not be empty")
	assert.GreaterOrEqual(t, report.Failed, 5)
	assert.LessOrEqual(t, report.Failed, 5+4)
	assert.Equal(t, report.Read, report.Failed)
}

func TestImportUsers_contextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		for range 4 {
			fake.FailNext(messembedtest.Fault{Delay: time.Hour})
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var failures []messembed.ImportRow

		report, err := fake.Client(t).ImportUsers(ctx, numbered(1_000_000), messembed.ImportOptions{
			Concurrency: 4,
			OnRow:       failedRow(func(f messembed.ImportRow) { failures = append(failures, f) }),
		})

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, messembed.ErrUnavailable)
		assert.Equal(t, messembed.ImportProgress{Read: 4, Failed: 4}, counts(report))
		assert.Equal(t, time.Second, report.Elapsed)
		require.Len(t, failures, 4)
		for _, f := range failures {
			assert.ErrorIs(t, f.Err, context.DeadlineExceeded)
		}
	})
}

func TestImportUsers_contextEndedBefore(t *testing.T) {
	fake := messembedtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report, err := fake.Client(t).ImportUsers(ctx, numbered(5), messembed.ImportOptions{})
	require.ErrorIs(t, err, context.Canceled)
	assert.Zero(t, counts(report))
	assert.Empty(t, fake.Requests())
}

func TestImportUsers_inputStopsSilentlyWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := messembedtest.New(t).Client(t).ImportUsers(ctx, func(func(messembed.CreateUserParams, error) bool) {
		cancel()
	}, messembed.ImportOptions{})
	require.ErrorIs(t, err, context.Canceled, "an interrupted import does not look like a whole one")
}

func TestImportUsers_progress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailRandomly(1, 1, messembedtest.Fault{Delay: 3 * time.Millisecond})
		var told []messembed.ImportProgress
		busy := false
		alone := func() func() {
			assert.False(t, busy, "a callback runs beside another")
			busy = true
			return func() { busy = false }
		}
		report, err := fake.Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
			for i := range 1000 {
				p := numberedUser(i)
				if i%10 == 0 {
					p.ID = ""
				}
				if !yield(p, nil) {
					return
				}
			}
		}, messembed.ImportOptions{
			Concurrency: 4,
			Progress:    func(p messembed.ImportProgress) { defer alone()(); told = append(told, p) },
			OnRow:       func(messembed.ImportRow) { defer alone()() },
		})
		require.NoError(t, err)
		assert.Equal(t, 1000, report.Read)
		assert.Equal(t, 100, report.Failed)
		require.NotEmpty(t, told)
		assert.Equal(t, report.ImportProgress, told[len(told)-1])
		assert.InDelta(t, report.Elapsed.Seconds()*10, len(told), 3)
		for i, p := range told {
			assert.Equal(t, p.Read, p.Created+p.Updated+p.Kept+p.Failed)
			if i > 0 && i < len(told)-1 {
				assert.GreaterOrEqual(t, p.Elapsed-told[i-1].Elapsed, 100*time.Millisecond)
			}
		}
	})
}

func TestImportUsers_concurrencyIsBounded(t *testing.T) {
	for _, tt := range []struct{ asked, most, want int }{{0, 256, 16}, {0, 5, 5}, {40, 256, 40}, {40, 8, 8}} {
		t.Run(fmt.Sprintf("%d of %d", tt.asked, tt.most), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				fake.FailRandomly(1, 1, messembedtest.Fault{Delay: time.Second})
				gauge := &inFlightGauge{RoundTripper: fake}
				_, err := fake.Client(t, messembed.WithTransport(gauge), messembed.WithMaxConcurrency(tt.most)).
					ImportUsers(t.Context(), numbered(100), messembed.ImportOptions{Concurrency: tt.asked})
				require.NoError(t, err)
				assert.Equal(t, tt.want, gauge.peak())
			})
		})
	}
}

// TestImportUsers_rowsOfOneUser: they are processed in order, so that the last
// wins.
// The rows of one user are told in their order, too.
func TestImportUsers_tellsRowsOfOneUserInOrder(t *testing.T) {
	rows := make([]messembed.CreateUserParams, 2_000)
	for i := range rows {
		rows[i].ID = "ada"
	}
	var told []int
	_, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(), rowsOf(rows...), messembed.ImportOptions{
		OnRow: func(r messembed.ImportRow) { told = append(told, r.Row) },
	})
	require.NoError(t, err)
	assert.Len(t, told, len(rows))
	assert.True(t, slices.IsSorted(told))
}

func TestImportUsers_rowsOfOneUser(t *testing.T) {
	for _, policy := range []messembed.ExistingPolicy{messembed.KeepExisting, messembed.UpdateExisting, messembed.FailOnExisting} {
		t.Run(string(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t)
				fake.FailRandomly(0.5, 3, messembedtest.Fault{Delay: 50 * time.Millisecond})
				var rows []messembed.CreateUserParams
				for i := range 60 {
					rows = append(rows, messembed.CreateUserParams{
						ID: fmt.Sprint("u", i%3), ExternalMetadata: messembed.Metadata{"row": i},
					})
				}
				report, err := fake.Client(t).ImportUsers(t.Context(), rowsOf(rows...), messembed.ImportOptions{OnExisting: policy})
				require.NoError(t, err)
				want, first := messembed.ImportProgress{Read: 60, Created: 3}, 0
				switch policy {
				case messembed.KeepExisting:
					want.Kept = 57
				case messembed.UpdateExisting:
					want.Updated, first = 57, 57
				case messembed.FailOnExisting:
					want.Failed = 57
				}
				assert.Equal(t, want, counts(report))
				for i := range 3 {
					u, _ := fake.User(fmt.Sprint("u", i))
					assert.EqualValues(t, first+i, u.ExternalMetadata["row"])
				}
			})
		})
	}
}

func TestImportUsers_callersPanic(t *testing.T) {
	bad := rowsOf(slices.Repeat([]messembed.CreateUserParams{{}}, 100)...)
	tests := []struct {
		name    string
		rows    rowSeq
		options messembed.ImportOptions
	}{
		{"input", func(yield func(messembed.CreateUserParams, error) bool) {
			for i := range 40 {
				yield(numberedUser(i), nil)
			}
			panic("boom")
		}, messembed.ImportOptions{}},
		{"OnRow", bad, messembed.ImportOptions{OnRow: func(messembed.ImportRow) { panic("boom") }}},
		{"last Progress", numbered(40), messembed.ImportOptions{Progress: func(messembed.ImportProgress) { panic("boom") }}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			client := messembedtest.New(t).Client(t)
			assert.PanicsWithValue(t, "boom", func() { _, _ = client.ImportUsers(t.Context(), tt.rows, tt.options) })
		})
	}
	t.Run("transport", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		client, err := messembed.New("https://messembed.test", messembed.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			panic("boom")
		})))
		require.NoError(t, err)
		assert.PanicsWithValue(t, "boom", func() { _, _ = client.ImportUsers(t.Context(), numbered(10), messembed.ImportOptions{}) })
	})
	t.Run("transport, while another row of the user waits", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		begun := make(chan struct{})
		client, err := messembed.New("https://messembed.test", messembed.WithTransport(roundTripper(func(*http.Request) (*http.Response, error) {
			<-begun
			panic("boom")
		})))
		require.NoError(t, err)
		rows := func(yield func(messembed.CreateUserParams, error) bool) {
			if yield(numberedUser(1), nil) {
				close(begun)
				yield(numberedUser(1), nil)
			}
		}
		assert.PanicsWithValue(t, "boom", func() { _, _ = client.ImportUsers(t.Context(), rows, messembed.ImportOptions{}) })
	})
	t.Run("Goexit in a callback", func(t *testing.T) {
		defer goleak.VerifyNone(t)
		client, returned, done := messembedtest.New(t).Client(t), false, make(chan struct{})
		go func() {
			defer close(done)
			_, _ = client.ImportUsers(t.Context(), bad, messembed.ImportOptions{OnRow: func(messembed.ImportRow) { goexit() }})
			returned = true
		}()
		<-done
		assert.False(t, returned)
	})
}

// The input may fill the same map again and again.
func TestImportUsers_inputReusesItsMaps(t *testing.T) {
	fake := messembedtest.New(t)
	metadata, address, tags := messembed.Metadata{}, map[string]any{}, []any{0}
	typed, names, numbers, raw := md{}, map[string]string{}, []int{0}, json.RawMessage("100")
	metadata["address"], metadata["tags"] = address, tags
	metadata["typed"], metadata["names"], metadata["numbers"], metadata["raw"] = typed, []map[string]string{names}, numbers, raw
	_, err := fake.Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		for i := 100; i < 300; i++ {
			metadata["n"], address["n"], tags[0], typed["n"], names["n"], numbers[0] = i, i, i, i, fmt.Sprint(i), i
			copy(raw, fmt.Sprint(i))
			if !yield(messembed.CreateUserParams{ID: fmt.Sprint(i), ExternalMetadata: metadata}, nil) {
				return
			}
		}
	}, messembed.ImportOptions{})
	require.NoError(t, err)
	for i := 100; i < 300; i++ {
		u, _ := fake.User(fmt.Sprint(i))
		n := float64(i)
		assert.Equal(t, messembed.Metadata{
			"n": n, "address": map[string]any{"n": n}, "tags": []any{n},
			"typed": map[string]any{"n": n}, "names": []any{map[string]any{"n": fmt.Sprint(i)}}, "numbers": []any{n}, "raw": n,
		}, u.ExternalMetadata)
	}
}

// What has no end fails its row, and nothing else.
func TestImportUsers_metadataThatContainsItself(t *testing.T) {
	loop, list := md{}, []any{nil, nil}
	loop["a"], loop["b"] = loop, []md{loop}
	list[0], list[1] = list, list
	for _, metadata := range []md{loop, {"list": list}} {
		fake := messembedtest.New(t)
		report, err := fake.Client(t).ImportUsers(t.Context(), rowsOf(messembed.CreateUserParams{ID: "ada", ExternalMetadata: metadata}, numberedUser(1)), messembed.ImportOptions{
			OnRow: func(r messembed.ImportRow) {
				if r.Row == 1 {
					assert.ErrorIs(t, r.Err, messembed.ErrInvalidArgument)
				}
			},
		})
		require.NoError(t, err)
		assert.Equal(t, messembed.ImportProgress{Read: 2, Created: 1, Failed: 1}, counts(report))
	}
}

// Through never passes a row that is not finished.
func TestImportUsers_through(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.FailNext(messembedtest.Fault{Op: "CreateUser", Delay: 5 * time.Second}) // the first row is slow
		var told []int
		finished := map[int]bool{}
		report, err := fake.Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
			for i := 1; i <= 40; i++ {
				time.Sleep(time.Second / 4)
				if !yield(numberedUser(i), nil) {
					return
				}
			}
		}, messembed.ImportOptions{
			OnRow: func(r messembed.ImportRow) { finished[r.Row] = true },
			Progress: func(p messembed.ImportProgress) {
				told = append(told, p.Through)
				for row := 1; row <= p.Through; row++ {
					assert.True(t, finished[row], "row %d is said to be finished", row)
				}
			},
		})
		require.NoError(t, err)
		assert.Equal(t, 40, report.Through)
		assert.Zero(t, told[0], "the first row is in flight")
		assert.IsNonDecreasing(t, told)
	})
}

// An import that is killed at random, again and again, under faults of all kinds,
// goes on at Through: it sends nothing for the rows before it, loses none and
// creates none twice. MESSEMBED_IMPORT_ROWS sets the number of rows.
func TestImportUsers_goesOnAtThrough(t *testing.T) {
	rows := importRows(t)
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithRequestLog(-1))
		fake.FailRandomly(0.1, 7, allFaults...)
		sent := &rowCounter{RoundTripper: fake, created: make([]int, rows+1)}
		client := fake.Client(t, messembed.WithTransport(sent))
		random := rand.New(rand.NewPCG(7, uint64(rows)))
		failed := map[int]bool{}
		through, runs := 0, 0
		for ; through < rows; runs++ {
			sent.through = through
			ctx, kill := context.WithCancel(t.Context())
			finished, last := 0, 1+random.IntN(rows-through)
			report, err := client.ImportUsers(ctx, func(yield func(messembed.CreateUserParams, error) bool) {
				for i := sent.through + 1; i <= rows; i++ {
					if !yield(numberedUser(i), nil) {
						return
					}
				}
			}, messembed.ImportOptions{OnRow: func(r messembed.ImportRow) {
				failed[sent.through+r.Row] = r.Err != nil
				if finished++; finished == last {
					kill()
				}
			}})
			kill()
			through += report.Through
			if through < rows {
				require.ErrorIs(t, err, messembed.ErrUnavailable)
				require.ErrorIs(t, err, context.Canceled)
			}
		}
		t.Logf("%d rows in %d runs, %d requests, %d of them for a row before Through", rows, runs, sent.requests, sent.before)
		assert.Greater(t, runs, 2)
		assert.Zero(t, sent.before, "requests for rows that were finished")
		failures := 0
		for i := 1; i <= rows; i++ {
			_, stored := fake.User(numberedUser(i).ID)
			require.True(t, stored || failed[i], "row %d is neither stored nor told as failed", i)
			require.LessOrEqual(t, sent.created[i], 1, "row %d", i)
			if failed[i] {
				failures++
			}
		}
		assert.Less(t, failures, rows/20)
	})
}

// rowCounter counts the requests, those for the rows up to through, and how often
// each row was created. The rows are those of numbered.
type rowCounter struct {
	http.RoundTripper
	through int

	mu               sync.Mutex
	requests, before int
	created          []int
}

func (c *rowCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	text := path.Base(r.URL.Path)
	if r.Method == http.MethodPost {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		sent, _ := io.ReadAll(body)
		text, _, _ = strings.Cut(strings.TrimPrefix(string(sent), `{"id":"`), `"`)
	}
	row, err := strconv.Atoi(strings.TrimPrefix(text, "u"))
	if err != nil {
		return nil, err
	}
	resp, err := c.RoundTripper.RoundTrip(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	if row <= c.through {
		c.before++
	}
	if err == nil && resp.StatusCode == http.StatusCreated {
		c.created[row]++
	}
	return resp, err
}

func TestImportUsers_throughCountsOtherShards(t *testing.T) {
	report, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(), numbered(50), messembed.ImportOptions{Shard: 1, Shards: 40})
	require.NoError(t, err)
	assert.Less(t, report.Read, 10)
	assert.Equal(t, 50, report.Through)
}
