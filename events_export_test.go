package messembed

import "time"

// EventPosition is the memory of a stream of events.
type EventPosition struct{ *eventPosition }

// NewEventPosition begins one at floor.
func NewEventPosition(now func() time.Time, floor time.Time) EventPosition {
	return EventPosition{newEventPosition(now, floor)}
}

// Live notes a live event and tells whether it is new.
func (p EventPosition) Live(m *Message) bool { p.heard(m.CreatedAt); return p.isNew(m) }

// Replayed notes a message that was read back and tells whether it is new.
func (p EventPosition) Replayed(m *Message) bool { return p.isNew(m) }

// Connected notes that from then on every event is heard.
func (p EventPosition) Connected(at time.Time) { p.heardUntil(at) }

// ReadFrom is where reading back begins.
func (p EventPosition) ReadFrom() time.Time { return p.readFrom() }

// Remembered is how many ids it holds.
func (p EventPosition) Remembered() int {
	n := 0
	for _, ids := range p.seen {
		n += len(ids)
	}
	return n
}
