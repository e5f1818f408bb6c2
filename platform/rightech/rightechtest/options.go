package rightechtest

import (
	"net/http"
	"time"

	"github.com/messembed/messembed-go/platform/rightech"
)

// An Option configures the fake that [New] returns.
type Option func(*Server)

// WithToken sets the API token.
func WithToken(token string) Option {
	return func(s *Server) { s.token = token }
}

// WithScopes limits the API token to these operations, with the names of Routes; the
// others are 403.
func WithScopes(ops ...string) Option {
	return func(s *Server) {
		s.scopes = make(map[string]bool, len(ops))
		for _, op := range ops {
			s.scopes[op] = true
		}
	}
}

// WithClock sets the fake's clock. The default is time.Now, which is fake in a testing/synctest
// bubble. Fault delays always use real time, or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithHTMLErrors makes faults with a Status of 500 or more and no Body respond
// with the HTML page of the nginx in front of the service, as if nginx could
// not reach it. By default they are RicErrors.
func WithHTMLErrors() Option {
	return func(s *Server) { s.htmlErrors = true }
}

// guesses holds the fake's choices for undocumented behaviour.
type guesses struct {
	tokenShape      rightech.TokenShape
	openTokenRoute  bool
	duplicateStatus int
	duplicateTags   []string
	deleteBody      string
	noLoginSearch   bool
	fullReads       bool
	streamedLists   bool
	numericCodes    bool
	wrappedObjects  bool
	ignoredOffset   bool
}

func defaultGuesses() guesses {
	return guesses{
		duplicateStatus: http.StatusBadRequest, duplicateTags: []string{"error_unique", "error_users"}, deleteBody: `{"success":true}`,
	}
}

// WithTokenShape sets what the token route accepts and returns. Each of Fields
// must be sent with exactly that value.
func WithTokenShape(shape rightech.TokenShape) Option {
	return func(s *Server) { s.guesses.tokenShape = shape }
}

// WithOpenTokenRoute makes the token route require no API token, as in the
// documentation's example.
func WithOpenTokenRoute() Option {
	return func(s *Server) { s.guesses.openTokenRoute = true }
}

// WithDuplicateError sets the status and the tags for a login or an address that is taken.
func WithDuplicateError(status int, tags ...string) Option {
	return func(s *Server) { s.guesses.duplicateStatus, s.guesses.duplicateTags = status, tags }
}

// WithDeleteBody sets the body of the response to a delete, "" for none.
func WithDeleteBody(body string) Option {
	return func(s *Server) { s.guesses.deleteBody = body }
}

// WithoutLoginSearch limits search to names, addresses and phones.
func WithoutLoginSearch() Option {
	return func(s *Server) { s.guesses.noLoginSearch = true }
}

// WithFullReads makes list and get return every field.
func WithFullReads() Option {
	return func(s *Server) { s.guesses.fullReads = true }
}

// WithStreamedLists writes lists with an item per line, as the service does if asked to stream.
func WithStreamedLists() Option {
	return func(s *Server) { s.guesses.streamedLists = true }
}

// WithNumericCodes makes the code of an error a number, as in Rightech's own edge software.
func WithNumericCodes() Option {
	return func(s *Server) { s.guesses.numericCodes = true }
}

// WithWrappedObjects makes every response that is a user an array of that one,
// as in the fixtures of the official n8n node.
func WithWrappedObjects() Option {
	return func(s *Server) { s.guesses.wrappedObjects = true }
}

// WithIgnoredOffset makes a list ignore its offset: every page is the first one.
func WithIgnoredOffset() Option {
	return func(s *Server) { s.guesses.ignoredOffset = true }
}
