package faultmatrix_test

import (
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

// A fault is one way in which one attempt of one request fails: how it is
// injected, and what it means.
type fault struct {
	name  string
	group string // its section in docs/faults.md

	// service is how the fake fails. The zero Fault serves the request.
	service func(now time.Time) messembedtest.Fault
	wire    wire
	// raw responds over a socket, for faults of the connection.
	raw raw
	// givesUp ends the caller's context this long after the request was sent; 0 means never.
	givesUp time.Duration

	meaning meaning
}

// An arrival is how much of a response reaches the client.
type arrival int

const (
	nothingSent arrival = iota // there was no connection
	noAnswer                   // the request may have been read, but there was no response
	brokenOff                  // a response began but did not end
	whole                      // a complete response
)

// A body is the content of a complete 2xx response.
type body int

const (
	ownBody   body = iota // the service's response to this request
	emptyBody             // nothing
	plainJSON             // an object that is not a response to this request
	otherJSON             // JSON other than an object
	endsEarly             // the beginning of the service's own response
	noJSON                // HTML, binary, garbage after the response
	tooLarge              // more than WithMaxResponseBytes
)

// A meaning is a fault in terms of the rules. The oracle knows nothing else
// about a fault.
type meaning struct {
	came   arrival
	status int // of the response; 0 means the service's own
	body   body
	code   string // the service's own code in an error response
	listed bool   // an error response with the problems that validation found
	pause  *span  // Retry-After, if it is intelligible
	takes  time.Duration
	done   bool // the service carries out the operation before this happens
	late   bool // the damage is at the end of the response
	ended  bool // the caller's context ends
	drips  bool // the body is complete, but slower than WithAttemptTimeout allows
}

// timedOut reports whether the client gave up waiting.
func (m meaning) timedOut() bool { return !m.ended && m.came != whole && m.takes > 0 }

// A span is a duration that is partly random.
type span struct{ min, max time.Duration }

func (s span) holds(d time.Duration) bool { return s.min <= d && d <= s.max }

func (s span) plus(o span) span { return span{s.min + o.min, s.max + o.max} }

func exactly(d time.Duration) *span { return &span{d, d} }

// The client of every cell. The values are such that four attempts that time
// out fit into a call.
const (
	maxAttempts      = 4
	minBackoff       = 100 * time.Millisecond
	maxBackoff       = 5 * time.Second
	attemptTimeout   = 10 * time.Second
	listTimeout      = attemptTimeout
	callTimeout      = 100 * time.Second
	maxResponseBytes = 64 << 10
)
