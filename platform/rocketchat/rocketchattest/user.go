package rocketchattest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// user is an account of the workspace.
type user struct {
	doc         document
	connected   bool
	lastOwnerOf []string
	expiry      *time.Timer // ends the status when it expires
}

func (u *user) id() string { return u.text("_id") }

func (u *user) text(name string) string {
	value, _ := u.doc[name].(string)
	return value
}

func (u *user) active() bool {
	active, isFlag := u.doc["active"].(bool)
	return !isFlag || active
}

func (u *user) roles() []string {
	return textsOf(u.doc["roles"])
}

func textsOf(value any) []string {
	var all []string
	switch list := value.(type) {
	case []string:
		all = list
	case []any:
		for _, element := range list {
			if one, isText := element.(string); isText {
				all = append(all, one)
			}
		}
	}
	return all
}

// hasEmail reports whether the address is one of the user's.
func (u *user) hasEmail(address string) bool {
	for _, email := range u.emails() {
		if strings.EqualFold(email, address) {
			return true
		}
	}
	return false
}

func (u *user) emails() []string {
	var all []string
	list, _ := u.doc["emails"].([]any)
	for _, element := range list {
		if email, isObject := element.(map[string]any); isObject {
			address, _ := email["address"].(string)
			all = append(all, address)
		}
	}
	return all
}

func (u *user) stopExpiry() {
	if u.expiry != nil {
		u.expiry.Stop()
		u.expiry = nil
	}
}

// index finds users, the caller included, by their unique fields.
type index struct {
	ids, usernames, emails map[string]*user // usernames and emails in lower case
	order                  []*user          // order of the list, by username; nil if it must be sorted again
}

func newIndex() index {
	return index{ids: map[string]*user{}, usernames: map[string]*user{}, emails: map[string]*user{}}
}

func (x *index) add(u *user) {
	x.order = nil
	x.ids[u.id()] = u
	if username := u.text("username"); username != "" {
		x.usernames[strings.ToLower(username)] = u
	}
	for _, email := range u.emails() {
		x.emails[strings.ToLower(email)] = u
	}
}

func (x *index) remove(u *user) {
	x.order = nil
	forget := func(by map[string]*user, key string) {
		if by[key] == u {
			delete(by, key)
		}
	}
	forget(x.ids, u.id())
	forget(x.usernames, strings.ToLower(u.text("username")))
	for _, email := range u.emails() {
		forget(x.emails, strings.ToLower(email))
	}
}

// find returns the user with the id, the caller included.
func (s *Server) find(id string) *user { return s.index.ids[id] }

// named returns the user with the username, regardless of case.
func (s *Server) named(username string) *user { return s.index.usernames[strings.ToLower(username)] }

// mailed returns the user with the e-mail address, regardless of case.
func (s *Server) mailed(address string) *user { return s.index.emails[strings.ToLower(address)] }

// imported returns the user with the import id.
func (s *Server) imported(id string) *user {
	return s.first(func(u *user) bool { return slices.Contains(textsOf(u.doc["importIds"]), id) })
}

func (s *Server) first(fits func(*user) bool) *user {
	if i := slices.IndexFunc(s.users, fits); i >= 0 {
		return s.users[i]
	}
	return nil
}

func (s *Server) newCaller() *user {
	now := s.timestamp()
	u := &user{doc: document{
		"_id": s.ids.id(), "username": "rocketchattest.admin", "name": "The fake's administrator", "type": "user", "active": true, "status": "offline",
		"emails":    []any{map[string]any{"address": "admin@rocketchat.test", "verified": true}},
		"roles":     []any{"admin", "user"},
		"createdAt": now, "_updatedAt": now,
	}}
	s.tokens[callerToken] = &token{owner: u, bypasses: !s.twoFactor}
	s.index.add(u)
	return u
}

// idSource generates ids as Meteor does, always the same sequence.
type idSource struct{ random *rand.Rand }

func newIDSource() idSource { return idSource{rand.New(rand.NewPCG(17, 17))} }

const (
	unmistakable = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"
	urlSafe      = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

func (s idSource) id() string { return s.of(unmistakable, 17) }

func (s idSource) token() string { return s.of(urlSafe, 43) }

func (s idSource) of(alphabet string, length int) string {
	made := make([]byte, length)
	for i := range made {
		made[i] = alphabet[s.random.IntN(len(alphabet))]
	}
	return string(made)
}

// The fields of a user that responses show. Fields of IUser that a projection
// does not name are omitted; fields that no version of the server knows, which
// only AddUser can store, are in all of them.
var (
	listFields = []string{"_id", "name", "username", "emails", "roles", "status", "active", "avatarETag", "lastLogin", "type"}

	publicFields = []string{
		"_id", "name", "username", "nickname", "status", "utcOffset", "type", "active", "bio", "reason", "statusText", "statusSource",
		"statusExpiresAt", "avatarETag", "federated",
	}
	fullFields = []string{
		"emails", "phone", "phones", "statusConnection", "createdAt", "lastLogin", "requirePasswordChange", "requirePasswordChangeReason", "roles",
		"importIds", "customFields",
	}
	presenceFields = []string{"_id", "username", "name", "status", "utcOffset", "statusText", "statusSource", "statusExpiresAt", "avatarETag"}

	// ownFields are those that the caller sees of itself.
	ownFields = []string{
		"_id", "_updatedAt", "ldap", "createdAt", "roles", "active", "username", "nickname", "name", "emails", "status", "statusConnection",
		"lastLogin", "bio", "avatarOrigin", "avatarETag", "utcOffset", "language", "statusDefault", "statusText", "statusSource", "statusExpiresAt",
		"oauth", "customFields", "defaultRoom", "banners", "requirePasswordChange", "requirePasswordChangeReason", "abacAttributes",
	}

	// hiddenFields are in no response about another user.
	hiddenFields = []string{"e2e", "importIds", "inviteToken", "services"}

	knownFields = append(slices.Concat(listFields, publicFields, fullFields, presenceFields, hiddenFields),
		"_updatedAt", "avatarOrigin", "avatarUrl", "language", "statusDefault", "oauth", "settings", "defaultRoom", "ldap", "extension",
		"canViewAllInfo", "federation", "banners", "statusId", "previousState", "inactiveReason", "freeSwitchExtension", "abacAttributes",
		"roomRolePriorities", "providerId", "__rooms")
)

// project returns a copy with these fields.
func (u *user) project(fields ...string) document {
	shown := document{}
	for name, value := range u.doc {
		if slices.Contains(fields, name) || !slices.Contains(knownFields, name) {
			shown[name] = value
		}
	}
	return shown
}

// stored returns the whole user as users.create and users.update return it.
func (s *Server) stored(c *call, u *user) document {
	shown := maps.Clone(u.doc)
	for _, name := range hiddenFields {
		delete(shown, name)
	}
	if !s.may(c, "view-full-other-user-info") {
		for _, name := range []string{
			"avatarOrigin", "emails", "phone", "statusConnection", "createdAt", "lastLogin", "requirePasswordChange", "roles", "statusDefault",
			"_updatedAt", "settings",
		} {
			delete(shown, name)
		}
	}
	return shown
}
