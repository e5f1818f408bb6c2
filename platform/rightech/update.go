package rightech

import (
	"context"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

type updateUserBody struct {
	Role     *string `json:"role,omitempty"`
	Name     *string `json:"name,omitempty"`
	Phone    *string `json:"phone,omitempty"`
	Login    *string `json:"login,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// UpdateUser sends the changes. The service cannot change a user's address.
func (p *platform) UpdateUser(
	ctx context.Context, call *messembed.Call, id string, params messembed.UpdateUserParams,
) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	var problems adapter.Problems
	var body updateUserBody
	noMetadata(&problems, params.ExternalMetadata, params.PrivateExternalMetadata)
	problems.DeactivatedOnly("Rightech", params.BlockStatus)
	if params.BlockStatus != "" || params.RemoveBlockStatus {
		disabled := params.BlockStatus != ""
		body.Disabled = &disabled
	}
	if profile := params.Profile; profile != nil {
		problems.RequiredIfGiven("Profile.Username", profile.Username)
		problems.RequiredIfGiven("Profile.DisplayName", profile.DisplayName)
		problems.TextIfGiven("Profile.Phone", profile.Phone)
		body.Login, body.Name, body.Phone = profile.Username, profile.DisplayName, profile.Phone
		if profile.Roles != nil {
			problems.Add(len(profile.Roles) != 1, "Profile.Roles: exactly one role id is required")
		}
		if len(profile.Roles) == 1 {
			problems.Required("Profile.Roles[0]", profile.Roles[0])
			body.Role = &profile.Roles[0]
		}
		problems.Add(profile.Emails != nil, "Profile.Emails: cannot be changed on Rightech")
		problems.Add(profile.AvatarURL != nil, "Profile.AvatarURL: not supported by Rightech")
		problems.Add(profile.Locale != nil, "Profile.Locale: on Rightech only the user can set it")
		problems.Add(profile.Guest != nil, "Profile.Guest: not supported by Rightech")
	}
	if err := call.Invalid(problems...); err != nil {
		return nil, err
	}
	return p.user(ctx, call, opUpdateUser, adapter.Who{ID: id}, messembed.Request{Args: []string{id}, Body: body})
}

// SetUserBlocked sets "disabled".
func (p *platform) SetUserBlocked(ctx context.Context, call *messembed.Call, id string, blocked bool) (*messembed.User, error) {
	if blocked {
		return p.UpdateUser(ctx, call, id, messembed.UpdateUserParams{BlockStatus: messembed.BlockDeactivated})
	}
	return p.UpdateUser(ctx, call, id, messembed.UpdateUserParams{RemoveBlockStatus: true})
}
