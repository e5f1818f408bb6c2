package messembed_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

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

// A killed import that goes on at Through sends nothing for the rows before it,
// and none is lost.
func TestImportUsers_goesOnAtThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows = 300
		fake := messembedtest.New(t)
		client := fake.Client(t)
		through, runs := 0, 0
		for through < rows {
			runs++
			before := len(fake.Requests())
			fake.FailRandomly(0.5, uint64(runs), messembedtest.Fault{Delay: 3 * time.Second})
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			skipped := through
			report, err := client.ImportUsers(ctx, func(yield func(messembed.CreateUserParams, error) bool) {
				for i := skipped + 1; i <= rows; i++ {
					if !yield(numberedUser(i), nil) {
						return
					}
				}
			}, messembed.ImportOptions{Concurrency: 4})
			cancel()
			through = skipped + report.Through
			if through < rows {
				require.ErrorIs(t, err, messembed.ErrUnavailable)
			}
			for _, r := range fake.Requests()[before:] {
				if r.Op == "CreateUser" {
					var number int
					_, err := fmt.Sscanf(string(r.Body), `{"id":"u%d"`, &number)
					require.NoError(t, err)
					assert.Greater(t, number, skipped)
				}
			}
		}
		assert.Greater(t, runs, 2)
		assert.Len(t, fake.Users(), rows)
	})
}

func TestImportUsers_throughCountsOtherShards(t *testing.T) {
	report, err := messembedtest.New(t).Client(t).ImportUsers(t.Context(), numbered(50), messembed.ImportOptions{Shard: 1, Shards: 40})
	require.NoError(t, err)
	assert.Less(t, report.Read, 10)
	assert.Equal(t, 50, report.Through)
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
