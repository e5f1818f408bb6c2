package rightech

import (
	"context"
	"errors"
	"net/http"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// UserKey is the login.
func (*platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

// CheckCreateUser rejects what a user of the service cannot have, and reports
// what is required. The service itself checks the form of logins and passwords,
// since a project may have its own rules.
func (*platform) CheckCreateUser(call *messembed.Call, p messembed.CreateUserParams) error {
	var problems adapter.Problems
	profile := p.Profile
	problems.Add(p.ID != "", "ID: must be empty, since Rightech assigns the ids; Profile.Username is the unique login")
	problems.Required("Profile.Username", profile.Username)
	problems.Required("Profile.DisplayName", profile.DisplayName)
	if problems.Add(len(profile.Emails) != 1, "Profile.Emails: exactly one address is required"); len(profile.Emails) == 1 {
		problems.Required("Profile.Emails[0].Address", profile.Emails[0].Address)
		problems.Add(profile.Emails[0].Verified, "Profile.Emails[0].Verified: not supported by Rightech")
	}
	if problems.Add(len(profile.Roles) != 1, "Profile.Roles: exactly one role id is required"); len(profile.Roles) == 1 {
		problems.Required("Profile.Roles[0]", profile.Roles[0])
	}
	problems.Required("Password", p.Password)
	problems.Text("Profile.Phone", profile.Phone)
	problems.Add(profile.AvatarURL != "", "Profile.AvatarURL: not supported by Rightech")
	problems.Add(profile.Locale != "", "Profile.Locale: on Rightech only the user can set it")
	problems.Add(profile.Type != "", "Profile.Type: not supported by Rightech")
	problems.Add(profile.Guest, "Profile.Guest: not supported by Rightech")
	noMetadata(&problems, p.ExternalMetadata, p.PrivateExternalMetadata)
	problems.DeactivatedOnly("Rightech", p.BlockStatus)
	return call.Invalid(problems...)
}

func noMetadata(problems *adapter.Problems, external, private messembed.Metadata) {
	problems.Add(len(external) > 0, "ExternalMetadata: not supported by Rightech")
	problems.Add(len(private) > 0, "PrivateExternalMetadata: not supported by Rightech")
}

type createUserBody struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Phone    string `json:"phone,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

// CreateUser checks, if the service refuses for a reason that is not known,
// whether the login or the address is taken.
func (p *platform) CreateUser(
	ctx context.Context, call *messembed.Call, params messembed.CreateUserParams,
) (*messembed.User, error) {
	profile := params.Profile
	u, err := p.user(ctx, call, opCreateUser, adapter.Who{Username: params.Profile.Username}, messembed.Request{Body: createUserBody{
		Role: profile.Roles[0], Name: profile.DisplayName, Email: profile.Emails[0].Address, Login: profile.Username,
		Password: params.Password, Phone: profile.Phone, Disabled: params.BlockStatus == messembed.BlockDeactivated,
	}})
	refused, ok := errors.AsType[*messembed.Error](err)
	if !ok || refused.StatusCode != http.StatusBadRequest || errors.Is(err, messembed.ErrAlreadyExists) {
		return u, err
	}
	taken, err := p.taken(ctx, call.Lookup(), profile)
	switch {
	case err != nil && refused.MaybeApplied:
		return nil, call.Unsettled(refused, err)
	case err != nil || !taken:
		return nil, refused
	}
	return nil, adapter.As(call, messembed.ErrAlreadyExists, refused)
}

// taken reports whether a user has the login or the address, both of which are
// unique.
func (p *platform) taken(ctx context.Context, call *messembed.Call, profile messembed.Profile) (bool, error) {
	address := profile.Emails[0].Address
	_, err := p.FindUser(ctx, call, profile.Username)
	if errors.Is(err, messembed.ErrNotFound) {
		_, err = p.find(ctx, call, "email", address, func(u *messembed.User) bool {
			return len(u.Profile.Emails) > 0 && u.Profile.Emails[0].Address == address
		})
	}
	if errors.Is(err, messembed.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
