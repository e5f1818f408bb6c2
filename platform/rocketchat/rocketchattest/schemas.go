package rocketchattest

// The schemas of the routes, as in the package @rocket.chat/rest-typings 8.8.1 and
// 7.13.9. No released server accepts phones.

// profileFields are the fields that both create and update accept.
func profileFields() map[string]field {
	return map[string]field{
		"active": maybeFlag, "bio": maybeText, "nickname": maybeText, "statusText": maybeText,
		"requirePasswordChange": maybeFlag, "setRandomPassword": maybeFlag, "sendWelcomeEmail": maybeFlag, "verified": maybeFlag,
		"freeSwitchExtension": {kind: aText, nullable: true, since: version{7, 13, 0}},
	}
}

func createSchema() *schema {
	fields := profileFields()
	for _, name := range []string{"email", "name", "password", "username"} {
		fields[name] = text
	}
	fields["roles"], fields["customFields"] = field{kind: texts}, field{kind: anObject}
	fields["joinDefaultChannels"], fields["fields"] = maybeFlag, maybeText
	return &schema{fields: fields, required: []string{"email", "name", "password", "username"}}
}

func updateSchema() *schema {
	fields := profileFields()
	for _, name := range []string{"email", "name", "password", "username", "status"} {
		fields[name] = maybeText
	}
	fields["roles"], fields["customFields"] = field{kind: texts, nullable: true}, field{kind: anObject, nullable: true}
	return &schema{
		fields: map[string]field{
			"userId": {kind: aText, filled: true}, "confirmRelinquish": flag,
			"data": {kind: anObject, object: &schema{fields: fields}},
		},
		required: []string{"userId", "data"},
	}
}

// infoSchema finds a user by exactly one of its keys.
func infoSchema() *schema {
	by := func(key string, since version) schema {
		return schema{
			fields:   map[string]field{key: text, "includeUserRooms": text, "fields": maybeText},
			required: []string{key}, since: since,
		}
	}
	return &schema{anyOf: []schema{
		by("userId", version{}), by("username", version{}), by("importId", version{}), by("email", version{8, 4, 0}),
		by("freeSwitchExtension", version{8, 5, 0}),
	}}
}

// someUserSchema names a user, or none.
func someUserSchema() *schema {
	return &schema{fields: map[string]field{"userId": text, "username": text, "user": text}}
}

func deleteSchema() *schema {
	by := func(key string) schema {
		fields := map[string]field{"userId": text, "username": text, "user": text, "confirmRelinquish": maybeFlag}
		return schema{fields: fields, required: []string{key}}
	}
	return &schema{anyOf: []schema{by("userId"), by("username"), by("user")}}
}

func activeStatusSchema() *schema {
	return &schema{
		fields:   map[string]field{"userId": text, "activeStatus": flag, "confirmRelinquish": maybeFlag},
		required: []string{"userId", "activeStatus"},
	}
}

func pageFields() map[string]field {
	number := field{kind: aNumber, nullable: true}
	return map[string]field{"offset": number, "count": number, "sort": maybeText}
}

func listSchema() *schema {
	fields := pageFields()
	fields["fields"], fields["query"] = maybeText, maybeText
	fields["email"] = field{kind: aText, nullable: true, filled: true, since: version{8, 4, 0}}
	return &schema{fields: fields}
}

func listByStatusSchema() *schema {
	fields := pageFields()
	fields["status"] = field{kind: aText, enum: []string{"active", "deactivated"}}
	fields["hasLoggedIn"], fields["type"], fields["searchTerm"] = maybeFlag, maybeText, maybeText
	fields["roles"] = field{kind: texts, nullable: true}
	fields["inactiveReason"] = field{
		kind: texts, enum: []string{"deactivated", "pending_approval", "idle_too_long"}, since: version{8, 0, 0},
	}
	return &schema{fields: fields}
}

func logoutSchema() *schema {
	return &schema{fields: map[string]field{"userId": maybeText}, open: true}
}

func avatarSchema() *schema {
	return &schema{fields: map[string]field{"avatarUrl": maybeText, "userId": maybeText, "username": maybeText}}
}

func presenceSchema() *schema {
	return &schema{fields: map[string]field{"ids": {kind: someText}, "from": maybeText}}
}

func setStatusSchema() *schema {
	return &schema{fields: map[string]field{
		"status":  {kind: aText, enum: []string{"online", "away", "offline", "busy"}},
		"message": maybeText, "expiresAt": {kind: aText, nullable: true, since: version{8, 6, 0}}, "userId": text, "username": text, "user": text,
	}}
}

// tokenSchema is the schema of users.createToken in this version; before 8.0 it had none.
func (s *Server) tokenSchema() *schema {
	if !s.version.atLeast(8, 0) {
		return nil
	}
	filled := field{kind: aText, filled: true}
	return &schema{fields: map[string]field{"userId": filled, "secret": filled}, required: []string{"userId", "secret"}}
}
