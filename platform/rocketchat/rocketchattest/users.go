package rocketchattest

import (
	"slices"
	"strings"
)

func (s *Server) info(*call) (document, *failure) {
	return document{"version": s.version.String()}, nil
}

func (s *Server) me(c *call) (document, *failure) {
	shown := c.caller.project(ownFields...)
	shown["avatarUrl"] = s.http.Origin() + s.basePath + "/avatar/" + c.caller.text("username")
	shown["isOAuthUser"] = false
	shown["settings"] = document{"profile": document{}, "preferences": document{}, "calendar": document{}}
	return shown, nil
}

// userFromParams finds the user that a body or query names.
func (s *Server) userFromParams(params document) (*user, *failure) {
	var u *user
	id, _ := params["userId"].(string)
	username, _ := params["username"].(string)
	if username == "" {
		username, _ = params["user"].(string)
	}
	switch {
	case strings.TrimSpace(id) != "":
		u = s.find(id)
	case strings.TrimSpace(username) != "":
		u = s.named(username)
	default:
		return nil, meteorError("error-user-param-not-provided", `The required "userId" or "username" param was not provided`, nil)
	}
	if u == nil {
		return nil, meteorError("error-invalid-user", `The required "userId" or "username" param provided does not match any users`, nil)
	}
	return u, nil
}

func (s *Server) createUser(c *call) (document, *failure) {
	if name, _ := c.body["name"].(string); !validName(name) {
		return nil, plainFailure("Name contains invalid characters")
	}
	fields, hasFields := c.body["customFields"].(map[string]any)
	if hasFields {
		if failed := s.checkCustomFields(fields); failed != nil {
			return nil, failed
		}
	}
	if failed := s.validateUserData(c, c.body, nil); failed != nil {
		return nil, failed
	}
	if failed := s.seat(); failed != nil {
		return nil, failed
	}
	now := s.timestamp()
	u := &user{doc: document{
		"_id": s.ids.id(), "createdAt": now, "_updatedAt": now, "type": "user", "status": "offline", "active": true,
		"username": c.body["username"], "name": c.body["name"], "settings": map[string]any{}, "roles": []any{"user"},
		"emails": []any{map[string]any{"address": c.body["email"], "verified": c.body["verified"] == true}},
	}}
	if roles, given := c.body["roles"].([]any); given && len(roles) > 0 {
		u.doc["roles"] = roles
	}
	if c.body["setRandomPassword"] == true {
		u.doc["requirePasswordChange"] = true
	}
	s.storeProfile(u, c.body)
	s.users = append(s.users, u)
	s.index.add(u)
	if hasFields {
		s.storeCustomFields(u, fields)
	}
	if active, given := c.body["active"].(bool); given {
		if failed := s.setActive(c, u, active, false); failed != nil {
			return nil, failed
		}
	}
	return document{"user": s.stored(c, u)}, nil
}

// storeProfile stores what create and update store unchanged.
func (s *Server) storeProfile(u *user, data document) {
	for _, name := range []string{"bio", "nickname", "statusText", "requirePasswordChange", "freeSwitchExtension"} {
		if value := data[name]; value != nil {
			u.doc[name] = value
		}
	}
}

func (s *Server) userInfo(c *call) (document, *failure) {
	param := func(name string) string { value, _ := c.query[name].(string); return value }
	var u *user
	everything := s.may(c, "view-full-other-user-info")
	switch {
	case param("userId") != "":
		u = s.byIDOrUsername(param("userId"))
	case param("username") != "":
		u = s.byIDOrUsername(param("username"))
	case param("importId") != "":
		u = s.imported(param("importId"))
	case param("email") != "":
		u = s.mailed(param("email"))
	case param("freeSwitchExtension") != "":
		u = s.first(func(u *user) bool { return u.text("freeSwitchExtension") == param("freeSwitchExtension") })
	default:
		return nil, plainFailure("Invalid search query.")
	}
	if u == nil || !everything && param("userId") == "" && param("username") == "" {
		return nil, plainFailure("User not found.")
	}
	everything = everything || u == c.caller
	fields := publicFields
	if everything {
		fields = slices.Concat(publicFields, fullFields)
	}
	shown := u.project(fields...)
	shown["canViewAllInfo"] = everything
	return document{"user": shown}, nil
}

// byIDOrUsername interprets either parameter of users.info.
func (s *Server) byIDOrUsername(value string) *user {
	if u := s.find(value); u != nil {
		return u
	}
	if u := s.named(value); u != nil && u.text("username") == value {
		return u
	}
	return nil
}

func (s *Server) updateUser(c *call) (document, *failure) {
	data := document(c.body["data"].(map[string]any))
	if name, _ := data["name"].(string); !validName(name) {
		return nil, plainFailure("Name contains invalid characters")
	}
	u := s.find(c.body["userId"].(string))
	checked := u
	if checked == nil {
		checked = &user{doc: document{}} // the server validates the data first
	}
	if u != nil && u.doc["federated"] == true {
		return nil, meteorError("Edit_Federated_User_Not_Allowed", "Not possible to edit a federated user", nil)
	}
	if failed := s.validateUserData(c, data, checked); failed != nil {
		return nil, failed
	}
	if u == nil {
		return nil, meteorError("error-user-not-found", "User not found", document{"method": "saveUser"})
	}
	username, failed := s.newUsername(u, data)
	if failed != nil {
		return nil, failed
	}
	s.index.remove(u)
	defer s.index.add(u)
	u.doc["username"] = username
	if name, _ := data["name"].(string); name != "" {
		u.doc["name"] = name
	}
	if email, _ := data["email"].(string); email != "" {
		u.doc["emails"] = []any{map[string]any{"address": email, "verified": data["verified"] == true}}
	}
	if roles, given := data["roles"].([]any); given {
		u.doc["roles"] = roles
	}
	s.storeProfile(u, data)
	u.doc["_updatedAt"] = s.timestamp()
	if fields, given := data["customFields"].(map[string]any); given {
		if failed := s.checkCustomFields(fields); failed != nil {
			return nil, failed // as on the server, the rest is stored by then
		}
		s.storeCustomFields(u, fields)
	}
	if active, given := data["active"].(bool); given {
		if failed := s.setActive(c, u, active, c.body["confirmRelinquish"] == true); failed != nil {
			return nil, failed
		}
	}
	return document{"user": s.stored(c, u)}, nil
}

func (s *Server) deleteUser(c *call) (document, *failure) {
	u, failed := s.userFromParams(c.body)
	if failed != nil {
		return nil, failed
	}
	if u.id() == "rocket.cat" {
		return nil, meteorError("error-action-not-allowed", "Deleting the rocket.cat user is not allowed",
			document{"method": "deleteUser", "action": "Delete_user"})
	}
	if failed := lastOwner(u, c.body["confirmRelinquish"] == true); failed != nil {
		return nil, failed
	}
	s.dropTokens(u)
	u.stopExpiry()
	s.index.remove(u)
	s.users = slices.DeleteFunc(s.users, func(other *user) bool { return other == u })
	if !s.version.atLeast(8, 0) {
		return document{}, nil
	}
	return document{"deletedRooms": append([]string{}, u.lastOwnerOf...)}, nil
}

// lastOwner rejects a request that would leave a room without an owner.
func lastOwner(u *user, confirmed bool) *failure {
	if len(u.lastOwnerOf) == 0 || confirmed {
		return nil
	}
	return meteorError("user-last-owner", "", document{"shouldChangeOwner": []string{}, "shouldBeRemoved": u.lastOwnerOf})
}

func (s *Server) setActiveStatus(c *call) (document, *failure) {
	u := s.find(c.body["userId"].(string))
	if !s.may(c, "edit-other-user-active-status") {
		return nil, meteorError("error-not-allowed", "Not allowed", document{"method": "setUserActiveStatus"})
	}
	if u == nil {
		return nil, plainFailure("User not found")
	}
	if failed := s.setActive(c, u, c.body["activeStatus"].(bool), c.body["confirmRelinquish"] == true); failed != nil {
		return nil, failed
	}
	return document{"user": document{"_id": u.id(), "active": u.active()}}, nil
}

// setActive activates the user or deactivates it, which ends all its logins.
func (s *Server) setActive(c *call, u *user, active, confirmed bool) *failure {
	switch {
	case !s.may(c, "edit-other-user-active-status"):
		return meteorError("error-not-allowed", "Not allowed", document{"method": "setUserActiveStatus"})
	case !active && u == s.caller:
		return meteorError("error-action-not-allowed", "Leaving the app without an active admin is not allowed",
			document{"method": "removeUserFromRole", "action": "Remove_last_admin"})
	}
	if active {
		if failed := s.seat(); failed != nil && !u.active() {
			return failed
		}
		u.doc["active"] = true
		delete(u.doc, "inactiveReason")
		return nil
	}
	if failed := lastOwner(u, confirmed); failed != nil {
		return failed
	}
	u.doc["active"], u.doc["inactiveReason"] = false, "deactivated"
	u.lastOwnerOf = nil
	s.dropTokens(u)
	if u.connected {
		u.connected = false
		s.connectionChanged(u)
	}
	return nil
}
