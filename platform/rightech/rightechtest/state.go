package rightechtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	messembed "github.com/messembed/messembed-go"
)

// The ids of the API token's user and group.
const (
	ownerID = "682dd754b0738b9392dffd7e"
	groupID = "62667930daacc00012016e92"
)

// defaultRole is the role of a user that AddUser is given without one.
const defaultRole = "5c5061c11af9ac1100e8d55f"

// AddUser stores a user without a request and returns its id: that of u, or a
// new one if it has none. A user with the same id is replaced in place, as if
// changed behind the client's back. AddUser stores the profile's login, name,
// first address, first role, phone and locale (the first four made up if
// missing), the block status, the times, and fields of Raw that the fake does
// not know, and ignores what the service cannot store. A login or address that
// is taken, or a Raw that is not a JSON object, fails the test, and nothing is
// stored.
func (s *Server) AddUser(u messembed.User) (id string) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, err := s.newUser(u)
	if !s.http.Must(s.tb, "AddUser", err) {
		return ""
	}
	if there := s.byID[stored.id]; there != nil {
		delete(s.byLogin, there.login)
		delete(s.byEmail, there.email)
		*there = *stored
		stored = there
	}
	s.insert(stored)
	return stored.id
}

func (s *Server) newUser(u messembed.User) (*user, error) {
	p := u.Profile
	stored := &user{
		id: u.ID, login: p.Username, name: p.DisplayName, role: defaultRole, group: groupID, messages: true,
		created: u.CreatedAt, changed: u.UpdatedAt,
	}
	if stored.id == "" {
		stored.id = s.nextID()
	}
	if stored.login == "" {
		stored.login = "user-" + stored.id[len(stored.id)-8:]
	}
	if stored.name == "" {
		stored.name = stored.login
	}
	stored.email = stored.login + "@example.test"
	if len(p.Emails) > 0 {
		stored.email = p.Emails[0].Address
	}
	if len(p.Roles) > 0 {
		stored.role = p.Roles[0]
	}
	if p.Phone != "" {
		stored.phone = &p.Phone
	}
	if p.Locale != "" {
		stored.locale = &p.Locale
	}
	if u.BlockStatus != "" {
		disabled := true
		stored.disabled = &disabled
	}
	if stored.created.IsZero() {
		stored.created = s.clock()
	}
	if other := s.byLogin[stored.login]; other != nil && other.id != stored.id {
		return nil, fmt.Errorf("login %q is already taken", stored.login)
	}
	if other := s.byEmail[stored.email]; other != nil && other.id != stored.id {
		return nil, fmt.Errorf("address %q is already taken", stored.email)
	}
	if len(u.Raw) > 0 {
		var extra map[string]json.RawMessage
		if err := json.Unmarshal(u.Raw, &extra); err != nil {
			return nil, errors.New("its Raw is not a JSON object")
		}
		for _, name := range knownFields {
			delete(extra, name)
		}
		stored.extra = extra
	}
	return stored, nil
}

var knownFields = []string{
	"_id", "login", "name", "email", "role", "group", "phone", "locale", "disabled", "webDisabled", "temp", "messages", "time", "_at",
	"rights", "access", "owner", "success",
}

// nextID counts up after a fixed prefix, since the service's ids begin with a time.
func (s *Server) nextID() string {
	for {
		s.lastID++
		if id := fmt.Sprintf("6a2c8659%016x", s.lastID); s.byID[id] == nil {
			return id
		}
	}
}

// insert stores a complete user, in place if it exists.
func (s *Server) insert(u *user) {
	if s.byID[u.id] != u {
		s.users = append(s.users, u)
	}
	s.byID[u.id], s.byLogin[u.login], s.byEmail[u.email] = u, u, u
}

func (s *Server) remove(u *user) {
	s.users = slices.DeleteFunc(s.users, func(other *user) bool { return other == u })
	delete(s.byID, u.id)
	delete(s.byLogin, u.login)
	delete(s.byEmail, u.email)
}

// SetGroup moves a user to another group, whose users are not in the API
// token's lists. An unknown user fails the test.
func (s *Server) SetGroup(id, group string) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.byID[id]
	if u == nil {
		s.tb.Errorf("rightechtest: SetGroup: no user %q", id)
		return
	}
	u.group = group
}

// User returns a stored user, and false if there is none.
func (s *Server) User(id string) (messembed.User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.byID[id]; u != nil {
		return export(u), true
	}
	return messembed.User{}, false
}

// Users returns all users in order of creation, including those of other groups.
func (s *Server) Users() []messembed.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]messembed.User, len(s.users))
	for i, u := range s.users {
		out[i] = export(u)
	}
	return out
}

// export converts a stored user to the SDK's type, independently of the adapter.
func export(u *user) messembed.User {
	out := messembed.User{
		ID: u.id, CreatedAt: u.created, UpdatedAt: u.changed,
		Profile: messembed.Profile{
			Username: u.login, DisplayName: u.name, Emails: []messembed.Email{{Address: u.email}}, Roles: []string{u.role},
		},
	}
	if u.phone != nil {
		out.Profile.Phone = *u.phone
	}
	if u.locale != nil {
		out.Profile.Locale = *u.locale
	}
	if u.disabled != nil && *u.disabled {
		out.BlockStatus = messembed.BlockDeactivated
	}
	out.Raw, _ = json.Marshal(render(u, true))
	return out
}
