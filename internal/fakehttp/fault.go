package fakehttp

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// faults are the faults that requests have yet to meet. They are guarded by the
// Server's mutex.
type faults struct {
	queue    []*armed // of FailNext: each is taken once
	standing []*armed // of Fail: each is taken until it is stopped
	random   *random  // of FailRandomly; nil: none
	unmet    []*armed // of Fail, stopped before any request met them
}

// An armed fault is one of FailNext or Fail.
type armed struct {
	fault fakeserver.Fault
	met   bool
}

// random makes a share of all requests fail.
type random struct {
	share  float64
	source *rand.Rand
	pool   []fakeserver.Fault
}

// FailNext implements [fakeserver.Server].
func (s *Server) FailNext(f fakeserver.Fault) {
	s.cfg.TB.Helper()
	f = s.onTheWire(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.queue = append(s.faults.queue, &armed{fault: f})
	s.watch.Fire()
}

// Fail implements [fakeserver.Server].
func (s *Server) Fail(f fakeserver.Fault) (stop func()) {
	s.cfg.TB.Helper()
	a := &armed{fault: s.onTheWire(f)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.standing = append(s.faults.standing, a)
	s.watch.Fire()
	return func() { s.stop(a) }
}

func (s *Server) stop(a *armed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.faults.standing, a)
	if i < 0 {
		return
	}
	s.faults.standing = slices.Delete(s.faults.standing, i, i+1)
	if !a.met {
		s.faults.unmet = append(s.faults.unmet, a)
	}
	s.watch.Fire()
}

// FailRandomly implements [fakeserver.Server].
func (s *Server) FailRandomly(share float64, seed uint64, fs ...fakeserver.Fault) {
	s.cfg.TB.Helper()
	if !(share >= 0 && share <= 1) { // also rejects NaN
		s.cfg.TB.Errorf("%s: FailRandomly: share must be between 0 and 1, not %v", s.cfg.Package, share)
	}
	if len(fs) == 0 {
		fs = s.mixture()
	}
	pool := make([]fakeserver.Fault, len(fs))
	for i, f := range fs {
		pool[i] = s.onTheWire(f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.random = &random{share, rand.New(rand.NewPCG(seed, 0)), pool}
	s.watch.Fire()
}

// RandomShare returns the share of FailRandomly, 0 if it is switched off.
func (s *Server) RandomShare() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults.random == nil {
		return 0
	}
	return s.faults.random.share
}

// mixture returns the faults that FailRandomly uses if it is given none: an
// overloaded service, a failing one, a proxy without its backend, a connection
// lost before and after the work, and a truncated response.
func (s *Server) mixture() []fakeserver.Fault {
	failing := fakeserver.Fault{Status: http.StatusInternalServerError}
	if s.cfg.Dress == nil {
		failing.Body = `{"statusCode":500,"message":"Internal server error"}`
	}
	return []fakeserver.Fault{
		{Status: http.StatusServiceUnavailable},
		failing,
		{Status: http.StatusBadGateway},
		{Reset: true},
		{Reset: true, AfterApply: true},
		{Truncate: 1},
	}
}

// onTheWire returns f with the SDK method in Op replaced by the operation that
// the method sends, and with the service's own wording. An invalid fault fails
// the test.
func (s *Server) onTheWire(f fakeserver.Fault) fakeserver.Fault {
	s.cfg.TB.Helper()
	f.Header = f.Header.Clone()
	if op, ok := s.cfg.SentAs[f.Op]; ok {
		f.Op = op
	}
	if f.Op != "" && !s.hasOperation(f.Op) {
		s.cfg.TB.Errorf("%s: Fault: %q is not an operation of the fake", s.cfg.Package, f.Op)
	}
	for _, problem := range problems(f) {
		s.cfg.TB.Errorf("%s: Fault: %s", s.cfg.Package, problem)
	}
	if s.cfg.Dress != nil {
		f = s.cfg.Dress(f)
	}
	return f
}

// problems returns the reasons why f is not a valid fault.
func problems(f fakeserver.Fault) (problems []string) {
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

// takeFault gives the exchange its fault, if any: the first queued one that
// matches, or else the first standing one, or else a random one.
func (x *exchange) takeFault() {
	s := x.server
	s.mu.Lock()
	waiting, random := slices.Concat(s.faults.queue, s.faults.standing), s.faults.random
	s.mu.Unlock()
	// Match is called without the lock, because it may ask the fake. So another
	// request can be faster: only a fault that is still there is met.
	for _, a := range waiting {
		if x.matches(a.fault) && s.meet(a) {
			x.fault, x.faulty = a.fault, true
			return
		}
	}
	if random == nil || random.share <= 0 {
		return
	}
	var fitting []fakeserver.Fault
	for _, f := range random.pool {
		if x.matches(f) {
			fitting = append(fitting, f)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if random.source.Float64() < random.share && len(fitting) > 0 {
		x.fault, x.faulty = fitting[random.source.IntN(len(fitting))], true
	}
}

func (x *exchange) matches(f fakeserver.Fault) bool {
	return (f.Op == "" || f.Op == x.op.Name) && (f.Match == nil || f.Match(*x.asLogged()))
}

// meet reports whether a is still there for a request to meet, and takes it from
// the queue.
func (s *Server) meet(a *armed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.faults.queue, a); i >= 0 {
		s.faults.queue = slices.Delete(s.faults.queue, i, i+1)
		return true
	}
	if !slices.Contains(s.faults.standing, a) {
		return false
	}
	a.met = true
	return true
}

// replaces reports whether a fault's operation does not send its own response.
func replaces(f fakeserver.Fault) bool {
	return f.Status != 0 || f.Reset || f.Refuse || f.Stall && f.Truncate == 0
}

// contentType returns the type of the response that replaces the operation's.
func contentType(f fakeserver.Fault) string {
	switch {
	case f.ContentType != "":
		return f.ContentType
	case f.Body != "" && (f.Body[0] == '{' || f.Body[0] == '['):
		return "application/json; charset=utf-8"
	default:
		return "text/html; charset=utf-8"
	}
}
