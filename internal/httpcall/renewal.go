package httpcall

import (
	"net/http"
)

// renewal sends a request once more when the service has rejected its token, with
// the next. That is no retry: it waits for nothing, may be done with any
// operation, since the service has refused to carry it out, and does not count
// against MaxAttempts.
type renewal struct {
	auth Authenticator
	next http.RoundTripper
}

func (s renewal) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(req)
	f, failed := err.(*Failure) //nolint:errorlint // it is what the stages return
	if !failed || !f.Verdict.Unauthenticated || f.MaybeApplied || s.auth == nil {
		return resp, err
	}
	p := progressOf(req.Context())
	if p.renewed || !s.auth.renew(p.header) {
		return nil, f
	}
	p.renewed = true
	p.logRetry(req.Context(), f, 0)
	again := req.WithContext(req.Context())
	if req.GetBody != nil {
		again.Body, _ = req.GetBody() // from memory
	}
	return s.next.RoundTrip(again)
}
