package fakehttp

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// A Fault is one way in which a request fails. Its documentation for users, including how the
// fields combine, is at messembedtest.Fault.
type Fault struct {
	Op string // the operation, named after the SDK's method; empty: any request

	Status            int    // of a response that replaces the operation's own; 0: not replaced
	Body, ContentType string // of that response
	RetryAfter        string // response header: seconds or a date
	Header            http.Header

	Delay      time.Duration // before anything else or, with AfterApply, between the work and the response
	AfterApply bool          // the operation is carried out first; its response is lost

	Refuse   bool // the connection is refused and nothing is logged
	Reset    bool // the connection breaks instead of a response
	Truncate int  // the connection breaks after this many bytes of the body; -1: after the headers
	Stall    bool // the connection stays open but silent; with Truncate, after that many bytes
}

// replaces reports whether the operation's own response is not sent.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Reset || f.Refuse || f.Stall && f.Truncate == 0
}

// problems returns the reasons why f is not a valid fault.
func (f *Fault) problems() (problems []string) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 999) {
		problems = append(problems, fmt.Sprintf("Status must be from 200 to 999, not %d", f.Status))
	}
	if f.Status == 0 && (f.Body != "" || f.ContentType != "") {
		problems = append(problems, "Body and ContentType require a Status")
	}
	if f.Delay < 0 {
		problems = append(problems, fmt.Sprintf("Delay must not be negative, but is %v", f.Delay))
	}
	if f.Truncate < -1 {
		problems = append(problems, fmt.Sprintf("Truncate must be at least -1, not %d", f.Truncate))
	}
	if f.Refuse && f.Reset || f.Refuse && f.Stall || f.Reset && f.Stall {
		problems = append(problems, "at most one of Refuse, Reset and Stall may be set")
	}
	return problems
}

func (f *Fault) matches(op string) bool { return f.Op == "" || f.Op == op }

func (f *Fault) contentType() string {
	switch {
	case f.ContentType != "":
		return f.ContentType
	case f.Body != "" && (f.Body[0] == '{' || f.Body[0] == '['):
		return "application/json; charset=utf-8"
	default:
		return "text/html; charset=utf-8"
	}
}

// mixture returns the faults that FailRandomly uses if it is given none: an overloaded service, a
// failing one, a proxy without its backend, a connection lost before and after the work, and a
// truncated response.
func (s *Server) mixture() []Fault {
	failing := Fault{Status: http.StatusInternalServerError}
	if s.cfg.Dress == nil {
		failing.Body = `{"statusCode":500,"message":"Internal server error"}`
	}
	return []Fault{
		{Status: http.StatusServiceUnavailable},
		failing,
		{Status: http.StatusBadGateway},
		{Reset: true},
		{Reset: true, AfterApply: true},
		{Truncate: 1},
	}
}

// faults decides which requests fail and how. It is guarded by the Server's mutex.
type faults struct {
	queue  []Fault
	share  float64
	random *rand.Rand
	pool   []Fault
}

// take returns the fault of the next request, if any: the first queued one that matches, or else a
// random one.
func (fs *faults) take(op string) (Fault, bool) {
	for i := range fs.queue {
		if f := fs.queue[i]; f.matches(op) {
			fs.queue = append(fs.queue[:i:i], fs.queue[i+1:]...)
			return f, true
		}
	}
	if fs.share <= 0 || fs.random.Float64() >= fs.share {
		return Fault{}, false
	}
	var fitting []Fault
	for _, f := range fs.pool {
		if f.matches(op) {
			fitting = append(fitting, f)
		}
	}
	if len(fitting) == 0 {
		return Fault{}, false
	}
	return fitting[fs.random.IntN(len(fitting))], true
}

// FailNext makes the next request of the operation f.Op fail as f describes. Faults are queued:
// each request takes the first one that matches it, and queued faults come before random ones. An
// unknown operation or an invalid fault fails the test.
func (s *Server) FailNext(f Fault) {
	s.cfg.TB.Helper()
	f = s.onTheWire(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.queue = append(s.faults.queue, f)
	s.watch.Fire()
}

// FailRandomly makes this share of all requests (0 to 1) fail, each with one of the faults that
// match its operation, or, if none are given, with a mixture of error responses and broken
// connections. The same seed gives the same failures for the same order of requests. A share of 0
// switches it off.
func (s *Server) FailRandomly(share float64, seed uint64, fs ...Fault) {
	s.cfg.TB.Helper()
	if !(share >= 0 && share <= 1) { // also rejects NaN
		s.cfg.TB.Errorf("%s: FailRandomly: share must be between 0 and 1, not %v", s.cfg.Package, share)
	}
	if len(fs) == 0 {
		fs = s.mixture()
	}
	pool := make([]Fault, len(fs))
	for i, f := range fs {
		pool[i] = s.onTheWire(f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.share = share
	s.faults.random = rand.New(rand.NewPCG(seed, 0))
	s.faults.pool = pool
}

// onTheWire returns f with the SDK method in Op replaced by the operation that the method sends,
// and with the service's own wording. An invalid fault fails the test.
func (s *Server) onTheWire(f Fault) Fault {
	s.cfg.TB.Helper()
	f.Header = f.Header.Clone()
	if op, ok := s.cfg.SentAs[f.Op]; ok {
		f.Op = op
	}
	if f.Op != "" && !slices.Contains(s.cfg.Operations, f.Op) {
		s.cfg.TB.Errorf("%s: Fault: %q is not an operation of the fake", s.cfg.Package, f.Op)
	}
	for _, problem := range f.problems() {
		s.cfg.TB.Errorf("%s: Fault: %s", s.cfg.Package, problem)
	}
	if s.cfg.Dress != nil {
		f = s.cfg.Dress(f)
	}
	return f
}
