package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
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
	metadata["address"], metadata["tags"] = address, tags
	_, err := fake.Client(t).ImportUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
		for i := range 200 {
			metadata["n"], address["n"], tags[0] = i, i, i
			if !yield(messembed.CreateUserParams{ID: fmt.Sprint(i), ExternalMetadata: metadata}, nil) {
				return
			}
		}
	}, messembed.ImportOptions{})
	require.NoError(t, err)
	for i := range 200 {
		u, _ := fake.User(fmt.Sprint(i))
		n := float64(i)
		assert.Equal(t, messembed.Metadata{"n": n, "address": map[string]any{"n": n}, "tags": []any{n}}, u.ExternalMetadata)
	}
}
