package faultmatrix_test

import (
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

// A fault is one way in which one attempt of one request goes wrong: how that is brought about, and what it means.
type fault struct {
	name  string
	group string // its section in docs/faults.md

	// service is how the fake fails. The zero Fault serves the request.
	service func(now time.Time) messembedtest.Fault
	wire    wire
	// raw answers over a socket, where the fault is one of the socket's.
	raw raw
	// givesUp ends the caller's context this long after the request was sent; 0: never.
	givesUp time.Duration

	meaning meaning
}

// An arrival is how much of an answer the client gets.
type arrival int

const (
	nothingSent arrival = iota // there was no connection
	noAnswer                   // the request may have been read, and nothing came back
	brokenOff                  // an answer began and did not end
	whole                      // an answer came
)

// A body is what a whole 2xx answer holds.
type body int

const (
	ownBody   body = iota // what the service says to this request
	emptyBody             // nothing
	plainJSON             // an object that is no answer to this request
	otherJSON             // JSON that is no object
	endsEarly             // the beginning of the service's own answer
	noJSON                // HTML, binary, garbage behind the answer
	tooLarge              // more than WithMaxResponseBytes
)

// A meaning is a fault in the design's words. The oracle knows a fault by nothing else.
type meaning struct {
	came   arrival
	status int // of the answer; 0: the service's own
	body   body
	code   string // the service's own word in an error answer
	listed bool   // an error answer with what validation found
	pause  *span  // Retry-After, as far as it can be understood
	takes  time.Duration
	done   bool // the service does what it is asked before this happens
	late   bool // the damage is at the answer's end
	ended  bool // the caller's context ends
	drips  bool // the body comes whole, but slower than WithAttemptTimeout allows
}

// A span is a time of which chance decides how long exactly.
type span struct{ min, max time.Duration }

func (s span) holds(d time.Duration) bool { return s.min <= d && d <= s.max }

func (s span) plus(o span) span { return span{s.min + o.min, s.max + o.max} }

func exactly(d time.Duration) *span { return &span{d, d} }

// The client of every cell. The numbers are such that four attempts which time out fit into a call.
const (
	maxAttempts      = 4
	minBackoff       = 100 * time.Millisecond
	maxBackoff       = 5 * time.Second
	attemptTimeout   = 10 * time.Second
	callTimeout      = 100 * time.Second
	maxResponseBytes = 64 << 10
)
