package chatkittytest

import (
	"encoding/json"
	"slices"
	"strconv"
)

// find returns the user that the path names.
func (s *Server) find(c *call) (*user, reply) {
	id, err := strconv.ParseInt(c.id, 10, 64)
	if err != nil {
		return nil, clientError()
	}
	if u := s.byID[id]; u != nil {
		return u, reply{}
	}
	return nil, notFound()
}

// userBody is the body of a create or an update, in both spellings.
type userBody struct {
	Name             *string         `json:"name"`
	DisplayName      *string         `json:"displayName"`
	DisplayNameSnake *string         `json:"display_name"`
	IsGuest          *bool           `json:"isGuest"`
	IsGuestSnake     *bool           `json:"is_guest"`
	Properties       json.RawMessage `json:"properties"`
	Presence         *struct {
		Status *string `json:"status"`
	} `json:"presence"`
}

func readUserBody(data []byte) (b userBody, properties map[string]any, good bool) {
	if err := json.Unmarshal(data, &b); err != nil {
		return b, nil, false
	}
	if b.DisplayName == nil {
		b.DisplayName = b.DisplayNameSnake
	}
	if b.IsGuest == nil {
		b.IsGuest = b.IsGuestSnake
	}
	if len(b.Properties) > 0 && string(b.Properties) != "null" {
		var err error
		if properties, err = readObject(b.Properties); err != nil {
			return b, nil, false
		}
	}
	return b, properties, true
}

func (s *Server) createUser(c *call) reply {
	if !c.hasType("application/json", ownType) {
		return unsupportedMediaType()
	}
	b, properties, good := readUserBody(c.body)
	if !good || b.Name == nil || *b.Name == "" || b.DisplayName == nil || *b.DisplayName == "" || b.IsGuest == nil {
		return clientError()
	}
	if s.byName[*b.Name] != nil {
		return clientErrorWith(s.guesses.duplicateStatus)
	}
	if properties == nil {
		properties = map[string]any{}
	}
	u := &user{
		id: s.lastID + 1, kind: "PERSON", name: *b.Name, displayName: *b.DisplayName, guest: *b.IsGuest, status: unavailable,
		properties: properties,
	}
	s.insert(u)
	return success(s.render(c.dialect, u))
}

func (s *Server) getUser(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	return success(s.render(c.dialect, u))
}

func (s *Server) userExists(c *call) reply {
	switch {
	case !c.query.Has("name"):
		return clientError()
	case s.byName[c.query.Get("name")] == nil:
		return notFound()
	}
	return success(object{})
}

// updateUser merges. It ignores a name in the body, since the name cannot change.
func (s *Server) updateUser(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	types := []string{"application/json+merge-patch"}
	if s.guesses.anyPatchType {
		types = append(types, "application/json", "application/merge-patch+json")
	}
	if !c.hasType(types...) {
		return unsupportedMediaType()
	}
	b, properties, good := readUserBody(c.body)
	if !good || b.DisplayName != nil && *b.DisplayName == "" {
		return clientError()
	}
	if b.DisplayName != nil {
		u.displayName = *b.DisplayName
	}
	if b.IsGuest != nil {
		u.guest = *b.IsGuest
	}
	if b.Presence != nil && b.Presence.Status != nil {
		u.status = *b.Presence.Status
	}
	if properties != nil {
		u.properties = s.guesses.merge.apply(u.properties, properties)
	}
	return success(s.render(c.dialect, u))
}

// apply returns the result of applying patch to stored, without changing either.
func (m Merge) apply(stored, patch map[string]any) map[string]any {
	if m == Replace {
		return patch
	}
	out := make(map[string]any, len(stored)+len(patch))
	for key, value := range stored {
		out[key] = value
	}
	for key, value := range patch {
		below, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(out, key)
		case isObject && m == MergeDeep:
			before, _ := out[key].(map[string]any)
			out[key] = m.apply(before, below)
		default:
			out[key] = value
		}
	}
	return out
}

// deleteUser responds with the application.
func (s *Server) deleteUser(c *call) reply {
	u, missing := s.find(c)
	if u == nil {
		return missing
	}
	s.setOnline(u, false)
	delete(s.byID, u.id)
	delete(s.byName, u.name)
	s.users = slices.DeleteFunc(s.users, func(other *user) bool { return other == u })
	return success(s.application(c.dialect))
}
