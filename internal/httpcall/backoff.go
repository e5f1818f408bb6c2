package httpcall

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Backoff returns an exponential pause with full jitter: random, less than
// least·2ⁿ⁻¹ after n failures, and less than most.
func Backoff(least, most time.Duration, failures int) time.Duration {
	ceiling, shift := most, max(0, failures-1)
	if d := least << shift; d>>shift == least { // or else it is too large for a number
		ceiling = min(d, most)
	}
	return rand.N(max(1, ceiling))
}

// retryAfterOf returns the Retry-After of a response. A date is measured against
// the response's own Date: this host's clock may differ from the service's.
func retryAfterOf(h http.Header) (time.Duration, bool) {
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return parseRetryAfter(h.Get("Retry-After"), now)
}

// parseRetryAfter parses seconds or a date, according to RFC 9110, section
// 10.2.3. What it cannot parse counts as absent, and so does a date that is past:
// one of two clocks is wrong, perhaps a proxy's.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, _ := strconv.ParseUint(value, 10, 64) // the largest uint64 if it overflows
		return time.Duration(min(seconds, maxRetryAfterSeconds)) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil || !at.After(now) {
		return 0, false
	}
	return at.Sub(now), true
}

const maxRetryAfterSeconds = 10 * 365 * 24 * 3600
