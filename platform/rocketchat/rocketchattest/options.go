package rocketchattest

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/platform/internal/fake"
)

// An Option configures the fake that [New] returns.
type Option func(*Server)

// WithServerVersion makes the fake behave as a server of that version, such as
// "7.x" or "8.7". The version determines the parameters of users.createToken,
// which calls require a second factor, and how custom fields are updated, and
// whether presence claims exist. The default is 8.7.
func WithServerVersion(v string) Option {
	return func(s *Server) { s.version = parseVersion(v) }
}

// WithTokenSecret sets the server's CREATE_TOKENS_FOR_USERS_SECRET, which
// [Server.Credentials] includes. An empty secret disables users.createToken, on
// servers before 8.0 too. By default there is a secret.
func WithTokenSecret(secret string) Option {
	return func(s *Server) { s.tokenSecret = secret }
}

// WithRateLimit allows each route that many calls per period, which begins with
// the first call, as on the server. A fresh workspace has 10 a minute.
// users.setStatus then always has 5 a minute, every response of a limited route
// has the X-RateLimit headers, and a call above the limit is 429 without
// Retry-After. By default there is no limit.
func WithRateLimit(calls int, per time.Duration) Option {
	return func(s *Server) { s.limit = fake.RateLimit{Calls: calls, Per: per} }
}

// WithTwoFactor enables a second factor on the caller's account and makes its
// credentials a plain login: users.update, and since 8.7 users.create and
// users.createToken, are then refused with totp-required unless they carry the
// code [TwoFactorCode]. A token from [Server.PersonalAccessToken] that bypasses
// two-factor authentication needs no code.
func WithTwoFactor() Option {
	return func(s *Server) { s.twoFactor = true }
}

// TwoFactorCode is the X-2fa-Code that a fake with [WithTwoFactor] accepts.
const TwoFactorCode = "123456"

// WithoutPermissions revokes permissions of the caller, such as "create-user"
// or "view-full-other-user-info".
func WithoutPermissions(permissions ...string) Option {
	return func(s *Server) {
		for _, permission := range permissions {
			s.denied[permission] = true
		}
	}
}

// WithCustomFields sets the custom fields that the workspace defines; the
// server silently drops all others. By default the fake stores every field.
func WithCustomFields(names ...string) Option {
	return func(s *Server) {
		if s.customFields == nil {
			s.customFields = map[string]*CustomField{}
		}
		for _, name := range names {
			s.customFields[name] = &CustomField{}
		}
	}
}

// WithMergedCustomFields makes an update keep the custom fields that it does
// not name, on every version. By default servers since 7.5.4 do.
func WithMergedCustomFields() Option {
	return func(s *Server) { s.mergesFields = func() bool { return true } }
}

// WithReplacedCustomFields makes an update replace all custom fields, on every
// version. By default servers before 7.5.4 do; some later ones are reported to
// do so too.
func WithReplacedCustomFields() Option {
	return func(s *Server) { s.mergesFields = func() bool { return false } }
}

// A CustomField is what the workspace requires of the value of a custom field.
type CustomField struct {
	Required             bool
	Options              []string // the only allowed values; a field with options is required even if Required is false
	MinLength, MaxLength int      // 0: any
}

// WithCustomField defines a custom field, beside those of [WithCustomFields],
// whose values are checked in creates and in updates that give custom fields.
func WithCustomField(name string, f CustomField) Option {
	return func(s *Server) {
		WithCustomFields()(s)
		s.customFields[name] = &f
	}
}

// WithUserLimit gives the workspace a licence for that many active users, the
// administrator included. Beyond it, creating and activating a person is
// error-license-user-limit-reached.
func WithUserLimit(users int) Option {
	return func(s *Server) { s.userLimit = users }
}

// WithPictureDelay sets how long after the response of users.setAvatar the
// picture is stored. The default is the server's half a second.
func WithPictureDelay(d time.Duration) Option {
	return func(s *Server) { s.pictureDelay = d }
}

// WithTeams sets the names of the workspace's teams, which no username can equal.
func WithTeams(names ...string) Option {
	return func(s *Server) { s.teams = names }
}

// WithBlockedUsernames sets the usernames that the workspace refuses.
func WithBlockedUsernames(names ...string) Option {
	return func(s *Server) { s.blocked = names }
}

// WithSilentUsernames makes an update with a taken username succeed and keep
// the old one, as very old servers are reported to do.
func WithSilentUsernames() Option {
	return func(s *Server) { s.silentUsernames = true }
}

// WithOldConflicts makes a create with a taken address "Email already exists.
// [403]", as very old servers are reported to do.
func WithOldConflicts() Option {
	return func(s *Server) { s.oldConflicts = true }
}

// A RateLimitReset is how the header X-RateLimit-Reset names the end of the period.
type RateLimitReset int

// The ways of naming it. The server's source has milliseconds; the others are
// reported of servers behind proxies and of old ones.
const (
	ResetMilliseconds RateLimitReset = iota
	ResetSeconds
	ResetPast // a time that has already passed
)

// WithRateLimitReset sets how the header X-RateLimit-Reset names the end of the period.
func WithRateLimitReset(r RateLimitReset) Option {
	return func(s *Server) { s.reset = r }
}

// WithClock sets the clock that the fake uses for timestamps and rate limits.
// The default is time.Now, which is fake in a testing/synctest bubble. Fault
// delays, heartbeats and the expiry of a status always use real time, or the
// bubble's.
func WithClock(now func() time.Time) Option {
	return func(s *Server) { s.clock = now }
}

// WithBasePath serves the workspace below a path, such as "/chat", as behind an
// operator's proxy.
func WithBasePath(path string) Option {
	return func(s *Server) { s.basePath = fakehttp.CleanBasePath(path) }
}

// version is a server version.
type version struct{ major, minor, patch int }

// parseVersion parses "8.7.1", "8.7", which is the last 8.7, or "7.x", which is the last 7.
func parseVersion(text string) version {
	v := version{minor: 99, patch: 99}
	parts := strings.SplitN(text, ".", 3)
	for i, part := range []*int{&v.major, &v.minor, &v.patch}[:len(parts)] {
		if n, err := strconv.Atoi(parts[i]); err == nil {
			*part = n
		}
	}
	return v
}

// from reports whether v is the version since or a later one.
func (v version) from(since version) bool {
	return cmp.Or(cmp.Compare(v.major, since.major), cmp.Compare(v.minor, since.minor), cmp.Compare(v.patch, since.patch)) >= 0
}

func (v version) atLeast(major, minor int) bool { return v.from(version{major, minor, 0}) }

func (v version) String() string {
	return strconv.Itoa(v.major) + "." + strconv.Itoa(v.minor)
}
