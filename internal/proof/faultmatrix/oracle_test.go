package faultmatrix_test

import (
	"time"

	messembed "github.com/messembed/messembed-go"
)

// A step is one request of a call, with what is known about it.
type step struct {
	op         string // named after the client method whose main request it is
	write      bool   // it changes something in the service
	repeatable bool   // sending it twice has the same effect as sending it once
	stream     bool   // its response is streamed to the caller
	list       bool   // its response is a whole list, for which WithListTimeout applies

	// answer is the service's own response, before and after it has carried out the operation.
	answer func(done bool) (status int, code string)
	// idle is a write that changes nothing here: to an unknown user, or with an
	// id that is taken.
	idle bool
	// asItCame is a step whose answer is returned without a look at it.
	asItCame bool
	// finds is a stream that ends with the item searched for: damage after it may go unnoticed.
	finds bool
	// accepts reports whether a 2xx body that is not the service's own is
	// acceptable; nil means that none is.
	accepts func(body) bool
}

// A verdict is the required outcome of a call, or of one request with all its attempts.
type verdict struct {
	kind     error // the sentinel; nil means success
	status   int
	code     string
	attempts int
	maybe    bool // MaybeApplied
	pause    span // RetryAfter
	ended    bool // the caller's context is the cause
	either   bool // or success, depending on how far the response was read
	deceived bool // a proxy reports success in words that the service could use
}

// again says when an attempt with a certain outcome is retried.
type again int

const (
	not          again = iota
	always             // every operation
	whenSafe           // operations that are safe to retry
	onceWhenSafe       // those, once
)

// A rule says what follows from one attempt. Together they are the table of
// retries, errors and MaybeApplied. The code has it once more, in
// internal/httpcall and errors.go; neither is made from the other.
type rule struct {
	again again
	kind  error
	open  bool // it is open whether the service carried out the operation
}

// ruleOf is the table. m has a status, whoever responded.
func ruleOf(st step, m meaning) rule {
	switch {
	case m.ended:
		return rule{not, messembed.ErrUnavailable, m.came != nothingSent}
	case m.came == nothingSent:
		return rule{always, messembed.ErrUnavailable, false}
	case st.list && m.timedOut():
		return rule{not, messembed.ErrUnavailable, true} // the service is still building the list
	case m.came == noAnswer:
		return rule{whenSafe, messembed.ErrUnavailable, true}
	case m.came == brokenOff && st.stream && m.status/100 == 2:
		return rule{not, messembed.ErrUnavailable, true} // its first items have been yielded
	case m.came == brokenOff:
		return rule{whenSafe, messembed.ErrUnavailable, !deniesWork(m.status)}
	}
	switch status := m.status; {
	case status/100 == 2:
		return ruleOfSuccess(st, m)
	case status/100 == 3:
		return rule{not, messembed.ErrInvalidResponse, !deniesWork(status)}
	case status == 429:
		return rule{always, messembed.ErrRateLimited, false}
	case status == 425, status == 503:
		return rule{always, messembed.ErrUnavailable, false}
	case status == 407:
		return rule{not, messembed.ErrUnavailable, false}
	case status == 408, status == 502, status == 504, 520 <= status && status <= 524:
		return rule{whenSafe, messembed.ErrUnavailable, true}
	case status == 500:
		return rule{onceWhenSafe, messembed.ErrUnavailable, true}
	case status/100 == 5:
		return rule{not, messembed.ErrUnavailable, true}
	}
	return rule{not, kindOf(m), false}
}

func ruleOfSuccess(st step, m meaning) rule {
	switch b := m.body; {
	case b == ownBody, st.accepts != nil && st.accepts(b):
		return rule{}
	case b == tooLarge:
		return rule{not, messembed.ErrTooLarge, true}
	}
	return rule{not, messembed.ErrInvalidResponse, true}
}

// kindOf returns the error kind of a 4xx response.
func kindOf(m meaning) error {
	switch {
	case m.code == "BLOCK_STATUS_DOES_NOT_ALLOW":
		return messembed.ErrUserBlocked
	case m.code == "CHAT_IS_INACTIVE":
		return messembed.ErrChatInactive
	case m.status == 401 && (m.code == "" || m.code == "UNAUTHORIZED"):
		return messembed.ErrUnauthenticated
	case m.status == 401, m.status == 403:
		return messembed.ErrPermissionDenied
	case m.status == 404 && m.code == "":
		return messembed.ErrUnsupported
	case m.status == 404:
		return messembed.ErrNotFound
	case m.status == 409:
		return messembed.ErrAlreadyExists
	case m.status == 413:
		return messembed.ErrTooLarge
	}
	return messembed.ErrInvalidArgument
}

// deniesWork reports whether a status says that the operation was not carried
// out. 303 is the redirect after one that was.
func deniesWork(status int) bool {
	return status/100 == 4 && status != 408 || status == 503 || status/100 == 3 && status != 303
}

// A play applies the rules to one call: it requests faults in the order in
// which the client meets them, and records what must be true at the end.
type play struct {
	fault func(op string, nth int) *fault // of the nth request of an operation, from 1; nil means none
	oauth bool

	sent     map[string]int // requests by operation, including those that the fake never saw
	unseen   int            // requests that the fake never saw
	done     bool           // the service has carried out the call
	took     span
	hasToken bool
}

// send plays one request with all its attempts.
func (p *play) send(st step) verdict {
	var v verdict
	var resent500, renewed, doubt bool
	begun := p.took
	for tries := 1; ; tries++ {
		if failed, ok := p.token(); !ok {
			v = verdict{kind: failed.kind, status: failed.status, attempts: v.attempts, maybe: doubt, ended: failed.ended}
			if failed.pause != nil {
				v.pause = *failed.pause
			}
			if failed.final || !p.waits(tries, failed.pause) {
				return v
			}
			continue
		}
		m := p.attempt(st)
		r := ruleOf(st, m)
		if st.list && m.timedOut() && m.came == noAnswer {
			p.took = begun.plus(*exactly(listTimeout)) // which includes the attempts before
		}
		doubt = doubt || st.write && r.open && r.kind != nil
		v = verdict{kind: r.kind, attempts: v.attempts + 1, maybe: doubt && r.kind != nil, ended: m.ended}
		v.either = st.finds && m.late && r.kind != nil
		v.deceived = (st.idle || st.asItCame) && r.kind == nil && m.body != ownBody
		if m.came == whole || m.came == brokenOff {
			v.status = m.status
		}
		if m.came == whole {
			v.code = m.code
			if m.pause != nil && r.kind != nil {
				v.pause = *m.pause
			}
		}
		if r.kind == messembed.ErrUnauthenticated && p.oauth && !renewed {
			renewed, p.hasToken = true, false
			tries-- // a request with a renewed token does not count as a retry
			continue
		}
		switch r.again {
		case not:
			return v
		case onceWhenSafe:
			if resent500 || !st.repeatable {
				return v
			}
			resent500 = true
		case whenSafe:
			if !st.repeatable {
				return v
			}
		}
		if !p.waits(tries, m.pause) {
			return v
		}
	}
}

// attempt plays one attempt: its fault, what the service does, and the time it takes.
func (p *play) attempt(st step) meaning {
	p.sent[st.op]++
	m := meaning{came: whole, done: true}
	if f := p.fault(st.op, p.sent[st.op]); f != nil {
		m = f.meaning
	}
	if m.came == nothingSent {
		p.unseen++
		return m
	}
	if m.drips && !st.stream && !st.list {
		m.came, m.takes = brokenOff, attemptTimeout
	}
	if m.status == 0 {
		if m.status, m.code = st.answer(p.done); m.body != ownBody {
			m.code = "" // nobody can read it
		}
	}
	if m.done && st.write && !st.idle {
		p.done = true
	}
	p.took = p.took.plus(span{m.takes, m.takes})
	if m.drips && (st.stream || st.list) {
		p.took.max += 24 * time.Hour // no upper limit
	}
	return m
}

// waits plays the wait before another attempt; it returns false if there is none.
func (p *play) waits(tries int, pause *span) bool {
	switch {
	case tries >= maxAttempts:
		return false
	case pause == nil:
		p.took.max += min(maxBackoff, minBackoff<<(tries-1))
	case pause.min > maxBackoff:
		return false
	default:
		p.took = p.took.plus(*pause)
	}
	return true
}

var tokenStep = step{op: "Token", repeatable: true, answer: says(200, "")}

// noToken is what it means that there was no token.
type noToken struct {
	kind   error
	status int // of a response that stands for the service's
	pause  *span
	final  bool // the token is not requested again
	ended  bool
}

// token plays the request for an OAuth2 token, if one is needed.
func (p *play) token() (noToken, bool) {
	if !p.oauth || p.hasToken {
		return noToken{}, true
	}
	m := p.attempt(tokenStep)
	switch {
	case m.ended:
		return noToken{kind: messembed.ErrUnavailable, final: true, ended: true}, false
	case m.came != whole:
	case m.status == 407:
		return noToken{kind: messembed.ErrUnavailable, status: 407, final: true}, false
	case m.status == 429:
		return noToken{kind: messembed.ErrRateLimited, pause: m.pause}, false
	case m.status/100 == 3 || m.status/100 == 4 && m.status != 408 && m.status != 425:
		return noToken{kind: messembed.ErrUnauthenticated, final: true}, false
	case m.status/100 == 2 && m.body == ownBody:
		p.hasToken = true
		return noToken{}, true
	}
	return noToken{kind: messembed.ErrUnavailable, pause: m.pause}, false
}

// says is a service that always responds the same.
func says(status int, code string) func(bool) (int, string) {
	return func(bool) (int, string) { return status, code }
}
