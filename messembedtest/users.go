package messembedtest

import (
	"net/http"
	"strconv"
	"unicode/utf16"
)

func userRoutes() []*route {
	return []*route{
		{Route: at("Ping", "GET", "/ping"), serve: (*Server).ping},
		{Route: at("CreateUser", "POST", "/admin-api/users"), also: []string{"EnsureUser", "ImportUsers"}, guard: admins, serve: (*Server).createUser},
		{
			Route: at("UpdateUser", "PATCH", "/admin-api/users/:userId"), also: []string{"ModifyUser", "BlockUser", "UnblockUser"},
			guard: admins, serve: (*Server).updateUser,
		},
		{Route: at("ListUsers", "GET", "/admin-api/users"), also: []string{"Users"}, guard: admins, serve: (*Server).listUsers},
		{Route: at("CreateAccessToken", "POST", "/admin-api/users/:userId/access-tokens"), guard: admins, serve: (*Server).createAccessToken},
		{Route: at("GetUser", "GET", "/users/:userId"), serve: (*Server).getUser},
		{Route: at("GetOwnUser", "GET", "/user"), guard: users, serve: (*Server).getOwnUser},

		// No released server has this route: without WithDeleteRoute it is only a name.
		{Route: at("DeleteUser", "DELETE", "/admin-api/users/:userId"), guard: admins, serve: (*Server).deleteUser},
	}
}

func (s *Server) ping(*call) (value, *failure) { return text("pong"), nil }

// createUser stores its input unchecked, as the real server does. Input that cannot be stored is an
// internal error.
func (s *Server) createUser(c *call) (value, *failure) {
	now := s.now()
	var blockedAt value
	status := c.field("blockStatus")
	if truthy(status) {
		blockedAt = now
	} else {
		status = nil
	}
	id, err1 := castString(c.field("id"))
	blockStatus, err2 := castString(status)
	if err1 != nil || err2 != nil || id == (undefined{}) {
		return nil, internalError()
	}
	user := newObject(
		"_id", id,
		"createdAt", now,
		"updatedAt", nil,
		"deletedAt", nil,
		"externalMetadata", visible(c.field("externalMetadata")),
		"privateExternalMetadata", visible(c.field("privateExternalMetadata")),
		"blockStatus", blockStatus,
		"blockStatusUpdatedAt", blockedAt,
		"__v", 0.0,
	)
	kept, err := storedDocument(user, forInsert)
	if err != nil {
		return nil, internalError()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.users.insert(kept) {
		return nil, codeFailure(http.StatusConflict, "USER_ID_IS_NOT_UNIQUE")
	}
	return user, nil
}

func (s *Server) getUser(c *call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user := s.presentUser(text(c.parameter)); user != nil {
		return user, nil
	}
	return nil, userNotFound()
}

// getOwnUser is a front end's request for the owner of its access token.
func (s *Server) getOwnUser(c *call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user := s.presentUser(c.user.get("_id")); user != nil {
		return user, nil
	}
	return nil, userNotFound()
}

// presentUser returns a user that is not marked as deleted.
func (s *Server) presentUser(id value) *object {
	if user := s.users.find(id); user != nil && isNil(user.get("deletedAt")) {
		return user
	}
	return nil
}

func userNotFound() *failure { return codeFailure(http.StatusNotFound, "USER_NOT_FOUND") }

func (s *Server) listUsers(*call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.users.documents), nil
}

// list returns the server's list of all documents that are not marked as deleted.
func list(documents []*object) *object {
	items := make([]value, 0, len(documents))
	for _, d := range documents {
		if isNil(d.get("deletedAt")) {
			items = append(items, d)
		}
	}
	return newObject("totalCount", float64(len(items)), "data", &array{items: items})
}

func (s *Server) updateUser(c *call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.presentUser(text(c.parameter))
	if before == nil {
		return nil, userNotFound()
	}
	user := before
	for _, key := range []string{"externalMetadata", "privateExternalMetadata"} {
		if v := c.field(key); !isNil(v) {
			user = user.with(key, visible(v))
		}
	}
	user, err := s.changeBlock(user, c.field("blockStatus"), c.field("removeBlockStatus"))
	if err != nil {
		return nil, internalError()
	}
	user = withVersion(before, user)
	kept, err := storedChange(before, user)
	if err != nil {
		return nil, internalError()
	}
	s.users.replace(kept)
	if err := s.updateUserInChats(user); err != nil {
		return nil, internalError()
	}
	return user, nil
}

// changeBlock sets or removes the block. Its time changes only if the status does.
func (s *Server) changeBlock(user *object, status, remove value) (*object, error) {
	switch {
	case truthy(remove):
		if !truthy(user.get("blockStatus")) {
			return user, nil
		}
		status = nil
	case isNil(status) || user.get("blockStatus") == status:
		return user, nil
	}
	plain, err := castString(status)
	if err != nil {
		return nil, err
	}
	return user.with("blockStatusUpdatedAt", s.now()).with("blockStatus", plain), nil
}

// withVersion increments the document's version if a change puts an array into it, as mongoose
// does.
func withVersion(before, after *object) *object {
	for _, f := range after.fields {
		if _, isArray := f.value.(*array); isArray && !(before.has(f.key) && sameValue(before.get(f.key), f.value)) {
			version, _ := after.get("__v").(float64)
			return after.with("__v", version+1)
		}
	}
	return after
}

// storedChange returns what the database holds after setting the fields in which the two differ.
func storedChange(before, after *object) (*object, error) {
	kept := before
	for _, f := range after.fields {
		if before.has(f.key) && sameValue(before.get(f.key), f.value) {
			continue
		}
		v, err := stored(f.value, forUpdate, 1)
		if err != nil {
			return nil, err
		}
		kept = kept.with(f.key, v)
	}
	return kept, nil
}

// sameValue compares values as mongoose does before it saves. It ignores the order of keys and the
// kind of container: a number and an empty object are the same, since neither has keys.
func sameValue(a, b value) bool {
	switch {
	case !isContainer(a) && !isContainer(b):
		return a == b
	case isNil(a) || isNil(b):
		return false
	}
	x, y := asObject(a), asObject(b)
	if len(x.fields) != len(y.fields) {
		return false
	}
	for _, f := range x.fields {
		if !y.has(f.key) || !sameValue(f.value, y.get(f.key)) {
			return false
		}
	}
	return true
}

// asObject returns an object with the keys that JavaScript gives the value.
func asObject(v value) *object {
	o := &object{}
	switch v := v.(type) {
	case *object:
		return v
	case *array:
		for i, item := range v.items {
			o.set(strconv.Itoa(i), item)
		}
	case text:
		for i, unit := range utf16.Encode([]rune(string(v))) {
			o.set(strconv.Itoa(i), text(appendUnit(nil, rune(unit))))
		}
	}
	return o
}

// castString converts a value to a string where the schema requires one, as mongoose does. An
// object with a string "_id" becomes that string.
func castString(v value) (value, error) {
	switch v := v.(type) {
	case nil, undefined, text:
		return v, nil
	case bool:
		return text(appendJSON(nil, v)), nil
	case float64:
		return text(numberText(v)), nil
	case *object:
		if id, ok := v.get("_id").(text); ok && id != "" {
			return id, nil
		}
	}
	return nil, errNotStorable
}

func (s *Server) deleteUser(c *call) (value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.presentUser(text(c.parameter))
	if user == nil {
		return nil, userNotFound()
	}
	s.users.remove(user.get("_id"))
	return user, nil
}

// createAccessToken mints a token. For a user who does not exist, the server fails.
func (s *Server) createAccessToken(c *call) (value, *failure) {
	s.mu.Lock()
	user := s.users.find(text(c.parameter))
	s.mu.Unlock()
	if user == nil {
		return nil, internalError()
	}
	token := s.signToken(user.get("_id"))
	s.noteToken(c.parameter, token)
	return newObject("accessToken", text(token)), nil
}

// tokenUser returns the user named by an access token.
func (s *Server) tokenUser(subject value) *object {
	id, err := castString(subject)
	if err != nil {
		return nil
	}
	if (id == undefined{}) {
		id = nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users.find(id)
}
