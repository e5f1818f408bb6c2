package httpcall

import "runtime"

// Crash is what ended a goroutine of the SDK's in the middle: a panic or a
// runtime.Goexit of the caller's code, which goes on in the caller's own
// goroutine. The zero value has not happened. It is not for concurrent use.
type Crash struct {
	happened bool
	panicked any // nil: runtime.Goexit
}

// Guard calls f and notes how it ended. After a panic it returns; after a
// runtime.Goexit only what is deferred still runs.
func (c *Crash) Guard(f func()) {
	returned := false
	defer func() {
		if !returned {
			c.Note(recover())
		}
	}()
	f()
	returned = true
}

// Note notes what recover has given. The first counts.
func (c *Crash) Note(panicked any) {
	if !c.happened {
		c.happened, c.panicked = true, panicked
	}
}

// Happened tells whether there is something to go on with.
func (c *Crash) Happened() bool { return c.happened }

// GoOn panics, or ends the goroutine, if it has happened.
func (c *Crash) GoOn() {
	switch {
	case !c.happened:
	case c.panicked == nil:
		runtime.Goexit()
	default:
		panic(c.panicked)
	}
}
