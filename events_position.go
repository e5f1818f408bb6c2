package messembed

import "time"

// eventOverlap is how far before the last message seen reading back begins. The
// server timestamps a message before it stores and announces it, so that
// timestamps are not quite in the order of arrival.
const eventOverlap = 2 * time.Second

// eventPosition is how far a stream of events has come, and which of the
// messages that reading back would find again were already yielded.
type eventPosition struct {
	now   func() time.Time // the service's clock, according to its Date header
	floor time.Time        // nothing created before this was requested
	last  time.Time        // the latest timestamp of the messages seen; one in the future counts as now
	// live is the timestamp from which on messages may still be announced. A
	// message that was read back can come once more, live, but not after one
	// that is two seconds younger.
	live time.Time

	seen   map[int64]map[string]struct{} // ids, by the second of creation
	pruned int64                         // ids before this second are forgotten
}

func newEventPosition(now func() time.Time, floor time.Time) *eventPosition {
	return &eventPosition{now: now, floor: floor, last: floor, live: now(), seen: map[int64]map[string]struct{}{}}
}

// readFrom returns where reading back begins.
func (p *eventPosition) readFrom() time.Time {
	from := p.last.Add(-eventOverlap)
	if from.Before(p.floor) {
		return p.floor
	}
	return from
}

// isNew records a message and reports whether it was not seen before.
func (p *eventPosition) isNew(m *Message) bool {
	second := m.CreatedAt.Unix()
	ids := p.seen[second]
	if _, known := ids[m.ID]; known {
		return false
	}
	if ids == nil {
		ids = map[string]struct{}{}
		p.seen[second] = ids
	}
	ids[m.ID] = struct{}{}
	if at := earlierOf(m.CreatedAt, p.now()); at.After(p.last) {
		p.last = at
	}
	p.prune()
	return true
}

// heard records that a live event with this timestamp has come.
func (p *eventPosition) heard(created time.Time) {
	if created.After(p.live) {
		p.live = earlierOf(created, p.now())
	}
}

// heardUntil records that everything announced before t has come or never will.
func (p *eventPosition) heardUntil(t time.Time) {
	if t.After(p.live) {
		p.live = t
	}
}

// prune forgets the ids that cannot come again, neither read back nor live, so
// that the memory of a stream does not grow with its age.
func (p *eventPosition) prune() {
	limit := earlierOf(p.readFrom(), p.live.Add(-eventOverlap)).Unix()
	if limit <= p.pruned {
		return
	}
	p.pruned = limit
	for second := range p.seen {
		if second < limit {
			delete(p.seen, second)
		}
	}
}

func earlierOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
