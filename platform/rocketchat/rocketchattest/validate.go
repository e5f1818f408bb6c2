package rocketchattest

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// profileFields are the fields that both create and update accept.
func profileFields() map[string]field {
	return map[string]field{
		"active": maybeFlag, "bio": maybeText, "nickname": maybeText, "statusText": maybeText, "roles": {kind: texts},
		"requirePasswordChange": maybeFlag, "setRandomPassword": maybeFlag, "sendWelcomeEmail": maybeFlag, "verified": maybeFlag,
		"customFields": {kind: anObject, nullable: true}, "freeSwitchExtension": maybeText,
		"phones": {kind: aList, since: version{8, 7}},
	}
}

func createSchema() *schema {
	fields := profileFields()
	for _, name := range []string{"email", "name", "password", "username"} {
		fields[name] = text
	}
	fields["joinDefaultChannels"], fields["settings"], fields["fields"] = maybeFlag, field{kind: anObject}, maybeText
	return &schema{fields: fields, required: []string{"email", "name", "password", "username"}}
}

func updateSchema() *schema {
	fields := profileFields()
	for _, name := range []string{"email", "name", "password", "username", "status", "language"} {
		fields[name] = maybeText
	}
	return &schema{
		fields: map[string]field{
			"userId": {kind: aText, filled: true}, "confirmRelinquish": flag,
			"data": {kind: anObject, object: &schema{fields: fields}},
		},
		required: []string{"userId", "data"},
	}
}

// knownRoles are the roles of a fresh workspace.
var knownRoles = []string{
	"admin", "anonymous", "app", "auditor", "auditor-log", "bot", "guest", "leader", "livechat-agent", "livechat-manager", "livechat-monitor",
	"moderator", "owner", "user",
}

var usernamePattern = regexp.MustCompile(`^[0-9a-zA-Z-_.]+$`)

// validName applies the server's rule: no angle brackets, slashes or backslashes, percent-encoded
// or not.
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
	if stored == nil && s.named(username) != nil {
		return meteorError("error-field-unavailable", username+" is already in use :(", details(document{"field": username}))
	}
	if holder := s.mailed(email); email != "" && holder != nil && holder != stored {
		return meteorError("error-field-unavailable", email+" is already in use :(", details(document{"field": email}))
	}
	return nil
}
