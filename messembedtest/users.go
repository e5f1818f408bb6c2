package messembedtest

import (
	"net/http"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

func userRoutes() []*route {
	return []*route{
		{Route: at("Ping", "GET", "/ping"), serve: (*Server).ping},
		{Route: at("CreateUser", "POST", "/admin-api/users"), also: []string{"EnsureUser", "ImportUsers", "SyncUsers"}, guard: admins, serve: (*Server).createUser},
		{
			Route: at("UpdateUser", "PATCH", "/admin-api/users/:userId"), also: []string{"ModifyUser", "BlockUser", "UnblockUser"},
			guard: admins, serve: (*Server).updateUser,
		},
		{Route: at("ListUsers", "GET", "/admin-api/users"), also: []string{"Users"}, guard: admins, serve: (*Server).listUsers},
		{Route: at("CreateAccessToken", "POST", "/admin-api/users/:userId/access-tokens"), guard: admins, serve: (*Server).createAccessToken},
		{Route: at("GetUser", "GET", "/users/:userId"), also: []string{"WatchUsers"}, serve: (*Server).getUser},
		{Route: at("GetOwnUser", "GET", "/user"), guard: users, serve: (*Server).getOwnUser},

		// No released server has this route: without WithDeleteRoute it is only a name.
		{Route: at("DeleteUser", "DELETE", "/admin-api/users/:userId"), guard: admins, serve: (*Server).deleteUser},
	}
}

func (s *Server) ping(*call) (js.Value, *failure) { return js.String("pong"), nil }

// createUser stores its input unchecked, as the real server does. Input that
// cannot be stored is an internal error.
func (s *Server) createUser(c *call) (js.Value, *failure) {
	now := s.now()
	var blockedAt js.Value
	status := c.field("blockStatus")
	if js.Truthy(status) {
		blockedAt = now
	} else {
		status = nil
	}
	id, err1 := castString(c.field("id"))
	blockStatus, err2 := castString(status)
	if err1 != nil || err2 != nil || id == (js.Undefined{}) {
		return nil, internalError()
	}
	user := js.NewObject(
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
	if !js.Truthy(id) {
		kept = kept.With("_id", s.newID()) // the driver makes one; the answer does not know of it
	}
	if !s.users.insert(kept) {
		return nil, codeFailure(http.StatusConflict, "USER_ID_IS_NOT_UNIQUE")
	}
	return user, nil
}

func (s *Server) getUser(c *call) (js.Value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user := s.presentUser(js.String(c.parameter)); user != nil {
		return user, nil
	}
	return nil, userNotFound()
}

// getOwnUser is a front end's request for the owner of its access token.
func (s *Server) getOwnUser(c *call) (js.Value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if user := s.presentUser(c.user.Get("_id")); user != nil {
		return user, nil
	}
	return nil, userNotFound()
}

// presentUser returns a user that is not marked as deleted.
func (s *Server) presentUser(id js.Value) *js.Object {
	if user := s.users.find(id); user != nil && js.IsNullish(user.Get("deletedAt")) {
		return user
	}
	return nil
}

func userNotFound() *failure { return codeFailure(http.StatusNotFound, "USER_NOT_FOUND") }

func (s *Server) listUsers(*call) (js.Value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return list(s.users.documents), nil
}

// list returns the server's list of all documents that are not marked as deleted.
func list(documents []*js.Object) *js.Object {
	items := make([]js.Value, 0, len(documents))
	for _, d := range documents {
		if js.IsNullish(d.Get("deletedAt")) {
			items = append(items, d)
		}
	}
	return js.NewObject("totalCount", float64(len(items)), "data", &js.Array{Items: items})
}

func (s *Server) updateUser(c *call) (js.Value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.presentUser(js.String(c.parameter))
	if before == nil {
		return nil, userNotFound()
	}
	user := before
	for _, key := range []string{"externalMetadata", "privateExternalMetadata"} {
		if v := c.field(key); !js.IsNullish(v) {
			user = user.With(key, visible(v))
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

// changeBlock sets or removes the block. Its time changes only if the status
// does.
func (s *Server) changeBlock(user *js.Object, status, remove js.Value) (*js.Object, error) {
	switch {
	case js.Truthy(remove):
		if !js.Truthy(user.Get("blockStatus")) {
			return user, nil
		}
		status = nil
	case js.IsNullish(status) || user.Get("blockStatus") == status:
		return user, nil
	}
	plain, err := castString(status)
	if err != nil {
		return nil, err
	}
	return user.With("blockStatusUpdatedAt", s.now()).With("blockStatus", plain), nil
}

func (s *Server) deleteUser(c *call) (js.Value, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := s.presentUser(js.String(c.parameter))
	if user == nil {
		return nil, userNotFound()
	}
	s.users.remove(user.Get("_id"))
	return user, nil
}

// createAccessToken mints a token. For a user who does not exist, the server
// fails.
func (s *Server) createAccessToken(c *call) (js.Value, *failure) {
	s.mu.Lock()
	user := s.users.find(js.String(c.parameter))
	s.mu.Unlock()
	if user == nil {
		return nil, internalError()
	}
	token := s.signToken(user.Get("_id"))
	s.noteToken(c.parameter, token)
	return js.NewObject("accessToken", js.String(token)), nil
}

// tokenUser returns the user named by an access token.
func (s *Server) tokenUser(subject js.Value) *js.Object {
	id, err := castString(subject)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users.find(id)
}
