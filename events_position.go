package messembed

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

const (
	// eventOverlap is how far before the last message seen reading back begins.
	// The server timestamps a message before it stores and announces it, so that
	// timestamps are not quite in the order of arrival.
	eventOverlap = 2 * time.Second
	// eventsRemembered is how many messages are recognized, besides those that
	// the queue can hold: more than a service creates during the overlap.
	eventsRemembered = 1 << 16
)

// eventPosition is how far a stream of events has come, and which messages it
// has passed. A message comes more than once because reading back overlaps with
// what was seen, and with the live events that wait in the queue meanwhile.
type eventPosition struct {
	floor time.Time     // nothing created before this was requested
	last  time.Time     // the latest timestamp of the messages seen; one in the future counts as now
	seen  []passedEvent // in order of creation
	limit int           // of seen

	yielded int // number of events
}

// passedEvent identifies a message in a fixed size, whatever its id is.
type passedEvent struct {
	at int64 // milliseconds since 1970
	id eventID
}

// eventID is a message's id: an ObjectId's 12 bytes, or a hash of anything else.
type eventID [12]byte

func newEventPosition(floor time.Time, buffer int) *eventPosition {
	floor = floor.Add(time.Millisecond - 1).Truncate(time.Millisecond) // as the service's timestamps are
	return &eventPosition{floor: floor, last: floor, limit: eventsRemembered + buffer}
}

// readFrom returns where reading back begins behind the time last.
func (p *eventPosition) readFrom(last time.Time) time.Time {
	from := last.Add(-eventOverlap)
	if from.Before(p.floor) {
		return p.floor
	}
	return from
}

// pass records a message and reports whether it is new. now is the service's
// time.
func (p *eventPosition) pass(m *Message, now time.Time) bool {
	e := passedEvent{m.CreatedAt.UnixMilli(), eventIDOf(m.ID)}
	i := len(p.seen)
	if i > 0 && compareEvents(p.seen[i-1], e) >= 0 {
		var known bool
		if i, known = slices.BinarySearchFunc(p.seen, e, compareEvents); known {
			return false
		}
	}
	p.seen = slices.Insert(p.seen, i, e)
	if at := earlierOf(m.CreatedAt, now); at.After(p.last) {
		p.last = at
	}
	if len(p.seen) > p.limit {
		p.forget(now.UnixMilli())
	}
	return true
}

// forget makes room for one. Messages dated in the future would never be the
// oldest: they go first if they are the majority.
func (p *eventPosition) forget(now int64) {
	if p.seen[len(p.seen)/2].at > now {
		p.seen = p.seen[:len(p.seen)-1]
	} else {
		p.seen = p.seen[1:]
	}
}

func compareEvents(a, b passedEvent) int {
	return cmp.Or(cmp.Compare(a.at, b.at), bytes.Compare(a.id[:], b.id[:]))
}

func eventIDOf(text string) (id eventID) {
	if len(text) == hex.EncodedLen(len(id)) {
		if _, err := hex.Decode(id[:], []byte(text)); err == nil {
			return id
		}
	}
	sum := sha256.Sum256([]byte(text))
	copy(id[:], sum[:])
	return id
}

func earlierOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
