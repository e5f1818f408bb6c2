package messembed

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/dedup"
)

// Position is where a range over [Client.MessageEvents] had come to: behind one
// event. It is opaque, short text, fit for a database column: under 4 KiB at ten
// messages a second, 80 bytes when little is sent. The zero value is none.
type Position string

// Position returns where to go on behind this event, in this process or another
// one, with [EventOptions]. It is exact until the next event is taken from the
// range; asked for later, it may repeat up to two seconds of what came before
// this event. It costs nothing until asked for. It is empty for an event that
// does not come from MessageEvents.
//
// A consumer that stores the position together with the effect of the event, in
// one transaction, handles every message exactly once, however often it is
// killed.
func (e *MessageEvent) Position() Position {
	if e.stream == nil {
		return ""
	}
	return e.stream.encode(e.number, e.last)
}

// positionVersion is the first byte of a position. Then follow the times last
// and floor, as milliseconds since 1970, and the messages passed since
// readFrom, each as its distance in time from the one before and its id; and at
// the end a checksum. All of it is base64.
const positionVersion = 1

var positionText = base64.RawURLEncoding.Strict() // and yet it skips line breaks

// stamp tells an event which of the stream's it is.
func (p *eventPosition) stamp(e *MessageEvent) *MessageEvent {
	p.yielded++
	e.stream, e.number, e.last = p, p.yielded, p.last
	return e
}

// encode returns the position behind the event with this number, which left last
// behind. The messages passed are known only for the latest event.
func (p *eventPosition) encode(number int, last time.Time) Position {
	from := p.readFrom(last)
	var passed []dedup.Event
	if number == p.yielded {
		passed = p.seen.Since(from.UnixMilli())
	}
	b := make([]byte, 0, 24+len(passed)*(len(dedup.ID{})+2))
	b = append(b, positionVersion)
	b = binary.AppendVarint(b, last.UnixMilli())
	b = binary.AppendVarint(b, p.floor.UnixMilli())
	at := from.UnixMilli()
	for _, e := range passed {
		b = binary.AppendUvarint(b, uint64(e.At-at)) //nolint:gosec // they are in order
		b = append(b, e.ID[:]...)
		at = e.At
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return Position(positionText.EncodeToString(b))
}

const (
	noPosition    = "Position: not one of MessageEvents, or damaged"
	otherPosition = "Position: made by another version of this SDK"
)

// decodePosition reads what encode wrote, or says what is wrong with it.
func decodePosition(text Position, buffer int) (p *eventPosition, problem string) {
	b, err := positionText.DecodeString(string(text))
	end := len(b) - crc32.Size
	if err != nil || strings.ContainsAny(string(text), "\r\n") || end < 1 || crc32.ChecksumIEEE(b[:end]) != binary.BigEndian.Uint32(b[end:]) {
		return nil, noPosition
	}
	if b[0] != positionVersion {
		return nil, otherPosition
	}
	b = b[1:end]
	last, n := binary.Varint(b)
	b = b[max(n, 0):]
	floor, m := binary.Varint(b)
	b = b[max(m, 0):]
	if n <= 0 || m <= 0 || !isServiceTime(last) || !isServiceTime(floor) || last < floor {
		return nil, noPosition
	}
	p = newEventPosition(time.UnixMilli(floor).UTC(), buffer)
	p.last = time.UnixMilli(last).UTC()
	var passed []dedup.Event
	for at := p.readFrom(p.last).UnixMilli(); len(b) > 0; {
		distance, n := binary.Uvarint(b)
		if n <= 0 || len(b) < n+len(dedup.ID{}) {
			return nil, noPosition
		}
		at += int64(distance) //nolint:gosec // what overflows is out of order
		passed = append(passed, dedup.Event{At: at, ID: dedup.ID(b[n:])})
		b = b[n+len(dedup.ID{}):]
	}
	if !p.seen.Restore(passed) {
		return nil, noPosition
	}
	return p, ""
}

// isServiceTime reports whether the service could be asked for this time.
func isServiceTime(ms int64) bool {
	year := time.UnixMilli(ms).UTC().Year()
	return 0 <= year && year <= 9999
}
