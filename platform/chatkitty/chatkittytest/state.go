package chatkittytest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// AddUser stores a user without a request and returns its id: that of u, or a
// new one if it has none. A user with the same id is replaced in place, as if
// changed behind the client's back. AddUser stores the profile's name (made up
// if missing), display name, picture, type and guest, the metadata as
// properties, the presence, and fields of Raw that the fake does not know, and
// ignores what the service cannot store. A name that is taken, an id that is
// not an integer, or a Raw that is not a JSON object fails the test, and
// nothing is stored.
func (s *Server) AddUser(u messembed.User) (id string) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, err := s.newUser(u)
	if !s.http.Must(s.tb, "AddUser", err) {
		return ""
	}
	if there := s.byID[stored.id]; there != nil {
		s.setOnline(there, false)
		delete(s.byName, there.name)
		*there = *stored
		stored = there
	}
	s.insert(stored)
	if p := u.Presence; p != nil {
		stored.callStatus = p.CallStatus
		s.setOnline(stored, p.Online || p.Status != "" && p.Status != messembed.PresenceOffline)
		switch {
		case p.Raw != "":
			stored.status = p.Raw
		case p.Status == messembed.PresenceAway || p.Status == messembed.PresenceBusy:
			stored.status = unavailable
		}
	}
	return strconv.FormatInt(stored.id, 10)
}

func (s *Server) newUser(u messembed.User) (*user, error) {
	stored := &user{
		id: s.lastID + 1, kind: "PERSON", guest: u.Profile.Guest, status: unavailable,
		pictureURL: u.Profile.AvatarURL,
	}
	if u.ID != "" {
		id, err := strconv.ParseInt(u.ID, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("id %q is not a 64-bit integer", u.ID)
		}
		stored.id = id
	}
	if u.Profile.Type != "" {
		stored.kind = strings.ToUpper(string(u.Profile.Type))
	}
	if stored.name = u.Profile.Username; stored.name == "" {
		stored.name = "user-" + strconv.FormatInt(stored.id, 10)
	}
	if other := s.byName[stored.name]; other != nil && other.id != stored.id {
		return nil, fmt.Errorf("name %q is already taken", stored.name)
	}
	if stored.displayName = u.Profile.DisplayName; stored.displayName == "" {
		stored.displayName = stored.name
	}
	data, err := json.Marshal(u.ExternalMetadata)
	if err != nil {
		return nil, errors.New("the metadata cannot be marshalled")
	}
	if stored.properties, err = readObject(data); err != nil {
		return nil, errors.New("the metadata is not an object")
	}
	if len(u.Raw) > 0 {
		var extra map[string]json.RawMessage
		if err := json.Unmarshal(u.Raw, &extra); err != nil {
			return nil, errors.New("its Raw is not a JSON object")
		}
		for name := range s.render(s.guesses.dialect, stored) {
			delete(extra, name)
		}
		delete(extra, "isGuest")
		delete(extra, s.guesses.dialect.key("callStatus"))
		stored.extra = extra
	}
	return stored, nil
}

// insert stores a complete user, in place if it exists.
func (s *Server) insert(u *user) {
	if u.pictureURL == "" {
		u.pictureURL = "https://api.chatkitty.com/v1/picture/" + url.QueryEscape(u.displayName)
	}
	s.lastID = max(s.lastID, u.id)
	if s.byID[u.id] != u {
		s.users = append(s.users, u)
	}
	s.byID[u.id], s.byName[u.name] = u, u
}

// User returns a stored user, and false if there is none.
func (s *Server) User(id string) (messembed.User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := strconv.ParseInt(id, 10, 64)
	if u := s.byID[n]; err == nil && u != nil {
		return s.export(u), true
	}
	return messembed.User{}, false
}

// Users returns all users in order of creation.
func (s *Server) Users() []messembed.User {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]messembed.User, len(s.users))
	for i, u := range s.users {
		out[i] = s.export(u)
	}
	return out
}

// export converts a stored user to the SDK's type, independently of the adapter.
func (s *Server) export(u *user) messembed.User {
	out := messembed.User{
		ID: strconv.FormatInt(u.id, 10),
		Profile: messembed.Profile{
			Username: u.name, DisplayName: u.displayName, AvatarURL: u.pictureURL,
			Type: messembed.UserType(strings.ToLower(u.kind)), Guest: u.guest,
		},
	}
	online := u.session != nil
	out.Presence = &messembed.Presence{
		UserID: out.ID, Status: messembed.PresenceOffline, Online: online, CallStatus: u.callStatus, Raw: u.status,
	}
	switch {
	case online && u.status == available:
		out.Presence.Status = messembed.PresenceOnline
	case online:
		out.Presence.Status = messembed.PresenceAway
	}
	if data, err := json.Marshal(u.properties); err == nil {
		_ = json.Unmarshal(data, &out.ExternalMetadata)
	}
	out.Raw, _ = json.Marshal(s.render(s.guesses.dialect, u))
	return out
}
