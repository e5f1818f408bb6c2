package rocketchattest

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/messembed/messembed-go/platform/internal/fake"
)

// count counts a call of the route, sets the rate limit headers of its response
// and rejects it if it exceeds the limit.
func (s *Server) count(r *route, h http.Header) *failure {
	if s.limit.Calls == 0 || r.unlimited {
		return nil
	}
	limit := s.limit
	if r.limit.Calls != 0 {
		limit = r.limit
	}
	w := s.windows[r.path]
	if w == nil {
		w = &fake.Window{}
		s.windows[r.path] = w
	}
	more, left := w.Count(limit, s.now())
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit.Calls))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(0, more)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(s.resetOf(s.now().Add(left)), 10))
	if more >= 0 {
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
