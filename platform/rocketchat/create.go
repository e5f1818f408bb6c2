package rocketchat

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// UserKey is the username, since the service assigns the ids.
func (*platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

const (
	noPrivate = "PrivateExternalMetadata: not supported by Rocket.Chat"
	noAvatar  = "Profile.AvatarURL: use SetUserPicture"
	noPhone   = "Profile.Phone: Rocket.Chat has no phone field that can be set; use a custom field, in ExternalMetadata"
	noLocale  = "Profile.Locale: on Rocket.Chat only the user can set it"
)

// CheckCreateUser rejects what Rocket.Chat cannot store.
func (*platform) CheckCreateUser(call *messembed.Call, p messembed.CreateUserParams) error {
	var found adapter.Problems
	found.Add(p.ID != "", "ID: must be empty, since Rocket.Chat assigns the ids; Profile.Username is the unique name")
	found.Add(len(p.PrivateExternalMetadata) > 0, noPrivate)
	found.Metadata(p.ExternalMetadata, keyProblem)
	found.DeactivatedOnly("Rocket.Chat", p.BlockStatus)
	required(&found, "Profile.Username", p.Profile.Username)
	required(&found, "Profile.DisplayName", p.Profile.DisplayName)
	checkEmails(&found, p.Profile.Emails)
	checkRoles(&found, p.Profile.Roles)
	found.Add(p.Profile.AvatarURL != "", noAvatar)
	found.Add(p.Profile.Locale != "", noLocale)
	found.Add(p.Profile.Phone != "", noPhone)
	found.Text("Password", p.Password)
	switch p.Profile.Type {
	case "", messembed.UserPerson:
	case messembed.UserBot:
		found.Add(!slices.Contains(p.Profile.Roles, roleBot), "Profile.Type: a bot must have the role bot")
	default:
		found.Add(true, "Profile.Type: must be empty, person or bot")
	}
	return call.Invalid(found...)
}

// required also rejects text that is only white space.
func required(found *adapter.Problems, field, value string) {
	found.Required(field, strings.TrimSpace(value))
}

func checkEmails(found *adapter.Problems, emails []messembed.Email) {
	if len(emails) != 1 {
		found.Add(true, "Profile.Emails: exactly one address is required")
		return
	}
	required(found, "Profile.Emails", emails[0].Address)
}

func checkRoles(found *adapter.Problems, roles []string) {
	for _, role := range roles {
		required(found, "Profile.Roles", role)
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

type createBody struct {
	Email             string             `json:"email"`
	Name              string             `json:"name"`
	Password          string             `json:"password"`
	Username          string             `json:"username"`
	Active            *bool              `json:"active,omitempty"`
	Roles             []string           `json:"roles,omitempty"`
	Verified          bool               `json:"verified,omitempty"`
	SetRandomPassword bool               `json:"setRandomPassword,omitempty"`
	CustomFields      messembed.Metadata `json:"customFields,omitempty"`
}

// CreateUser creates the user in one request, which the service carries out in
// three steps. It silently drops custom fields it does not know, and leaves the
// user active if the caller is not allowed to deactivate. Both are errors with
// MaybeApplied.
func (p *platform) CreateUser(ctx context.Context, call *messembed.Call, params messembed.CreateUserParams) (*messembed.User, error) {
	body := createBody{
		Email:        params.Profile.Emails[0].Address,
		Name:         params.Profile.DisplayName,
		Password:     params.Password,
		Username:     params.Profile.Username,
		Roles:        withGuest(params.Profile.Roles, params.Profile.Guest),
		Verified:     params.Profile.Emails[0].Verified,
		CustomFields: params.ExternalMetadata,
	}
	if body.Password == "" {
		// The schema requires a password even then; the service generates its
		// own.
		body.Password, body.SetRandomPassword = rand.Text(), true
	}
	if params.BlockStatus != "" {
		body.Active = new(bool)
	}
	u, answer, err := p.user(ctx, call, opCreateUser, adapter.Who{Username: body.Username}, messembed.Request{Body: body})
	if err != nil {
		if e, ok := errors.AsType[*messembed.Error](err); ok && e.Code == "error-not-allowed" && body.Active != nil {
			e.MaybeApplied = true
		}
		return nil, err
	}
	if err := leftOut(call, answer, u, params.ExternalMetadata); err != nil {
		return nil, err
	}
	return u, nil
}

func withGuest(roles []string, guest bool) []string {
	if guest && !slices.Contains(roles, roleGuest) {
		roles = append(slices.Clip(roles), roleGuest)
	}
	return roles
}

// leftOut returns the error for custom fields that the service did not store
// because the workspace does not define them.
func leftOut(call *messembed.Call, answer messembed.Answer, u *messembed.User, asked messembed.Metadata) error {
	var missing []string
	for name, value := range asked {
		if _, stored := u.ExternalMetadata[name]; !stored && value != nil {
			missing = append(missing, strconv.Quote(name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	e := call.Fail(messembed.ErrInvalidArgument, answer,
		"ExternalMetadata: not defined as custom fields by the workspace: "+strings.Join(missing, ", ")+"; everything else was stored")
	e.MaybeApplied = true
	return e
}
