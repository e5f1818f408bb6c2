package messembed

import "time"

// EventPosition is the memory of a stream of events.
type EventPosition struct{ *eventPosition }

// NewEventPosition returns a position that begins at floor.
func NewEventPosition(now func() time.Time, floor time.Time) EventPosition {
	return EventPosition{newEventPosition(now, floor)}
}

// Live records a live event and reports whether it is new.
func (p EventPosition) Live(m *Message) bool { p.heard(m.CreatedAt); return p.isNew(m) }

// Replayed records a message that was read back and reports whether it is new.
func (p EventPosition) Replayed(m *Message) bool { return p.isNew(m) }

// Connected records that from then on every event is received.
func (p EventPosition) Connected(at time.Time) { p.heardUntil(at) }

// ReadFrom returns where reading back begins.
func (p EventPosition) ReadFrom() time.Time { return p.readFrom() }

// Remembered returns the number of ids it holds.
func (p EventPosition) Remembered() int {
	n := 0
	for _, ids := range p.seen {
		n += len(ids)
	}
	return n
}
