package rocketchattest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// AddUser stores a user without a request and returns its id. A user with the
// same ID is replaced in place, as if changed behind the client's back. Missing
// values are made up: a generated ID, a username and a name, the role user, the
// current time as CreatedAt. A Presence other than offline connects the user.
// Fields of Raw override everything else; fields that no server knows are
// included in every response about the user. A user that the server could not
// store (a username or address that is taken, a Raw that is not a JSON object)
// fails the test and is not stored.
func (s *Server) AddUser(u messembed.User) (id string) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	added, err := s.newUser(u)
	if !s.http.Must(s.tb, "AddUser", err) {
		return ""
	}
	there := s.find(added.id())
	if there == nil {
		s.users = append(s.users, added)
	} else {
		there.stopExpiry()
		s.index.remove(there)
		*there = *added // its tokens and connections are kept
		added = there
	}
	s.index.add(added)
	return added.id()
}

func (s *Server) newUser(u messembed.User) (*user, error) {
	var raw document
	if len(u.Raw) > 0 && json.Unmarshal(u.Raw, &raw) != nil {
		return nil, errors.New("its Raw is not a JSON object")
	}
	added := &user{doc: s.documentOf(u)}
	maps.Copy(added.doc, raw)
	if p := u.Presence; p != nil && p.Status != messembed.PresenceOffline {
		added.connected = true
		added.doc["statusDefault"], added.doc["statusConnection"] = string(p.Status), "online"
	}
	if added.id() == s.caller.id() {
		return nil, errors.New("the id belongs to the account of the credentials")
	}
	if other := s.named(added.text("username")); other != nil && other.id() != added.id() {
		return nil, fmt.Errorf("username %q is already taken", added.text("username"))
	}
	for _, email := range added.emails() {
		if other := s.mailed(email); other != nil && other.id() != added.id() {
			return nil, fmt.Errorf("address %q is already taken", email)
		}
	}
	return added, nil
}

func (s *Server) documentOf(u messembed.User) document {
	orElse := func(given, otherwise string) string {
		if given == "" {
			return otherwise
		}
		return given
	}
	id := orElse(u.ID, s.ids.id())
	created, updated := s.now(), s.now()
	if !u.CreatedAt.IsZero() {
		created = u.CreatedAt
	}
	if !u.UpdatedAt.IsZero() {
		updated = u.UpdatedAt
	}
	username := orElse(u.Profile.Username, "user-"+id)
	kind := "user"
	switch u.Profile.Type {
	case messembed.UserBot:
		kind = "bot"
	case messembed.UserApp:
		kind = "app"
	}
	doc := document{
		"_id": id, "createdAt": isoTime(created), "_updatedAt": isoTime(updated), "type": kind, "active": u.BlockStatus == "",
		"username": username, "name": orElse(u.Profile.DisplayName, username), "status": offline, "settings": map[string]any{},
	}
	roles := []any{}
	for _, role := range u.Profile.Roles {
		roles = append(roles, role)
	}
	if len(roles) == 0 {
		roles = append(roles, "user")
	}
	if u.Profile.Guest && !slices.Contains(u.Profile.Roles, "guest") {
		roles = append(roles, "guest")
	}
	doc["roles"] = roles
	if len(u.Profile.Emails) > 0 {
		emails := []any{}
		for _, email := range u.Profile.Emails {
			emails = append(emails, map[string]any{"address": email.Address, "verified": email.Verified})
		}
		doc["emails"] = emails
	}
	if u.Profile.Phone != "" {
		doc["phones"] = []any{map[string]any{"number": u.Profile.Phone, "primary": true}}
	}
	if u.Profile.Locale != "" {
		doc["language"] = u.Profile.Locale
	}
	if u.Profile.AvatarURL != "" {
		doc["avatarOrigin"], doc["avatarETag"] = "url", s.ids.id()
	}
	if u.ExternalMetadata != nil {
		doc["customFields"] = map[string]any(u.ExternalMetadata)
	}
	if u.Presence != nil {
		doc["status"], doc["statusText"] = string(u.Presence.Status), u.Presence.Text
	}
	return doc
}

// User returns a stored user, and false if there is none.
func (s *Server) User(id string) (messembed.User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(id)
	if u == nil || u == s.caller {
		return messembed.User{}, false
	}
	return u.exported(), true
}

// Users returns all users in order of creation, except the account of the client's credentials.
func (s *Server) Users() []messembed.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]messembed.User, len(s.users))
	for i, u := range s.users {
		all[i] = u.exported()
	}
	return all
}

// exported converts the user to the client's type, with everything that is stored as Raw.
func (u *user) exported() messembed.User {
	raw, _ := json.Marshal(u.doc)
	out := messembed.User{ID: u.id(), CreatedAt: u.time("createdAt"), UpdatedAt: u.time("_updatedAt"), Raw: raw}
	var fields struct {
		CustomFields messembed.Metadata
		Emails       []messembed.Email
	}
	_ = json.Unmarshal(raw, &fields) // values of another type are left out
	out.ExternalMetadata = fields.CustomFields
	if !u.active() {
		out.BlockStatus = messembed.BlockDeactivated
	}
	out.Profile = messembed.Profile{
		Username: u.text("username"), DisplayName: u.text("name"), Emails: fields.Emails, Roles: u.roles(), Locale: u.text("language"),
		Guest: slices.Contains(u.roles(), "guest"), Type: messembed.UserPerson,
	}
	switch {
	case u.text("type") == "app":
		out.Profile.Type = messembed.UserApp
	case u.isService():
		out.Profile.Type = messembed.UserBot
	}
	status := messembed.PresenceStatus(u.status())
	if status == "disabled" {
		status = messembed.PresenceOffline
	}
	out.Presence = &messembed.Presence{
		UserID: u.id(), Status: status, Online: status != messembed.PresenceOffline, Text: u.text("statusText"), Raw: u.status(),
	}
	return out
}

func (u *user) time(name string) time.Time {
	at, _ := time.Parse(time.RFC3339, u.text(name))
	return at
}

// SetConnected opens or closes the user's connection. A person without a
// connection is offline whatever it has chosen; with one it has the chosen
// status, or online if it has chosen none.
func (s *Server) SetConnected(userID string, connected bool) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(userID)
	if u == nil {
		s.tb.Errorf("rocketchattest: SetConnected: no user %q", userID)
		return
	}
	if u.connected != connected {
		u.connected = connected
		s.connectionChanged(u)
	}
}

// SetLastOwner makes the user the last owner of rooms. Deleting or deactivating
// it is then refused unless the caller confirms.
func (s *Server) SetLastOwner(userID string, rooms ...string) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(userID)
	if u == nil {
		s.tb.Errorf("rocketchattest: SetLastOwner: no user %q", userID)
		return
	}
	u.lastOwnerOf = slices.Clone(rooms)
}

// DisablePresenceBroadcast simulates what a workspace without a licence does
// above 200 connections: the streams fall silent and users.presence returns an
// empty list, while each user's status is still kept.
func (s *Server) DisablePresenceBroadcast(disabled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broadcastOff = disabled
}
