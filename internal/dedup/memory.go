// Package dedup recognizes events that come more than once.
package dedup

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Event identifies an event in a fixed size, whatever its id is.
type Event struct {
	At int64 // its creation, in milliseconds since 1970
	ID ID
}

// ID stands for an id: it is the 12 bytes of an ObjectId, or a hash of any other
// text.
type ID [12]byte

// IDOf returns what stands for an id.
func IDOf(text string) (id ID) {
	if len(text) == hex.EncodedLen(len(id)) {
		if _, err := hex.Decode(id[:], []byte(text)); err == nil {
			return id
		}
	}
	sum := sha256.Sum256([]byte(text))
	copy(id[:], sum[:])
	return id
}

// Memory is of the events that have passed: the latest of them, up to a limit.
type Memory struct {
	events []Event // in the order of compare
	limit  int
}

// NewMemory returns an empty memory.
func NewMemory(limit int) *Memory { return &Memory{limit: limit} }

// Restore puts back what Since returned, and reports false if it is not in
// order. The memory is empty until then.
func (m *Memory) Restore(events []Event) bool {
	m.events = events
	return slices.IsSortedFunc(events, compare)
}

// Pass records an event and reports whether it is new. now is the time of the
// clock that dated it.
func (m *Memory) Pass(e Event, now int64) bool {
	i := len(m.events)
	if i > 0 && compare(m.events[i-1], e) >= 0 {
		var known bool
		if i, known = slices.BinarySearchFunc(m.events, e, compare); known {
			return false
		}
	}
	m.events = slices.Insert(m.events, i, e)
	if len(m.events) > m.limit {
		m.forget(now)
	}
	return true
}

// forget makes room for one. Events dated in the future would never be the
// oldest: they go first if they are the majority.
func (m *Memory) forget(now int64) {
	if m.events[len(m.events)/2].At > now {
		m.events = m.events[:len(m.events)-1]
	} else {
		m.events = m.events[1:]
	}
}

// Since returns the events dated at or after a time, in order. They are valid
// until the next Pass.
func (m *Memory) Since(at int64) []Event {
	first := len(m.events)
	for first > 0 && m.events[first-1].At >= at {
		first--
	}
	return m.events[first:]
}

func compare(a, b Event) int {
	return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.ID[:], b.ID[:]))
}
