package chatkittytest

import (
	"net/http"
	"strconv"
	"time"
)

// limited counts a request and rejects it if it exceeds the limit.
func (s *Server) limited() (reply, bool) {
	if s.limit.Calls <= 0 {
		return reply{}, false
	}
	more, left := s.window.Count(s.limit, s.clock())
	if more >= 0 {
		return reply{}, false
	}
	refused := reply{status: http.StatusTooManyRequests, body: apiError{
		CoolOffDuration: isoDuration(left), Error: "RateLimitedError",
		Message: "This user session has exceeded its rate limit, retry after " + strconv.FormatInt(left.Milliseconds(), 10) + " ms.",
	}}
	if s.guesses.retryAfterHeader {
		refused.retryAfter = strconv.Itoa(int((left + time.Second - 1) / time.Second))
	}
	return refused, true
}

// isoDuration formats a duration as Java does: PT1M16.919S.
func isoDuration(d time.Duration) string {
	text := "PT"
	if h := d / time.Hour; h > 0 {
		text += strconv.Itoa(int(h)) + "H"
	}
	if m := d % time.Hour / time.Minute; m > 0 {
		text += strconv.Itoa(int(m)) + "M"
	}
	if s := d % time.Minute; s > 0 || d == 0 {
		text += strconv.FormatFloat(s.Seconds(), 'f', -1, 64) + "S"
	}
	return text
}
