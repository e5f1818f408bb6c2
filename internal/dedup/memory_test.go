package dedup_test

import (
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/internal/dedup"
)

const limit, many = 2_000, 10_000

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

func event(i int, at int64) dedup.Event {
	return dedup.Event{At: at, ID: dedup.ID{byte(i >> 16), byte(i >> 8), byte(i)}}
}

// past events are a millisecond apart, the last of them before now.
func past(i int) dedup.Event { return event(i, now+int64(i-many)) }

// As many events are recognized as the limit says, however they are dated.
func TestMemory(t *testing.T) {
	for name, tc := range map[string]struct {
		events iter.Seq[dedup.Event]
		fresh  int
	}{
		"in order, the last ones once more": {func(yield func(dedup.Event) bool) {
			for i := range many {
				yield(past(i))
			}
			for i := many - limit; i < many; i++ {
				yield(past(i))
			}
		}, many},
		"of one millisecond, the last ones once more": {func(yield func(dedup.Event) bool) {
			for i := range many {
				yield(event(i, now))
			}
			for i := many - limit; i < many; i++ {
				yield(event(i, now))
			}
		}, many},
		"from the future, which is not remembered at the expense of the present": {func(yield func(dedup.Event) bool) {
			const day = 24 * 60 * 60 * 1000
			for i := range limit + 500 {
				yield(event(i, now+int64(365+i)*day))
			}
			for range 2 {
				for i := range 500 {
					yield(past(i))
				}
			}
		}, limit + 1000},
		"late ones": {func(yield func(dedup.Event) bool) {
			for range 2 {
				for i := range 1000 {
					yield(past(i ^ 7))
				}
			}
		}, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			memory := dedup.NewMemory(limit)
			fresh := 0
			for e := range tc.events {
				if memory.Pass(e, now) {
					fresh++
				}
				assert.LessOrEqual(t, len(memory.Since(math.MinInt64)), limit)
			}
			assert.Equal(t, tc.fresh, fresh)
		})
	}
}

// Of what is too much, the oldest goes, or the latest if most are of the future.
func TestMemory_forgets(t *testing.T) {
	future := func(i int) dedup.Event { return event(i, now+int64(i)) }
	for name, tc := range map[string]struct{ events, left []dedup.Event }{
		"two of five from the future": {
			[]dedup.Event{past(1), past(2), past(3), future(4), future(5)},
			[]dedup.Event{past(2), past(3), future(4), future(5)},
		},
		"three of five": {
			[]dedup.Event{past(1), past(2), future(3), future(4), future(5)},
			[]dedup.Event{past(1), past(2), future(3), future(4)},
		},
		"three of five, one of them of now": {
			[]dedup.Event{past(1), past(2), event(3, now), future(4), future(5)},
			[]dedup.Event{past(2), event(3, now), future(4), future(5)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			memory := dedup.NewMemory(4)
			for _, e := range tc.events {
				assert.True(t, memory.Pass(e, now))
			}
			assert.Equal(t, tc.left, memory.Since(math.MinInt64))
		})
	}
}

func TestMemory_since(t *testing.T) {
	memory := dedup.NewMemory(limit)
	assert.True(t, memory.Restore([]dedup.Event{past(1), past(2), past(3)}))
	assert.True(t, memory.Pass(past(5), now))
	assert.Equal(t, []dedup.Event{past(2), past(3), past(5)}, memory.Since(past(2).At))
	assert.Empty(t, memory.Since(past(6).At))
	assert.False(t, memory.Pass(past(2), now), "from the start")
}

func TestMemory_restoreOutOfOrder(t *testing.T) {
	assert.False(t, dedup.NewMemory(limit).Restore([]dedup.Event{past(2), past(1)}))
}

func TestIDOf(t *testing.T) {
	assert.Equal(t, dedup.ID{0x5f, 0x1d, 0x2e, 11: 0x0a}, dedup.IDOf("5f1d2e00000000000000000a"))
	ids := map[dedup.ID]bool{}
	for _, text := range []string{"", "a", "5f1d2e00000000000000000", "5f1d2e00000000000000000g", "5f1d2e00000000000000000a", strings.Repeat("i", 1<<20)} {
		ids[dedup.IDOf(text)] = true
	}
	assert.Len(t, ids, 6)
}
