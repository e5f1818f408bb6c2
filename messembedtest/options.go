package messembedtest

import (
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// An Option changes the fake that [New] makes. One that is nil, or whose values are empty where
// nothing can come of that, fails the test.
type Option func(*Server)

// given fails the test where an option has no value.
func (s *Server) given(option string, ok bool) bool {
	if !ok {
		s.tb.Helper()
		s.tb.Errorf("messembedtest: %s: must not be empty", option)
		s.tb.FailNow()
	}
	return ok
}

// WithCredentials sets the service's password, and the username that [Server.Credentials] returns;
// the server itself takes any username. Without it they are "admin" and "messembed-test-password".
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

// WithClock gives the fake its time: everything that it stamps, dates and lets expire goes by now.
// Without it that is time.Now, which a testing/synctest bubble governs. Delays of faults always
// pass in real time or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) {
		if s.given("WithClock", now != nil) {
			s.clock = now
		}
	}
}

// WithBasePath puts the service under a path, such as "/api/messembed", as an operator's proxy
// would. What lies outside is 404 with a text that is not the service's. A slash is put in front, and
// one at the end taken off.
func WithBasePath(path string) Option {
	return func(s *Server) { s.basePath = fakehttp.CleanBasePath(path) }
}

// WithDeleteRoute gives the fake the route DELETE /admin-api/users/{id}, which no released server
// has: it removes the user and answers 200 with it, 404 USER_NOT_FOUND when there is none. The
// user's chats and messages stay.
func WithDeleteRoute() Option {
	return func(s *Server) { s.withDeleteRoute = true }
}

// WithPingInterval sets the two times that the live events' handshake announces: how often a client
// has to send a ping, and how long after that it is given up. Without it they are the real
// server's, 25 and 5 seconds.
func WithPingInterval(interval, timeout time.Duration) Option {
	return func(s *Server) {
		if s.given("WithPingInterval", interval > 0 && timeout > 0) {
			s.pingInterval, s.pingTimeout = interval, timeout
		}
	}
}

// WithClientCredentials puts an OAuth2 gateway before the service: it serves a token endpoint at
// [Server.TokenURL] for this client, and the admin routes want its bearer tokens instead of the
// service's password. Tokens are good for an hour by the fake's clock; see [WithTokenLifetime] and
// [Server.ExpireTokens].
func WithClientCredentials(id, secret string) Option {
	return func(s *Server) {
		if s.given("WithClientCredentials", id != "" && secret != "") {
			s.gateway = &gateway{id: id, secret: secret, expiry: map[string]time.Time{}}
		}
	}
}

// WithTokenLifetime sets how long the tokens of [WithClientCredentials] are good.
func WithTokenLifetime(d time.Duration) Option {
	return func(s *Server) { s.tokenLifetime = d }
}

// WithRequestLog sets how many requests [Server.Requests] remembers, the newest ones; a negative
// number is none. Without it all are kept, which a fake that runs for days cannot afford.
func WithRequestLog(limit int) Option {
	return func(s *Server) { s.logLimit = limit }
}
