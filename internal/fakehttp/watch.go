package fakehttp

import (
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// This file is for observing a fake while it runs, as the page of messembed-fake does.

// A watch numbers the log's entries and counts its changes. Everything except
// its Signal is guarded by the Server's mutex.
type watch struct {
	Signal
	revision int
	number   int // of the newest entry
}

// touch records that the log has changed.
func (w *watch) touch() {
	w.revision++
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

// Next returns a channel that is closed by the next Fire. To miss nothing, call
// Next before looking at the state.
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
		s.watch.touch()
	}
}

// LogCount returns how many requests the log holds, and a number that differs
// after every change of the log.
func (s *Server) LogCount() (count, revision int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log.entries), s.watch.revision
}

// logChunk is how many entries Log copies at a time, so that reading a long log
// does not hold up the requests.
const logChunk = 256

// Log yields the entries, the newest first. It holds no lock meanwhile: each
// entry is as it was when it was reached, and requests that arrive later are
// left out. An entry is valid until the next one.
func (s *Server) Log() iter.Seq[*fakeserver.LoggedRequest] {
	return func(yield func(*fakeserver.LoggedRequest) bool) {
		s.mu.Lock()
		entries := slices.Clone(s.log.entries)
		s.mu.Unlock()
		chunk := make([]fakeserver.LoggedRequest, 0, logChunk)
		for end := len(entries); end > 0; end -= logChunk {
			chunk = chunk[:0]
			s.mu.Lock()
			for _, e := range slices.Backward(entries[max(0, end-logChunk):end]) {
				chunk = append(chunk, e.LoggedRequest)
			}
			s.mu.Unlock()
			for i := range chunk {
				if !yield(&chunk[i]) {
					return
				}
			}
		}
	}
}

// Entry returns a logged request by its number, and false if the log no longer has it.
func (s *Server) Entry(number int) (fakeserver.LoggedRequest, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.log.find(number); e != nil {
		return e.LoggedRequest, true
	}
	return fakeserver.LoggedRequest{}, false
}

// ClearLog removes all requests from the log.
func (s *Server) ClearLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = requestLog{}
	s.watch.touch()
}
