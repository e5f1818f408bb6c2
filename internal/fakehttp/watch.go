package fakehttp

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// This file is for those who look at a fake while it runs, as the page of messembed-fake does.

// An Entry is a request in the log, with what a test seldom asks for.
type Entry struct {
	Request
	Number int    // from 1, in order of arrival; no number is given twice
	Fault  *Fault // that the request met, nil when it met none

	ended   bool
	changed uint64 // the revision in which it changed last
}

// Ended tells whether the answer was written to its end, or the connection broken.
func (e *Entry) Ended() bool { return e.ended }

// A watch numbers the log's entries and what happens to them. All but its Signal is guarded by the
// Server's mutex.
type watch struct {
	Signal
	revision uint64
	number   int // of the newest entry
}

// touch notes that the entry has changed.
func (w *watch) touch(e *Entry) {
	w.revision++
	e.changed = w.revision
	w.Fire()
}

// A Signal wakes whoever waits for something to change. Its zero value is ready for use.
type Signal struct {
	mu   sync.Mutex
	wake chan struct{}
}

// Fire wakes everybody who waits.
func (g *Signal) Fire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wake != nil {
		close(g.wake)
		g.wake = nil
	}
}

// Next returns a channel that is closed by the next Fire. Who asks for it first and looks at things
// then misses nothing.
func (g *Signal) Next() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.wake == nil {
		g.wake = make(chan struct{})
	}
	return g.wake
}

// Changed is fired by every change of the log and of the faults.
func (s *Server) Changed() *Signal { return &s.watch.Signal }

// ended notes the end of the exchange.
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

// Log returns the entries that have changed since a revision of the log, 0 being before the first,
// in order of arrival; the log's present revision; and the number of the oldest entry that is kept.
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

// Entry returns one request of the log by its number; false when the log has forgotten it.
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

// ClearLog forgets all requests.
func (s *Server) ClearLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
	s.watch.Fire()
}

// PendingFaults returns the faults that no request has met yet, in the order in which they are taken.
func (s *Server) PendingFaults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault(nil), s.faults.queue...)
}

// Disarm takes back the pending faults that are meant, and tells how many those were.
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

// Mount gives the paths of the socket that begin with prefix, such as "/_fake/", to another
// handler, and the prefix without its last slash too. It is called before Listen, and concerns
// neither the RoundTripper nor the Handler. Nothing that goes there is logged or meets a fault.
func (s *Server) Mount(prefix string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mounted = &mount{prefix: prefix, handler: h, rest: s}
}

// A mount is what a Server's socket serves where something is mounted.
type mount struct {
	prefix        string
	handler, rest http.Handler
}

// ServeHTTP goes by the target as it stood in the request line, so that whatever is only similar to
// the prefix stays the fake's.
func (m *mount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.RequestURI, m.prefix) || r.RequestURI+"/" == m.prefix {
		m.handler.ServeHTTP(w, r)
		return
	}
	m.rest.ServeHTTP(w, r)
}

// onSocket is what the socket serves.
func (s *Server) onSocket() http.Handler {
	if s.mounted != nil {
		return s.mounted
	}
	return s
}
