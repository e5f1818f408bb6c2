package messembed

import "time"

// eventOverlap is how far before the last message seen reading back begins: the
// server dates a message before it stores and announces it, so the order of dates
// is not quite that of arrival.
const eventOverlap = 2 * time.Second

// eventPosition is how far a stream of events has come, and which of the
// messages that reading back would find again were yielded already.
type eventPosition struct {
	now   func() time.Time // by the service's clock, rather early than late
	floor time.Time        // nothing created before was asked for
	last  time.Time        // of the messages seen, the latest date; one in the future counts as now
	// live is from when on a message may yet be announced: a message that was
	// read back can come once more, live, but not when one that is two seconds
	// younger has come before it.
	live time.Time

	seen   map[int64]map[string]struct{} // ids, by the second of creation
	pruned int64                         // all before this second are forgotten
}

func newEventPosition(now func() time.Time, floor time.Time) *eventPosition {
	return &eventPosition{now: now, floor: floor, last: floor, live: now(), seen: map[int64]map[string]struct{}{}}
}

// readFrom is where reading back begins.
func (p *eventPosition) readFrom() time.Time {
	from := p.last.Add(-eventOverlap)
	if from.Before(p.floor) {
		return p.floor
	}
	return from
}

// isNew notes a message and tells whether it was not seen before.
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

// heard notes that a live event with this date has come.
func (p *eventPosition) heard(created time.Time) {
	if created.After(p.live) {
		p.live = earlierOf(created, p.now())
	}
}

// heardUntil notes that everything announced before then has come or never will.
func (p *eventPosition) heardUntil(t time.Time) {
	if t.After(p.live) {
		p.live = t
	}
}

// prune forgets the ids that cannot come again, neither by reading back nor
// live, so that the memory of a stream does not grow with its age.
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
