package rocketchattest

import (
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// An Option changes the fake that [New] makes.
type Option func(*Server)

// WithServerVersion makes the fake behave as a server of that version, such as "7.x" or "8.7": how users.createToken is asked, which calls want
// a second factor, and whether custom fields, phones and claims of presence are there. Without it the version is 8.7.
func WithServerVersion(v string) Option {
	return func(s *Server) { s.version = parseVersion(v) }
}

// WithTokenSecret sets the server's CREATE_TOKENS_FOR_USERS_SECRET, which [Server.Credentials] holds too. Empty switches users.createToken off,
// in servers before 8.0 as well. Without it there is one.
func WithTokenSecret(secret string) Option {
	return func(s *Server) { s.tokenSecret = secret }
}

// WithRateLimit allows each route so many calls in that time, counted as the server counts: from the first call on, then anew. A fresh workspace
// has 10 a minute. With it users.setStatus has 5 a minute, whatever is given here, every answer of a limited route has the X-RateLimit headers,
// and one call too many is 429 without Retry-After. Without it there is no limit.
func WithRateLimit(calls int, per time.Duration) Option {
	return func(s *Server) { s.limit = rateLimit{calls, per} }
}

// WithTwoFactor makes the caller's account one with a second factor and its credentials a plain login: users.update, and from 8.7 on
// users.create and users.createToken, are then refused with totp-required unless the code [TwoFactorCode] comes along. A token of
// [Server.PersonalAccessToken] that bypasses is not asked.
func WithTwoFactor() Option {
	return func(s *Server) { s.twoFactor = true }
}

// TwoFactorCode is what a fake with [WithTwoFactor] takes as X-2fa-Code.
const TwoFactorCode = "123456"

// WithoutPermissions takes permissions from the caller, such as "create-user" or "view-full-other-user-info".
func WithoutPermissions(permissions ...string) Option {
	return func(s *Server) {
		for _, permission := range permissions {
			s.denied[permission] = true
		}
	}
}

// WithCustomFields makes these the custom fields that the workspace defines; the server leaves out all others without a word. Without this
// option the fake stores every one.
func WithCustomFields(names ...string) Option {
	return func(s *Server) {
		s.customFields = map[string]bool{}
		for _, name := range names {
			s.customFields[name] = true
		}
	}
}

// WithMergedCustomFields makes an update of custom fields leave those that it does not name as they are, as the newest source of the server does.
// Without it they are replaced.
func WithMergedCustomFields() Option {
	return func(s *Server) { s.mergesFields = true }
}

// WithClock gives the fake its time: everything that it stamps and counts goes by now. Without it that is time.Now, which a testing/synctest
// bubble governs. Delays of faults, heartbeats and the end of a status always pass in real time or the bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithBasePath puts the workspace under a path, such as "/chat", as an operator's proxy would.
func WithBasePath(path string) Option {
	return func(s *Server) { s.basePath = fakehttp.CleanBasePath(path) }
}

// version is a server's.
type version struct{ major, minor int }

// parseVersion reads "8.7.1", "8.7" or "7.x", which is the last 7.
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
