package fakehttp

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// ExpectFaultsMet implements [fakeserver.Server].
func (s *Server) ExpectFaultsMet() {
	s.expectation.Do(func() { s.cfg.TB.Cleanup(s.reportUnmetFaults) })
}

func (s *Server) reportUnmetFaults() {
	s.cfg.TB.Helper()
	s.mu.Lock()
	unmet := slices.Concat(s.faults.unmet, s.faults.queue)
	for _, a := range s.faults.standing {
		if !a.met {
			unmet = append(unmet, a)
		}
	}
	s.mu.Unlock()
	for _, a := range unmet {
		s.cfg.TB.Errorf("%s: no request met the fault %s", s.cfg.Package, literal(a.fault))
	}
}

// PendingFaults returns the faults that the next requests can meet, except random
// ones: those of FailNext, in the order in which they are taken, and those of
// Fail.
func (s *Server) PendingFaults() (next, standing []fakeserver.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.faults.queue {
		next = append(next, a.fault)
	}
	for _, a := range s.faults.standing {
		standing = append(standing, a.fault)
	}
	return next, standing
}

// Disarm removes the pending faults for which meant returns true, which is told
// whether a fault is one of Fail, and returns their number. It is no matter of
// [Server.ExpectFaultsMet] whether they were met.
func (s *Server) Disarm(meant func(f fakeserver.Fault, standing bool) bool) (removed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keep := func(list []*armed, standing bool) (kept []*armed) {
		for _, a := range list {
			if meant(a.fault, standing) {
				removed++
			} else {
				kept = append(kept, a)
			}
		}
		return kept
	}
	s.faults.queue, s.faults.standing = keep(s.faults.queue, false), keep(s.faults.standing, true)
	s.watch.Fire()
	return removed
}

// literal returns a fault as Go code with only the fields that are set.
func literal(f fakeserver.Fault) string {
	var fields []string
	v := reflect.ValueOf(f)
	for field, value := range v.Fields() {
		if value.IsZero() {
			continue
		}
		text := fmt.Sprint(value)
		switch {
		case field.Name == "Body" || value.Kind() == reflect.Func || value.Kind() == reflect.Map:
			text = "…"
		case value.Kind() == reflect.String:
			text = fmt.Sprintf("%q", value)
		}
		fields = append(fields, field.Name+": "+text)
	}
	return "{" + strings.Join(fields, ", ") + "}"
}
