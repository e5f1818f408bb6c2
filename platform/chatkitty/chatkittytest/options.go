package chatkittytest

import (
	"net/http"
	"time"

	"github.com/messembed/messembed-go/platform/internal/fake"
)

// An Option configures the fake that [New] returns.
type Option func(*Server)

// WithCredentials sets the application's client id and secret.
func WithCredentials(id, secret string) Option {
	return func(s *Server) { s.clientID, s.clientSecret = id, secret }
}

// WithClock sets the fake's clock. The default is time.Now, which is fake in a testing/synctest
// bubble. Fault delays always use real time, or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithSnakeCase makes the fake respond in the service's second dialect below
// /v1 too: fields in snake case except isGuest, links as an array. Requests are
// accepted in both dialects in any case.
func WithSnakeCase() Option {
	return func(s *Server) { s.guesses.dialect = true }
}

// WithRateLimit allows this many requests per period; the rest are 429.
func WithRateLimit(calls int, per time.Duration) Option {
	return func(s *Server) { s.limit = fake.RateLimit{Calls: calls, Per: per} }
}

// A Merge is how the service treats the properties of a PATCH.
type Merge int

// The ways of merging.
const (
	MergeDeep    Merge = iota // RFC 7396: objects are merged at any depth, null deletes
	MergeShallow              // the first level is merged and null deletes there; deeper values are replaced
	Replace                   // the sent properties are stored unchanged, nulls too
)

// guesses holds the fake's choices for undocumented behaviour.
type guesses struct {
	dialect          dialect
	duplicateStatus  int
	merge            Merge
	anyPatchType     bool
	emptyEmbedded    bool
	explicitIsGuest  bool
	looseNameFilter  bool
	maxPageSize      int
	expiredCode      string
	retryAfterHeader bool
	manualStatus     bool
}

func defaultGuesses() guesses {
	return guesses{duplicateStatus: http.StatusBadRequest, expiredCode: "invalid_token"}
}

// WithDuplicateStatus sets the status of a create whose name is taken; the default is 400.
func WithDuplicateStatus(status int) Option {
	return func(s *Server) { s.guesses.duplicateStatus = status }
}

// WithPropertiesMerge sets how a PATCH treats properties; the default is [MergeDeep].
func WithPropertiesMerge(m Merge) Option {
	return func(s *Server) { s.guesses.merge = m }
}

// WithAnyPatchType makes a PATCH also accept application/json and the registered
// application/merge-patch+json.
func WithAnyPatchType() Option {
	return func(s *Server) { s.guesses.anyPatchType = true }
}

// WithEmptyEmbedded includes an empty _embedded in an empty page.
func WithEmptyEmbedded() Option {
	return func(s *Server) { s.guesses.emptyEmbedded = true }
}

// WithExplicitIsGuest includes isGuest even if it is false.
func WithExplicitIsGuest() Option {
	return func(s *Server) { s.guesses.explicitIsGuest = true }
}

// WithLooseNameFilter makes ?name= find every name that contains the text,
// regardless of case. The check whether a user exists stays exact.
func WithLooseNameFilter() Option {
	return func(s *Server) { s.guesses.looseNameFilter = true }
}

// WithMaxPageSize sets the largest page size; larger ones are silently lowered to it.
func WithMaxPageSize(n int) Option {
	return func(s *Server) { s.guesses.maxPageSize = n }
}

// WithExpiredTokenError sets the "error" of the 401 for an expired token; the default is
// "invalid_token".
func WithExpiredTokenError(code string) Option {
	return func(s *Server) { s.guesses.expiredCode = code }
}

// WithRetryAfterHeader adds a Retry-After header to a 429, beside its coolOffDuration.
func WithRetryAfterHeader() Option {
	return func(s *Server) { s.guesses.retryAfterHeader = true }
}

// WithManualStatus keeps sessions from changing presence.status.
func WithManualStatus() Option {
	return func(s *Server) { s.guesses.manualStatus = true }
}
