package messembed

import (
	"iter"
	"time"
)

// PassEvents lets messages pass a new stream's memory at the service's time now.
// It returns how many were new and how many the memory holds.
func PassEvents(now time.Time, buffer int, messages iter.Seq[*Message]) (fresh, held int) {
	p := newEventPosition(time.Time{}, buffer)
	for m := range messages {
		if p.pass(m, now) {
			fresh++
		}
		held = max(held, len(p.seen))
	}
	return fresh, held
}
