package parallel_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/messembed/messembed-go/internal/parallel"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var letters = []string{"a", "b", "c", "d", "e"}

// slowly takes a second for each id, unless ctx ends first.
func slowly(ctx context.Context, id string) string {
	select {
	case <-time.After(time.Second):
		return "read " + id
	case <-ctx.Done():
		return "cancelled"
	}
}

func TestEach(t *testing.T) {
	for name, tt := range map[string]struct {
		atOnce int
		ids    []string
		took   time.Duration
	}{
		"one by one":         {1, letters, 5 * time.Second},
		"some at once":       {2, letters, 3 * time.Second},
		"all at once":        {5, letters, time.Second},
		"more than there is": {100, letters, time.Second},
		"nothing":            {2, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var taken []string
				parallel.Each(t.Context(), tt.atOnce, tt.ids, slowly, func(id, value string) bool {
					assert.Equal(t, "read "+id, value)
					taken = append(taken, id)
					return true
				})
				slices.Sort(taken)
				assert.Equal(t, tt.ids, taken)
				assert.Equal(t, tt.took, time.Since(began))
			})
		})
	}
}

func TestEach_endsEarly(t *testing.T) {
	for name, end := range map[string]func(cancel func()) bool{
		"take returns false": func(func()) bool { return false },
		"ctx ends":           func(cancel func()) bool { cancel(); return true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				began, taken := time.Now(), 0
				parallel.Each(ctx, 2, letters, slowly, func(string, string) bool {
					taken++
					return end(cancel)
				})
				assert.Equal(t, 1, taken)
				assert.Equal(t, time.Second, time.Since(began), "what was in progress is cancelled")
			})
		})
	}
}

// Nothing is in progress when a panic arrives at the caller.
func TestEach_panics(t *testing.T) {
	var reading atomic.Int32
	read := func(ctx context.Context, id string) string {
		reading.Add(1)
		defer reading.Add(-1)
		if id == "b" {
			panic("read")
		}
		<-ctx.Done()
		return ""
	}
	assert.PanicsWithValue(t, "read", func() {
		parallel.Each(t.Context(), 3, letters, read, func(string, string) bool { return true })
	})
	assert.Zero(t, reading.Load())

	last := func(ctx context.Context, id string) string {
		if id != "a" {
			<-ctx.Done()
			panic("read, cancelled")
		}
		return ""
	}
	assert.PanicsWithValue(t, "read, cancelled", func() {
		parallel.Each(t.Context(), 3, letters, last, func(string, string) bool { return false })
	})

	fine := func(context.Context, string) string { return "" }
	assert.PanicsWithValue(t, "take", func() {
		parallel.Each(t.Context(), 3, letters, fine, func(string, string) bool { panic("take") })
	})
}

func TestEach_goexit(t *testing.T) {
	returned := false
	var caller sync.WaitGroup
	caller.Go(func() {
		parallel.Each(context.Background(), 2, letters, func(context.Context, string) int {
			runtime.Goexit()
			return 0
		}, func(string, int) bool { return true })
		returned = true
	})
	caller.Wait()
	assert.False(t, returned)
}
