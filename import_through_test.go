package messembed_test

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
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
