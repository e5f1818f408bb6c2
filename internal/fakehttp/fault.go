package fakehttp

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// A Fault is one way in which a request fails. What its fields do together is told where users read
// it, at messembedtest.Fault.
type Fault struct {
	Op string // the operation, by the name of the SDK's method; empty: any request

	Status            int    // answered instead of the operation's own; 0: none is
	Body, ContentType string // the answer's, when Status is set
	RetryAfter        string // the answer's header: seconds or a date
	Header            http.Header

	Delay      time.Duration // before anything else or, with AfterApply, between the work and the answer
	AfterApply bool          // the operation is carried out first: the answer is lost

	Refuse   bool // the connection is refused, and nothing logged
	Reset    bool // the connection breaks instead of an answer
	Truncate int  // the connection breaks after this many bytes of the body; -1: after the head
	Stall    bool // the connection stays open and silent, with Truncate after that many bytes
}

// replaces tells whether the operation's own answer is not wanted.
func (f *Fault) replaces() bool {
	return f.Status != 0 || f.Reset || f.Refuse || f.Stall && f.Truncate == 0
}

// problems tells what no request can meet.
func (f *Fault) problems() (problems []string) {
	if f.Status != 0 && (f.Status < 200 || f.Status > 999) {
		problems = append(problems, fmt.Sprintf("Status %d, which is no answer's", f.Status))
	}
	if f.Status == 0 && (f.Body != "" || f.ContentType != "") {
		problems = append(problems, "Body or ContentType but no Status")
	}
	if f.Delay < 0 {
		problems = append(problems, fmt.Sprintf("Delay %v, which is below zero", f.Delay))
	}
	if f.Truncate < -1 {
		problems = append(problems, fmt.Sprintf("Truncate %d, which is below -1", f.Truncate))
	}
	if f.Refuse && f.Reset || f.Refuse && f.Stall || f.Reset && f.Stall {
		problems = append(problems, "more than one of Refuse, Reset and Stall")
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

// mixture is what FailRandomly uses when it is given no fault: an overloaded service, a failing one,
// a proxy without its backend, a connection lost before and after the work, an answer cut short.
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

// faults decides which request fails how. It is guarded by the Server's mutex.
type faults struct {
	queue  []Fault
	share  float64
	random *rand.Rand
	pool   []Fault
}

// take returns the fault of the next request, if it has one: the first queued that matches, else a
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

// FailNext makes the next request whose operation f.Op names fail as f says. Faults queue: each
// request takes the first one that matches it, and a queued fault comes before a random one. A name
// that is no operation's fails the test, and so does a fault that cannot be.
func (s *Server) FailNext(f Fault) {
	s.cfg.TB.Helper()
	f = s.onTheWire(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.queue = append(s.faults.queue, f)
	s.watch.Fire()
}

// FailRandomly makes this share of all requests (0 to 1) fail, each as one of the faults that match
// its operation; without any, as one of a mixture of failing answers and broken connections. The
// same seed gives the same failures for the same order of requests. A share of 0 ends it.
func (s *Server) FailRandomly(share float64, seed uint64, fs ...Fault) {
	s.cfg.TB.Helper()
	if !(share >= 0 && share <= 1) { // nor is it NaN
		s.cfg.TB.Errorf("%s: FailRandomly: a share of %v, which is not between 0 and 1", s.cfg.Package, share)
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

// onTheWire makes of a fault for a method of the SDK one for the operation that is sent.
func (s *Server) onTheWire(f Fault) Fault {
	s.cfg.TB.Helper()
	f.Header = f.Header.Clone()
	if op, ok := s.cfg.SentAs[f.Op]; ok {
		f.Op = op
	}
	if f.Op != "" && !slices.Contains(s.cfg.Operations, f.Op) {
		s.cfg.TB.Errorf("%s: a fault for %q, which is no operation of the fake", s.cfg.Package, f.Op)
	}
	for _, problem := range f.problems() {
		s.cfg.TB.Errorf("%s: a fault with %s", s.cfg.Package, problem)
	}
	if s.cfg.Dress != nil {
		f = s.cfg.Dress(f)
	}
	return f
}
