package rocketchattest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// knownRoles are the roles of a fresh workspace.
var knownRoles = []string{
	"admin", "anonymous", "app", "auditor", "auditor-log", "bot", "guest", "leader", "livechat-agent", "livechat-manager", "livechat-monitor",
	"moderator", "owner", "user",
}

var usernamePattern = regexp.MustCompile(`^[0-9a-zA-Z-_.]+$`)

// validName applies the server's rule: no angle brackets, slashes or
// backslashes, percent-encoded or not.
func validName(name string) bool {
	decoded, err := url.PathUnescape(name)
	return err == nil && !strings.ContainsAny(name, `<>\/`) && !strings.ContainsAny(decoded, `<>\/`)
}

// validateUserData has the checks common to creating and updating, in the server's order.
func (s *Server) validateUserData(c *call, data document, stored *user) *failure {
	details := func(more document) document {
		more["method"] = "insertOrUpdateUser"
		return more
	}
	required := func(name string) *failure {
		return meteorError("error-the-field-is-required", "The field "+name+" is required", details(document{"field": name}))
	}
	notAllowed := func(what, action string) *failure {
		return meteorError("error-action-not-allowed", what, details(document{"action": action}))
	}
	email, _ := data["email"].(string)
	username, _ := data["username"].(string)
	name, _ := data["name"].(string)
	password, _ := data["password"].(string)
	roles := textsOf(data["roles"])
	switch {
	case stored != nil && !s.may(c, "edit-other-user-info"):
		return notAllowed("Editing user is not allowed", "Editing_user")
	case stored == nil && !s.may(c, "create-user"):
		return notAllowed("Adding user is not allowed", "Adding_user")
	case slices.ContainsFunc(roles, func(role string) bool { return !slices.Contains(knownRoles, role) }):
		return notAllowed("The field Roles consist invalid role id", "Assign_role")
	case slices.Contains(roles, "admin") && !s.may(c, "assign-admin-role"):
		return notAllowed("Assigning admin is not allowed", "Assign_admin")
	case stored == nil && strings.TrimSpace(name) == "":
		return required("Name")
	case stored == nil && strings.TrimSpace(username) == "":
		return required("Username")
	case username != "" && !usernamePattern.MatchString(username):
		return meteorError("error-input-is-not-a-valid-field", username+" is not a valid username", details(document{"input": username, "field": "Username"}))
	case email != "" && !strings.Contains(email, "@"):
		return meteorError("error-input-is-not-a-valid-field", email+" is not a valid email", details(document{"input": email, "field": "E-mail"}))
	case stored == nil && password == "" && data["setRandomPassword"] != true:
		return required("Password")
	}
	if stored == nil {
		if failed := s.blockedUsername(username); failed != nil {
			return failed
		}
		if s.named(username) != nil || s.isTeam(username) {
			return unavailable(username, details(document{"field": username}))
		}
	}
	if holder := s.mailed(email); email == "" || holder == nil || holder == stored {
		return nil
	}
	switch {
	case stored != nil:
		return unavailable(email, document{"function": "_setEmail", "field": email})
	case s.oldConflicts:
		return &failure{http.StatusBadRequest, document{"success": false, "error": "Email already exists. [403]", "errorType": 403}}
	}
	return unavailable(email, details(document{"field": email}))
}

func unavailable(value string, details document) *failure {
	return meteorError("error-field-unavailable", value+" is already in use :(", details)
}

func (s *Server) blockedUsername(username string) *failure {
	if !slices.ContainsFunc(s.blocked, func(name string) bool { return strings.EqualFold(name, username) }) {
		return nil
	}
	return meteorError("error-blocked-username", username+" is blocked and can't be used!",
		document{"method": "checkUsernameAvailability", "field": username})
}

func (s *Server) isTeam(username string) bool {
	return slices.ContainsFunc(s.teams, func(team string) bool { return strings.EqualFold(team, username) })
}

// newUsername returns the username that an update leaves the user with.
func (s *Server) newUsername(u *user, data document) (string, *failure) {
	old := u.text("username")
	username, _ := data["username"].(string)
	if username == "" || username == old {
		return old, nil
	}
	if failed := s.blockedUsername(username); failed != nil {
		return "", failed
	}
	if holder := s.named(username); (holder == nil || holder == u) && !s.isTeam(username) {
		return username, nil
	}
	if s.silentUsernames {
		return old, nil
	}
	return "", meteorError("error-could-not-save-identity", "Could not save user identity", document{"method": "saveUser"})
}

// seat refuses another active user if the licence is used up.
func (s *Server) seat() *failure {
	active := 1 // the caller
	for _, u := range s.users {
		if u.active() && u.text("type") == "user" {
			active++
		}
	}
	if s.userLimit == 0 || active < s.userLimit {
		return nil
	}
	return meteorError("error-license-user-limit-reached", "The maximum number of users has been reached.", nil)
}
