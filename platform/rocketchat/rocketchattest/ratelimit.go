package rocketchattest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// rateLimit is the number of calls that a route accepts per period; the zero value means no limit.
type rateLimit struct {
	calls int
	per   time.Duration
}

// window counts the calls of one route. The fake has a single window for all callers, while the server has one for each
// IP address.
type window struct {
	began time.Time
	calls int
}

// count counts a call of the route, sets the rate limit headers of its response and rejects it if it exceeds the limit.
func (s *Server) count(r *route, h http.Header) *failure {
	if s.limit.calls == 0 || r.unlimited {
		return nil
	}
	limit := s.limit
	if r.limit.calls != 0 {
		limit = r.limit
	}
	now := s.now()
	w := s.windows[r.path]
	if w == nil || now.Sub(w.began) >= limit.per {
		w = &window{began: now}
		s.windows[r.path] = w
	}
	w.calls++
	left := w.began.Add(limit.per).Sub(now)
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit.calls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, limit.calls-w.calls)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(s.resetOf(now.Add(left)), 10))
	if w.calls <= limit.calls {
		return nil
	}
	body := document{"success": false, "error": fmt.Sprintf("Error, too many requests. Please slow down."+
		" You must wait %d seconds before trying this endpoint again. [error-too-many-requests]", int(math.Ceil(left.Seconds())))}
	if !s.version.atLeast(7, 0) {
		body["errorType"] = "error-too-many-requests"
	}
	return &failure{http.StatusTooManyRequests, body}
}

// resetOf returns the value of X-RateLimit-Reset for the end of a period.
func (s *Server) resetOf(end time.Time) int64 {
	switch s.reset {
	case ResetSeconds:
		return end.Unix()
	case ResetPast:
		return s.now().Add(-time.Minute).UnixMilli()
	}
	return end.UnixMilli()
}
