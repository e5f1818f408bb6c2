package rightech

import (
	"context"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

type updateUserBody struct {
	Role     *string `json:"role,omitempty"`
	Name     *string `json:"name,omitempty"`
	Phone    *string `json:"phone,omitempty"`
	Login    *string `json:"login,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// UpdateUser sends what is to change. A user's address is not among what the service changes.
func (p *platform) UpdateUser(
	ctx context.Context, call *messembed.Caller, id string, params messembed.UpdateUserParams,
) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	var problems problems
	var body updateUserBody
	problems.addMetadata(params.ExternalMetadata, params.PrivateExternalMetadata)
	problems.addBlockStatus(params.BlockStatus)
	if params.BlockStatus != "" || params.RemoveBlockStatus {
		disabled := params.BlockStatus != ""
		body.Disabled = &disabled
	}
	if profile := params.Profile; profile != nil {
		problems.required("Profile.Username", profile.Username)
		problems.required("Profile.DisplayName", profile.DisplayName)
		problems.add(profile.Phone != nil && !utf8.ValidString(*profile.Phone), "Profile.Phone: must be valid UTF-8")
		body.Login, body.Name, body.Phone = profile.Username, profile.DisplayName, profile.Phone
		if profile.Roles != nil {
			problems.add(len(profile.Roles) != 1, "Profile.Roles: Rightech wants one, by its id")
		}
		if len(profile.Roles) == 1 {
			problems.text("Profile.Roles[0]", profile.Roles[0])
			body.Role = &profile.Roles[0]
		}
		problems.add(profile.Emails != nil, "Profile.Emails: Rightech does not change an address")
		problems.add(profile.AvatarURL != nil, "Profile.AvatarURL: Rightech has none")
		problems.add(profile.Locale != nil, "Profile.Locale: is the user's own to set")
		problems.add(profile.Guest != nil, "Profile.Guest: Rightech has none")
	}
	if err := call.Invalid(problems...); err != nil {
		return nil, err
	}
	return p.user(ctx, call, opUpdateUser, messembed.Request{Args: []string{id}, Body: body})
}

// required refuses to make a text empty that the service wants.
func (p *problems) required(name string, value *string) {
	if value != nil {
		p.text(name, *value)
	}
}

// SetUserBlocked sets "disabled".
func (p *platform) SetUserBlocked(ctx context.Context, call *messembed.Caller, id string, blocked bool) (*messembed.User, error) {
	if blocked {
		return p.UpdateUser(ctx, call, id, messembed.UpdateUserParams{BlockStatus: messembed.BlockDeactivated})
	}
	return p.UpdateUser(ctx, call, id, messembed.UpdateUserParams{RemoveBlockStatus: true})
}
