package rightechtest

import (
	"net/http"
	"time"

	"github.com/messembed/messembed-go/platform/rightech"
)

// An Option changes the fake that [New] makes.
type Option func(*Server)

// WithToken sets the API token.
func WithToken(token string) Option {
	return func(s *Server) { s.token = token }
}

// WithScopes limits what the API token may do to these operations, by the names of [Server.Routes];
// the rest is 403.
func WithScopes(ops ...string) Option {
	return func(s *Server) {
		s.scopes = make(map[string]bool, len(ops))
		for _, op := range ops {
			s.scopes[op] = true
		}
	}
}

// WithClock gives the fake its time. Without it that is time.Now, which a testing/synctest bubble
// governs. Delays of faults always pass in real time or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithHTMLErrors makes the faults of [Server.FailNext] and [Server.FailRandomly] with a Status of
// 500 or more and no Body come as the HTML page of the nginx before the service, as they do when
// that cannot reach it. Without it they are RicErrors.
func WithHTMLErrors() Option {
	return func(s *Server) { s.htmlErrors = true }
}

// guesses is what nobody has documented, as this fake does it.
type guesses struct {
	tokenShape      rightech.TokenShape
	openTokenRoute  bool
	duplicateStatus int
	duplicateTags   []string
	deleteBody      string
	noLoginSearch   bool
	fullReads       bool
	streamedLists   bool
}

func defaultGuesses() guesses {
	return guesses{
		duplicateStatus: http.StatusBadRequest, duplicateTags: []string{"error_unique", "error_users"}, deleteBody: `{"success":true}`,
	}
}

// WithTokenShape sets what the token route takes and answers. Of Fields each must be sent as it
// stands there.
func WithTokenShape(shape rightech.TokenShape) Option {
	return func(s *Server) { s.guesses.tokenShape = shape }
}

// WithOpenTokenRoute makes the token route want no API token, as the documentation's example has
// it.
func WithOpenTokenRoute() Option {
	return func(s *Server) { s.guesses.openTokenRoute = true }
}

// WithDuplicateError sets the status and the tags for a login or an address that is taken.
func WithDuplicateError(status int, tags ...string) Option {
	return func(s *Server) { s.guesses.duplicateStatus, s.guesses.duplicateTags = status, tags }
}

// WithDeleteBody sets what a delete answers, "" for nothing.
func WithDeleteBody(body string) Option {
	return func(s *Server) { s.guesses.deleteBody = body }
}

// WithoutLoginSearch makes search look at names, addresses and phones only.
func WithoutLoginSearch() Option {
	return func(s *Server) { s.guesses.noLoginSearch = true }
}

// WithFullReads makes list and get answer with every field.
func WithFullReads() Option {
	return func(s *Server) { s.guesses.fullReads = true }
}

// WithStreamedLists writes lists an item a line, as the service does when it is asked to stream.
func WithStreamedLists() Option {
	return func(s *Server) { s.guesses.streamedLists = true }
}
