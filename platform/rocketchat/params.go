package rocketchat

import (
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// UserKey is the username: the service gives the ids.
func (*platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

// problems collects what the service cannot take.
type problems struct{ adapter.Problems }

// required refuses a text of nothing but white space, too.
func (p *problems) required(name, value string) { p.Required(name, strings.TrimSpace(value)) }

const (
	noPrivate = "PrivateExternalMetadata: Rocket.Chat has no place for it"
	noAvatar  = "Profile.AvatarURL: set it with SetUserPicture"
	noLocale  = "Profile.Locale: Rocket.Chat lets only the user choose it"
)

// CheckCreateUser refuses what Rocket.Chat cannot store.
func (*platform) CheckCreateUser(call *messembed.Caller, p messembed.CreateUserParams) error {
	var found problems
	found.Add(p.ID != "", "ID: Rocket.Chat gives the ids; Profile.Username is what is unique")
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
		found.Add(!slices.Contains(p.Profile.Roles, roleBot), "Profile.Type: a bot needs the role bot")
	default:
		found.Add(true, "Profile.Type: Rocket.Chat creates persons and, by their role, bots")
	}
	return call.Invalid(found.Problems...)
}

// checkUpdate refuses what Rocket.Chat cannot store.
func checkUpdate(call *messembed.Caller, p messembed.UpdateUserParams) error {
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
		p.Add(true, "Profile.Emails: Rocket.Chat takes exactly one address")
		return
	}
	p.required("Profile.Emails", emails[0].Address)
}

func (p *problems) roles(roles []string) {
	for _, role := range roles {
		p.required("Profile.Roles", role)
	}
}

// keyProblem refuses keys that MongoDB, which stands behind the service, takes for
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
