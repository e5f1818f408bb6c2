package fake

import "time"

// A RateLimit is the number of calls that a fake accepts per period; the zero
// value means no limit.
type RateLimit struct {
	Calls int
	Per   time.Duration
}

// A Window counts the calls of a period, which begins with its first call.
type Window struct {
	began time.Time
	calls int
}

// Count counts a call. It returns how many more the limit allows, which is
// negative if this one exceeds it, and how long the period lasts from now on.
func (w *Window) Count(l RateLimit, now time.Time) (left int, rest time.Duration) {
	if w.began.IsZero() || now.Sub(w.began) >= l.Per {
		*w = Window{began: now}
	}
	w.calls++
	return l.Calls - w.calls, w.began.Add(l.Per).Sub(now)
}
