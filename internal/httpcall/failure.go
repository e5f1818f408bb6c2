package httpcall

import (
	"net/http"
	"strconv"
	"time"
)

// Failure is a call that ended without a usable response. It is also the error
// that the stages hand up.
type Failure struct {
	Reason       Reason
	StatusCode   int // 0 if no response arrived
	Header       http.Header
	Verdict      Verdict // if Refused
	Attempts     int
	MaybeApplied bool
	RetryAfter   time.Duration
	Err          error // a *Cause, or nil

	notSent bool      // nothing of the attempt reached the service
	final   bool      // another attempt would fail as well
	of      *progress // for Conceal
}

// Reason is why a call failed.
type Reason int

// The reasons.
const (
	NoAnswer     Reason = iota // nothing arrived, or not in time
	CutShort                   // the response broke off
	Refused                    // an error status, on which Judge has given its Verdict
	Redirected                 // 3xx
	TooLarge                   // more bytes than MaxResponseBytes
	TokenRefused               // the token endpoint rejected the credentials
)

// Verdict is the meaning of an error response: for the retry table, and for the
// caller.
type Verdict struct {
	Status          int           // the status that the response counts as
	RetryAfter      time.Duration // if the service gives it by other means than the header
	HasRetryAfter   bool
	Unauthenticated bool // the credentials were rejected; a new token may help
	Refusal         any  // whatever Judge has read of it, for the caller
}

func (f *Failure) Error() string {
	if f.Err != nil {
		return f.Err.Error()
	}
	return "status " + strconv.Itoa(f.StatusCode)
}
