package messembed

import (
	"time"

	"github.com/messembed/messembed-go/internal/dedup"
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
	floor time.Time // nothing created before this was requested
	last  time.Time // the latest timestamp of the messages seen; one in the future counts as now
	seen  *dedup.Memory

	yielded int // number of events
}

func newEventPosition(floor time.Time, buffer int) *eventPosition {
	floor = floor.Add(time.Millisecond - 1).Truncate(time.Millisecond) // as the service's timestamps are
	return &eventPosition{floor: floor, last: floor, seen: dedup.NewMemory(eventsRemembered + buffer)}
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
	e := dedup.Event{At: m.CreatedAt.UnixMilli(), ID: dedup.IDOf(m.ID)}
	if !p.seen.Pass(e, now.UnixMilli()) {
		return false
	}
	if at := earlierOf(m.CreatedAt, now); at.After(p.last) {
		p.last = at
	}
	return true
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
