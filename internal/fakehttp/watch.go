package fakehttp

import (
	"sync"
	"time"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// This file is for observing a fake while it runs, as the page of messembed-fake does.

// A watch numbers the log's entries and their changes. Everything except its Signal is guarded by
// the Server's mutex.
type watch struct {
	Signal
	revision uint64
	number   int // of the newest entry
}

// touch records that the entry has changed.
func (w *watch) touch(e *entry) {
	w.revision++
	e.changed = w.revision
	w.Fire()
}

// A Signal wakes everyone who waits for a change. Its zero value is ready to use.
type Signal struct {
	mu   sync.Mutex
	wake chan struct{}
}

// Fire wakes everyone who waits.
func (g *Signal) Fire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wake != nil {
		close(g.wake)
		g.wake = nil
	}
}

// Next returns a channel that is closed by the next Fire. To miss nothing, call Next before looking
// at the state.
func (g *Signal) Next() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wake == nil {
		g.wake = make(chan struct{})
	}
	return g.wake
}

// Changed returns the signal that is fired by every change of the log and of the faults.
func (s *Server) Changed() *Signal { return &s.watch.Signal }

// ended records the end of the exchange.
func (x *exchange) ended() {
	if x.entry == nil {
		return
	}
	s := x.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if !x.entry.Ended {
		x.entry.Ended = true
		x.entry.Duration = time.Since(x.entry.Time)
		s.watch.touch(x.entry)
	}
}

// Log returns the entries that have changed since a revision of the log (0 is before the first), in
// order of arrival; the current revision; and the number of the oldest entry kept.
func (s *Server) Log(since uint64) (changed []fakeserver.LoggedRequest, revision uint64, oldest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest = s.watch.number + 1
	if len(s.log.entries) > 0 {
		oldest = s.log.entries[0].Number
	}
	for _, e := range s.log.entries {
		if e.changed > since {
			changed = append(changed, e.LoggedRequest)
		}
	}
	return changed, s.watch.revision, oldest
}

// Entry returns a logged request by its number, and false if the log no longer has it.
func (s *Server) Entry(number int) (fakeserver.LoggedRequest, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.log.entries {
		if e.Number == number {
			return e.LoggedRequest, true
		}
	}
	return fakeserver.LoggedRequest{}, false
}

// ClearLog removes all requests from the log.
func (s *Server) ClearLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = requestLog{}
	s.watch.Fire()
}
