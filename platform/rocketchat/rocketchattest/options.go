package rocketchattest

import (
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// An Option configures the fake that [New] returns.
type Option func(*Server)

// WithServerVersion makes the fake behave as a server of that version, such as "7.x" or "8.7". The version determines the parameters of
// users.createToken, which calls require a second factor, and whether custom fields, phones and presence claims exist. The default is 8.7.
func WithServerVersion(v string) Option {
	return func(s *Server) { s.version = parseVersion(v) }
}

// WithTokenSecret sets the server's CREATE_TOKENS_FOR_USERS_SECRET, which [Server.Credentials] includes. An empty secret disables
// users.createToken, on servers before 8.0 too. By default there is a secret.
func WithTokenSecret(secret string) Option {
	return func(s *Server) { s.tokenSecret = secret }
}

// WithRateLimit allows each route that many calls per period, which begins with the first call, as on the server. A fresh workspace has 10 a
// minute. users.setStatus then always has 5 a minute, every response of a limited route has the X-RateLimit headers, and a call above the limit
// is 429 without Retry-After. By default there is no limit.
func WithRateLimit(calls int, per time.Duration) Option {
	return func(s *Server) { s.limit = rateLimit{calls, per} }
}

// WithTwoFactor enables a second factor on the caller's account and makes its credentials a plain login: users.update, and since 8.7 users.create
// and users.createToken, are then refused with totp-required unless they carry the code [TwoFactorCode]. A token from
// [Server.PersonalAccessToken] that bypasses two-factor authentication needs no code.
func WithTwoFactor() Option {
	return func(s *Server) { s.twoFactor = true }
}

// TwoFactorCode is the X-2fa-Code that a fake with [WithTwoFactor] accepts.
const TwoFactorCode = "123456"

// WithoutPermissions revokes permissions of the caller, such as "create-user" or "view-full-other-user-info".
func WithoutPermissions(permissions ...string) Option {
	return func(s *Server) {
		for _, permission := range permissions {
			s.denied[permission] = true
		}
	}
}

// WithCustomFields sets the custom fields that the workspace defines; the server silently drops all others. By default the fake stores every
// field.
func WithCustomFields(names ...string) Option {
	return func(s *Server) {
		s.customFields = map[string]bool{}
		for _, name := range names {
			s.customFields[name] = true
		}
	}
}

// WithMergedCustomFields makes an update keep custom fields that it does not name, as the newest server source does. By default they are
// replaced.
func WithMergedCustomFields() Option {
	return func(s *Server) { s.mergesFields = true }
}

// WithClock sets the clock that the fake uses for timestamps and rate limits. The default is time.Now, which is fake in a testing/synctest
// bubble. Fault delays, heartbeats and the expiry of a status always use real time, or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithBasePath serves the workspace below a path, such as "/chat", as behind an operator's proxy.
func WithBasePath(path string) Option {
	return func(s *Server) { s.basePath = fakehttp.CleanBasePath(path) }
}

// version is a server version.
type version struct{ major, minor int }

// parseVersion parses "8.7.1", "8.7" or "7.x", which is the last 7.
func parseVersion(text string) version {
	major, rest, _ := strings.Cut(text, ".")
	minor, _, _ := strings.Cut(rest, ".")
	v := version{minor: 99}
	v.major, _ = strconv.Atoi(major)
	if n, err := strconv.Atoi(minor); err == nil {
		v.minor = n
	}
	return v
}

func (v version) atLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

func (v version) String() string {
	return strconv.Itoa(v.major) + "." + strconv.Itoa(v.minor)
}
