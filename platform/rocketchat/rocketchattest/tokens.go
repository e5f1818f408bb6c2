package rocketchattest

func (s *Server) createToken(c *call) (document, *failure) {
	u, failed := s.userFromParams(c.body)
	if failed != nil {
		return nil, failed
	}
	refused := meteorError("error-not-authorized", "Not authorized", nil)
	if s.tokenSecret == "" || s.version.atLeast(8, 0) && c.body["secret"] != s.tokenSecret {
		return nil, refused
	}
	if (!s.version.atLeast(8, 0) || s.version.atLeast(8, 7) && u != c.caller) && !s.may(c, "user-generate-access-token") {
		return nil, refused
	}
	return document{"data": document{"userId": u.id(), "authToken": s.mint(u)}}, nil
}

func (s *Server) logoutUser(c *call) (document, *failure) {
	id, given := c.body["userId"].(string)
	if !given || id == "" {
		id = c.caller.id()
	}
	if id != c.caller.id() && !s.may(c, "logout-other-user") {
		return nil, s.forbidden()
	}
	u := s.find(id)
	if u == nil {
		return nil, meteorError("error-invalid-user-id", "Invalid user id", nil)
	}
	s.dropTokens(u)
	return document{"message": "User " + id + " has been logged out!"}, nil
}
