package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A position is the attempt of a call that a fault hits.
type position int

const (
	firstAttempt    position = iota
	secondAttempt            // after a 503
	afterLostAnswer          // the second attempt, after one that was carried out but whose response was lost
	everyAttempt
)

var positions = []position{firstAttempt, secondAttempt, afterLostAnswer, everyAttempt}

func (p position) String() string {
	return [...]string{"first attempt", "second attempt", "after a lost response", "every attempt"}[p]
}

var (
	busy       = &fault{service: serving(messembedtest.Fault{Status: 503}), meaning: meaning{came: whole, status: 503}}
	lostAnswer = &fault{service: serving(messembedtest.Fault{Reset: true, AfterApply: true}), meaning: meaning{came: noAnswer, done: true}}
)

// plan returns the fault for each request.
func (c *call) plan(f *fault, at position) func(op string, nth int) *fault {
	return func(op string, nth int) *fault {
		if op != c.target {
			if nth == 1 {
				return c.before[op]
			}
			return nil
		}
		switch nth -= c.skip; {
		case nth < 1:
		case at == everyAttempt, at == firstAttempt && nth == 1, at != firstAttempt && nth == 2:
			return f
		case at == secondAttempt && nth == 1:
			return busy
		case at == afterLostAnswer && nth == 1:
			return lostAnswer
		}
		return nil
	}
}

// expect plays the call by the rules.
func (c *call) expect(plan func(string, int) *fault) (*play, verdict) {
	p := &play{fault: plan, oauth: c.oauth, sent: map[string]int{}}
	return p, c.sends(p)
}

var sentinels = []error{
	messembed.ErrInvalidArgument, messembed.ErrUnauthenticated, messembed.ErrPermissionDenied, messembed.ErrNotFound, messembed.ErrAlreadyExists,
	messembed.ErrUserBlocked, messembed.ErrChatInactive, messembed.ErrRateLimited, messembed.ErrUnavailable, messembed.ErrTooLarge,
	messembed.ErrInvalidResponse, messembed.ErrTooManyFailures, messembed.ErrUnsupported,
}

// differences compares what happened with what must happen. good is the same
// call without a fault.
func (c *call) differences(o, good outcome, p *play, v verdict) []string {
	var found []string
	differ := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }

	if v.either && o.err == nil {
		v.kind = nil
	}
	switch e, ok := errors.AsType[*messembed.Error](o.err); {
	case v.kind == nil && o.err != nil:
		differ("error %v, want none", o.err)
	case v.kind == nil && !v.deceived:
		if got, want := resultText(o.result), resultText(good.result); got != want {
			differ("result %s, want %s", got, want)
		}
	case v.kind == nil:
	case !ok:
		differ("error %v, want an *Error of kind %q", o.err, v.kind)
	default:
		c.compareError(e, v, differ)
	}
	if v.ended && !errors.Is(o.err, context.Canceled) {
		differ("error %v, want one that matches context.Canceled", o.err)
	}
	if got, want := fmt.Sprint(o.sent), fmt.Sprint(p.sent); got != want {
		differ("requests sent %s, want %s", got, want)
	}
	if got, want := len(o.requests), total(p.sent)-p.unseen; got != want {
		differ("the fake received %d requests, want %d", got, want)
	}
	if o.took != untimed && !p.took.holds(o.took) {
		differ("took %v, want %v to %v", o.took, p.took.min, p.took.max)
	}
	c.compareState(o, good, p, v, differ)
	if canary := canaryIn(o.exhaust); canary != "" {
		differ("%s is shown: …%s", canary, around(o.exhaust, canary))
	}
	if len(o.elsewhere) > 0 {
		differ("requests to %q", o.elsewhere)
	}
	return found
}

func (c *call) compareError(e *messembed.Error, v verdict, differ func(string, ...any)) {
	for _, sentinel := range sentinels {
		if errors.Is(e, sentinel) != (sentinel == v.kind) {
			differ("error %v, want only the kind %q", e, v.kind)
			break
		}
	}
	if e.Op != c.method || e.RequestID == "" {
		differ("error of %q with request id %q, want %q and any", e.Op, e.RequestID, c.method)
	}
	if e.StatusCode != v.status {
		differ("StatusCode %d, want %d: %v", e.StatusCode, v.status, e)
	}
	if e.Attempts != v.attempts {
		differ("Attempts %d, want %d: %v", e.Attempts, v.attempts, e)
	}
	if e.MaybeApplied != v.maybe {
		differ("MaybeApplied %t, want %t: %v", e.MaybeApplied, v.maybe, e)
	}
	if !v.pause.holds(e.RetryAfter) {
		differ("RetryAfter %v, want %v", e.RetryAfter, v.pause)
	}
}

// compareState compares the fake's state with what happened and with what the caller was told.
func (c *call) compareState(o, good outcome, p *play, v verdict, differ func(string, ...any)) {
	want := o.before
	if p.done {
		want = good.state
	}
	switch e, _ := errors.AsType[*messembed.Error](o.err); {
	case o.state != want:
		differ("state\n%swant\n%s", o.state, want)
	case o.err == nil && o.state != good.state && !v.deceived:
		differ("the caller was told that it was done, but it was not")
	case e != nil && !e.MaybeApplied && o.state != o.before:
		differ("the caller was told that it was not done, but it was")
	}
}

func total(sent map[string]int) (n int) {
	for _, k := range sent {
		n += k
	}
	return n
}

func around(text, part string) string {
	at := strings.Index(text, part)
	return strings.ReplaceAll(text[max(0, at-80):min(len(text), at+80)], "\n", " | ")
}
