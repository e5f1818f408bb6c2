package httpcall

import "runtime"

// Crash passes a panic or a runtime.Goexit of the caller's code from a goroutine
// of the SDK on to the caller's own. The zero value holds neither. It is not safe
// for concurrent use.
type Crash struct {
	happened bool
	panicked any // nil: runtime.Goexit
}

// Guard calls f and records how it ended. After a panic it returns; after a
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

// Note records a value returned by recover. Only the first counts.
func (c *Crash) Note(panicked any) {
	if !c.happened {
		c.happened, c.panicked = true, panicked
	}
}

// Happened reports whether a panic or a Goexit was recorded.
func (c *Crash) Happened() bool { return c.happened }

// GoOn repeats the recorded panic or Goexit, if there is one.
func (c *Crash) GoOn() {
	switch {
	case !c.happened:
	case c.panicked == nil:
		runtime.Goexit()
	default:
		panic(c.panicked)
	}
}
