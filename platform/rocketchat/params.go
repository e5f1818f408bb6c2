package rocketchat

import (
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// UserKey is the username, since the service assigns the ids.
func (*platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

// problems collects what is wrong with parameters.
type problems struct{ adapter.Problems }

// required also rejects text that is only white space.
func (p *problems) required(name, value string) { p.Required(name, strings.TrimSpace(value)) }

const (
	noPrivate = "PrivateExternalMetadata: not supported by Rocket.Chat"
	noAvatar  = "Profile.AvatarURL: use SetUserPicture"
	noLocale  = "Profile.Locale: on Rocket.Chat only the user can set it"
)

// CheckCreateUser rejects what Rocket.Chat cannot store.
func (*platform) CheckCreateUser(call *messembed.Call, p messembed.CreateUserParams) error {
	var found problems
	found.Add(p.ID != "", "ID: must be empty, since Rocket.Chat assigns the ids; Profile.Username is the unique name")
	found.Add(len(p.PrivateExternalMetadata) > 0, noPrivate)
	found.Metadata(p.ExternalMetadata, keyProblem)
	found.DeactivatedOnly("Rocket.Chat", p.BlockStatus)
	found.required("Profile.Username", p.Profile.Username)
	found.required("Profile.DisplayName", p.Profile.DisplayName)
	found.emails(p.Profile.Emails)
	found.roles(p.Profile.Roles)
	found.Add(p.Profile.AvatarURL != "", noAvatar)
	found.Add(p.Profile.Locale != "", noLocale)
	found.Text("Profile.Phone", p.Profile.Phone)
	found.Text("Password", p.Password)
	switch p.Profile.Type {
	case "", messembed.UserPerson:
	case messembed.UserBot:
		found.Add(!slices.Contains(p.Profile.Roles, roleBot), "Profile.Type: a bot must have the role bot")
	default:
		found.Add(true, "Profile.Type: must be empty, person or bot")
	}
	return call.Invalid(found.Problems...)
}

// checkUpdate rejects what Rocket.Chat cannot store.
func checkUpdate(call *messembed.Call, p messembed.UpdateUserParams) error {
	var found problems
	found.Add(len(p.PrivateExternalMetadata) > 0, noPrivate)
	found.Metadata(p.ExternalMetadata, keyProblem)
	found.DeactivatedOnly("Rocket.Chat", p.BlockStatus)
	if profile := p.Profile; profile != nil {
		if profile.Username != nil {
			found.required("Profile.Username", *profile.Username)
		}
		if profile.DisplayName != nil {
			found.required("Profile.DisplayName", *profile.DisplayName)
		}
		if profile.Emails != nil {
			found.emails(profile.Emails)
		}
		found.TextIfGiven("Profile.Phone", profile.Phone)
		found.roles(profile.Roles)
		found.Add(profile.AvatarURL != nil, noAvatar)
		found.Add(profile.Locale != nil, noLocale)
	}
	return call.Invalid(found.Problems...)
}

func (p *problems) emails(emails []messembed.Email) {
	if len(emails) != 1 {
		p.Add(true, "Profile.Emails: exactly one address is required")
		return
	}
	p.required("Profile.Emails", emails[0].Address)
}

func (p *problems) roles(roles []string) {
	for _, role := range roles {
		p.required("Profile.Roles", role)
	}
}

// keyProblem rejects keys that MongoDB, the service's database, interprets as
// paths or operators.
func keyProblem(key string) string {
	switch {
	case key == "":
		return "a key must not be empty"
	case strings.ContainsAny(key, ".\x00"):
		return "a key must not contain a dot or NUL"
	case strings.HasPrefix(key, "$"):
		return "a key must not start with $"
	}
	return ""
}
