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
	ceiling := most
	if shift := max(0, failures-1); shift < 32 {
		if d := least << shift; d>>shift == least && d < ceiling {
			ceiling = d
		}
	}
	return rand.N(max(1, ceiling))
}

// parseRetryAfter parses seconds or a date, according to RFC 9110, section
// 10.2.3. What it cannot parse counts as absent.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, _ := strconv.ParseUint(value, 10, 64) // the largest uint64 if it overflows
		return time.Duration(min(seconds, maxRetryAfterSeconds)) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, at.Sub(now)), true
}

const maxRetryAfterSeconds = 10 * 365 * 24 * 3600
