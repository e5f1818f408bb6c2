package messembed

import (
	"reflect"
	"slices"
)

// Profile holds what Rocket.Chat, ChatKitty and Rightech keep in fields of
// their own. What the service cannot store is ErrInvalidArgument. Phone and
// Locale have the format of the service, such as "+1234567890" and "en", and
// are not checked. No service lets an administrator set Locale: it can only be
// read.
type Profile struct {
	Username    string   `json:"username,omitzero"`
	DisplayName string   `json:"displayName,omitzero"`
	AvatarURL   string   `json:"avatarUrl,omitzero"`
	Phone       string   `json:"phone,omitzero"`
	Locale      string   `json:"locale,omitzero"`
	Emails      []Email  `json:"emails,omitzero"`
	Roles       []string `json:"roles,omitzero"`
	Type        UserType `json:"type,omitzero"`
	Guest       bool     `json:"guest,omitzero"`
}

// Email is an e-mail address of a user.
type Email struct {
	Address  string `json:"address,omitzero"`
	Verified bool   `json:"verified,omitzero"`
}

// UserType is the kind of a user; "" if the service does not report it.
type UserType string

// The types of users.
const (
	UserPerson UserType = "person"
	UserBot    UserType = "bot"
	UserApp    UserType = "app"
)

// ProfileUpdate describes a change of a profile. Nil fields are left unchanged.
type ProfileUpdate struct {
	Username, DisplayName, AvatarURL, Phone, Locale *string
	Emails                                          []Email
	Roles                                           []string
	Guest                                           *bool
}

// IsZero reports whether the profile is empty.
func (p Profile) IsZero() bool { return reflect.ValueOf(p).IsZero() }

// Metadata returns the profile under the keys that integrations of Messembed
// use in ExternalMetadata: name, username, avatar, email, emails (all
// addresses, if there are several), phone, locale, roles, type and guest. Zero
// fields are left out.
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

// holds reports whether p has everything that asked gives; the service fills in
// the rest.
func (p Profile) holds(asked Profile) bool {
	given := func(asked, stored string) bool { return asked == "" || asked == stored }
	if len(asked.Emails) > 0 {
		if len(p.Emails) < len(asked.Emails) {
			return false
		}
		for i, email := range asked.Emails {
			if p.Emails[i].Address != email.Address {
				return false
			}
		}
	}
	for _, role := range asked.Roles {
		if !slices.Contains(p.Roles, role) {
			return false
		}
	}
	return given(asked.Username, p.Username) && given(asked.DisplayName, p.DisplayName) &&
		given(asked.AvatarURL, p.AvatarURL) && given(asked.Phone, p.Phone) && given(asked.Locale, p.Locale) &&
		(!asked.Guest || p.Guest)
}
