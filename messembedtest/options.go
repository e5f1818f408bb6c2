package messembedtest

import (
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// An Option configures the fake that [New] returns. A nil option, or an empty
// value where one is required, fails the test.
type Option func(*Server)

// given fails the test if an option's value is missing.
func (s *Server) given(option string, ok bool) bool {
	if !ok {
		s.tb.Helper()
		s.tb.Errorf("messembedtest: %s: must not be empty", option)
		s.tb.FailNow()
	}
	return ok
}

// WithCredentials sets the service's password, and the username that
// [Server.Credentials] returns; the server itself accepts any username. The
// defaults are "admin" and "messembed-test-password".
func WithCredentials(username, password string) Option {
	return func(s *Server) {
		if s.given("WithCredentials", username != "" && password != "") {
			s.username, s.password = username, password
		}
	}
}

// WithJWTSecret sets the secret that signs the users' access tokens.
func WithJWTSecret(secret []byte) Option {
	return func(s *Server) {
		if s.given("WithJWTSecret", len(secret) > 0) {
			s.jwtSecret = append([]byte(nil), secret...)
		}
	}
}

// WithClock sets the clock that the fake uses for timestamps and expiry. The
// default is time.Now, which is fake in a testing/synctest bubble. Fault delays
// always use real time, or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) {
		if s.given("WithClock", now != nil) {
			s.clock = now
		}
	}
}

// WithBasePath serves the fake below a path, such as "/api/messembed", as
// behind an operator's proxy. Other paths are 404 with a text that is not the
// service's. A missing leading slash is added, and a trailing one removed.
func WithBasePath(path string) Option {
	return func(s *Server) { s.basePath = fakehttp.CleanBasePath(path) }
}

// WithDeleteRoute adds the route DELETE /admin-api/users/{id}, which no
// released server has. It removes the user and responds 200 with it, or 404
// USER_NOT_FOUND if there is none. The user's chats and messages stay.
func WithDeleteRoute() Option {
	return func(s *Server) { s.withDeleteRoute = true }
}

// WithPingInterval sets the two times that the handshake of the live events
// announces: how often a client must send a ping, and how long after that it is
// dropped. The defaults are the real server's, 25 and 5 seconds.
func WithPingInterval(interval, timeout time.Duration) Option {
	return func(s *Server) {
		if s.given("WithPingInterval", interval > 0 && timeout > 0) {
			s.pingInterval, s.pingTimeout = interval, timeout
		}
	}
}

// WithClientCredentials puts an OAuth2 gateway in front of the service. It
// serves a token endpoint at [Server.TokenURL] for this client, and the admin
// routes require its bearer tokens instead of the service's password. Tokens
// are valid for an hour of the fake's clock; see [WithTokenLifetime] and
// [Server.ExpireTokens].
func WithClientCredentials(id, secret string) Option {
	return func(s *Server) {
		if s.given("WithClientCredentials", id != "" && secret != "") {
			s.gateway = &gateway{id: id, secret: secret, expiry: map[string]time.Time{}}
		}
	}
}

// WithTokenLifetime sets how long the tokens of [WithClientCredentials] are
// valid.
func WithTokenLifetime(d time.Duration) Option {
	return func(s *Server) { s.tokenLifetime = d }
}

// WithRequestLog limits Requests to the newest requests, fewer if they need more
// than 256 MiB, and each of them to 256 KiB of its body; a negative limit keeps
// none. With a limit, the log keeps the responses too. The default suits a test,
// not a fake that runs for days.
func WithRequestLog(limit int) Option {
	return func(s *Server) { s.logLimit = limit }
}
