package messembed

import "reflect"

// Profile is what Rocket.Chat, ChatKitty and Rightech keep in fields of their own.
type Profile struct {
	Username, DisplayName, AvatarURL, Phone, Locale string
	Emails                                          []Email
	Roles                                           []string
	Type                                            UserType
	Guest                                           bool
}

// IsZero tells whether nothing of the profile is given.
func (p Profile) IsZero() bool { return reflect.ValueOf(p).IsZero() }

// Metadata gives what the profile holds under the keys that integrations of
// Messembed use in ExternalMetadata: name, username, avatar, email, emails (all
// addresses, when there are several), phone, locale, roles, type and guest. What
// is zero is left out.
func (p Profile) Metadata() Metadata {
	m := Metadata{}
	for key, value := range map[string]string{
		"name": p.DisplayName, "username": p.Username, "avatar": p.AvatarURL,
		"phone": p.Phone, "locale": p.Locale, "type": string(p.Type),
	} {
		if value != "" {
			m[key] = value
		}
	}
	if len(p.Emails) > 0 {
		m["email"] = p.Emails[0].Address
	}
	if len(p.Emails) > 1 {
		all := make([]any, len(p.Emails))
		for i, email := range p.Emails {
			all[i] = email.Address
		}
		m["emails"] = all
	}
	if len(p.Roles) > 0 {
		roles := make([]any, len(p.Roles))
		for i, role := range p.Roles {
			roles[i] = role
		}
		m["roles"] = roles
	}
	if p.Guest {
		m["guest"] = true
	}
	return m
}

// Email is one address of a user.
type Email struct {
	Address  string
	Verified bool
}

// UserType is what kind of user it is; "" where the service does not say.
type UserType string

// The types of users.
const (
	UserPerson UserType = "person"
	UserBot    UserType = "bot"
	UserApp    UserType = "app"
)
