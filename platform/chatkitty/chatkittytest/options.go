package chatkittytest

import (
	"net/http"
	"time"
)

// An Option changes the fake that [New] makes.
type Option func(*Server)

// WithCredentials sets the application's client id and secret.
func WithCredentials(id, secret string) Option {
	return func(s *Server) { s.clientID, s.clientSecret = id, secret }
}

// WithClock gives the fake its time. Without it that is time.Now, which a testing/synctest bubble
// governs. Delays of faults always pass in real time or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithSnakeCase makes the fake answer in the service's second dialect: fields in snake case but for
// isGuest, links as an array. Requests are understood in both dialects in any case.
func WithSnakeCase() Option {
	return func(s *Server) { s.guesses.snakeCase = true }
}

// WithRateLimit lets this many requests pass in each period; the rest are 429.
func WithRateLimit(calls int, per time.Duration) Option {
	return func(s *Server) { s.limit = rateLimit{calls, per} }
}

// A Merge is what the service does with the properties of a PATCH.
type Merge int

// The ways in which it may.
const (
	MergeDeep    Merge = iota // RFC 7396: objects are merged at any depth, null deletes
	MergeShallow              // the first level is merged, null deletes there; what is below is replaced
	Replace                   // what is sent is what is stored, nulls too
)

// guesses is what nobody has documented, as this fake does it.
type guesses struct {
	snakeCase        bool
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

// WithDuplicateStatus sets the status of a create whose name is taken; without it 400.
func WithDuplicateStatus(status int) Option {
	return func(s *Server) { s.guesses.duplicateStatus = status }
}

// WithPropertiesMerge sets what a PATCH does with properties; without it [MergeDeep].
func WithPropertiesMerge(m Merge) Option {
	return func(s *Server) { s.guesses.merge = m }
}

// WithAnyPatchType makes a PATCH of application/json and of the registered
// application/merge-patch+json as good as the service's own.
func WithAnyPatchType() Option {
	return func(s *Server) { s.guesses.anyPatchType = true }
}

// WithEmptyEmbedded gives an empty page an empty _embedded.
func WithEmptyEmbedded() Option {
	return func(s *Server) { s.guesses.emptyEmbedded = true }
}

// WithExplicitIsGuest writes isGuest when it is false, too.
func WithExplicitIsGuest() Option {
	return func(s *Server) { s.guesses.explicitIsGuest = true }
}

// WithLooseNameFilter makes ?name= find every name that contains the text, in upper or lower case.
// Whether a user exists is asked exactly.
func WithLooseNameFilter() Option {
	return func(s *Server) { s.guesses.looseNameFilter = true }
}

// WithMaxPageSize sets the largest page; a larger size is lowered to it without a word.
func WithMaxPageSize(n int) Option {
	return func(s *Server) { s.guesses.maxPageSize = n }
}

// WithExpiredTokenError sets the "error" of the 401 for a token that has expired; without it
// "invalid_token".
func WithExpiredTokenError(code string) Option {
	return func(s *Server) { s.guesses.expiredCode = code }
}

// WithRetryAfterHeader gives a 429 a Retry-After header beside its coolOffDuration.
func WithRetryAfterHeader() Option {
	return func(s *Server) { s.guesses.retryAfterHeader = true }
}

// WithManualStatus makes sessions leave presence.status as it is.
func WithManualStatus() Option {
	return func(s *Server) { s.guesses.manualStatus = true }
}
