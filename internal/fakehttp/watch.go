package fakehttp

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// This file is for observing a fake while it runs, as the page of messembed-fake does.

// An Entry is a logged request with details that tests seldom need.
type Entry struct {
	Request
	Number int    // from 1, in order of arrival, never reused
	Fault  *Fault // that the request met, nil if none

	ended   bool
	changed uint64 // the revision of the last change
}

// Ended reports whether the exchange is over: the response is written in full, or the connection
// broke.
func (e *Entry) Ended() bool { return e.ended }

// A watch numbers the log's entries and their changes. Everything except its Signal is guarded by
// the Server's mutex.
type watch struct {
	Signal
	revision uint64
	number   int // of the newest entry
}

// touch records that the entry has changed.
func (w *watch) touch(e *Entry) {
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
	if !x.entry.ended {
		x.entry.ended = true
		x.entry.Duration = time.Since(x.entry.Time)
		s.watch.touch(x.entry)
	}
}

// Log returns the entries that have changed since a revision of the log (0 is before the first), in
// order of arrival; the current revision; and the number of the oldest entry kept.
func (s *Server) Log(since uint64) (changed []Entry, revision uint64, oldest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest = s.watch.number + 1
	if len(s.log) > 0 {
		oldest = s.log[0].Number
	}
	for _, e := range s.log {
		if e.changed > since {
			changed = append(changed, *e)
		}
	}
	return changed, s.watch.revision, oldest
}

// Entry returns a logged request by its number, and false if the log no longer has it.
func (s *Server) Entry(number int) (Entry, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.log {
		if e.Number == number {
			return *e, true
		}
	}
	return Entry{}, false
}

// ClearLog removes all requests from the log.
func (s *Server) ClearLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
	s.watch.Fire()
}

// PendingFaults returns the faults that no request has met yet, in the order in which they are
// taken.
func (s *Server) PendingFaults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault(nil), s.faults.queue...)
}

// Disarm removes the pending faults for which meant returns true, and returns their number.
func (s *Server) Disarm(meant func(Fault) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept []Fault
	for _, f := range s.faults.queue {
		if !meant(f) {
			kept = append(kept, f)
		}
	}
	n := len(s.faults.queue) - len(kept)
	s.faults.queue = kept
	s.watch.Fire()
	return n
}

// Mount passes requests on the socket whose path begins with prefix, such as "/_fake/", to another
// handler. The prefix without its last slash is included. Mount must be called before Listen, and
// does not affect the RoundTripper or the Handler. Requests to the mounted handler are not logged
// and meet no faults.
func (s *Server) Mount(prefix string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mounted = &mount{prefix: prefix, handler: h, rest: s}
}

// A mount is the handler of a socket on which something is mounted.
type mount struct {
	prefix        string
	handler, rest http.Handler
}

// ServeHTTP compares the target exactly as in the request line, so that paths which merely resemble
// the prefix still go to the fake.
func (m *mount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.RequestURI, m.prefix) || r.RequestURI+"/" == m.prefix {
		m.handler.ServeHTTP(w, r)
		return
	}
	m.rest.ServeHTTP(w, r)
}

// onSocket returns the socket's handler.
func (s *Server) onSocket() http.Handler {
	if s.mounted != nil {
		return s.mounted
	}
	return s
}
