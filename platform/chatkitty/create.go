package chatkitty

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// UserKey is the name.
func (*platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

// CheckCreateUser rejects what a user of the service cannot have.
func (*platform) CheckCreateUser(call *messembed.Call, p messembed.CreateUserParams) error {
	var problems adapter.Problems
	problems.Add(p.ID != "", "ID: must be empty, since ChatKitty assigns the ids; Profile.Username is the unique name")
	problems.Required("Profile.Username", p.Profile.Username)
	problems.Required("Profile.DisplayName", p.Profile.DisplayName)
	problems.Add(p.Profile.AvatarURL != "", "Profile.AvatarURL: use SetUserPicture")
	problems.Add(p.Profile.Phone != "", "Profile.Phone: not supported by ChatKitty")
	problems.Add(p.Profile.Locale != "", "Profile.Locale: not supported by ChatKitty")
	problems.Add(len(p.Profile.Emails) > 0, "Profile.Emails: not supported by ChatKitty")
	problems.Add(len(p.Profile.Roles) > 0, "Profile.Roles: not supported by ChatKitty")
	problems.Add(p.Profile.Type != "" && p.Profile.Type != messembed.UserPerson, "Profile.Type: must be empty or person")
	problems.Metadata(p.ExternalMetadata, nil)
	problems.Add(len(p.PrivateExternalMetadata) > 0, "PrivateExternalMetadata: not supported by ChatKitty")
	problems.Add(p.BlockStatus != "", "BlockStatus: not supported by ChatKitty")
	problems.Add(p.Password != "", "Password: not supported by ChatKitty")
	return call.Invalid(problems...)
}

type createUserBody struct {
	Name        string             `json:"name"`
	DisplayName string             `json:"displayName"`
	IsGuest     bool               `json:"isGuest"`
	Properties  messembed.Metadata `json:"properties,omitzero"`
}

// CreateUser checks, if the service refuses, whether the name is taken, since
// the status does not tell.
func (p *platform) CreateUser(
	ctx context.Context, call *messembed.Call, params messembed.CreateUserParams,
) (*messembed.User, error) {
	u, err := p.user(ctx, call, opCreateUser, adapter.Who{Username: params.Profile.Username}, messembed.Request{Body: createUserBody{
		params.Profile.Username, params.Profile.DisplayName, params.Profile.Guest, params.ExternalMetadata,
	}})
	refused, ok := errors.AsType[*messembed.Error](err)
	if !ok || refused.StatusCode != http.StatusBadRequest && refused.StatusCode != http.StatusConflict {
		return u, err
	}
	taken, err := p.nameTaken(ctx, call.Lookup(), params.Profile.Username)
	switch {
	case err != nil && refused.MaybeApplied:
		return nil, call.Unsettled(refused, err)
	case err != nil:
		return nil, refused
	case taken:
		return nil, adapter.As(call, messembed.ErrAlreadyExists, refused)
	}
	return nil, adapter.As(call, messembed.ErrInvalidArgument, refused)
}

func (*platform) nameTaken(ctx context.Context, call *messembed.Call, name string) (bool, error) {
	_, err := call.Send(ctx, opUserExists, messembed.Request{Query: url.Values{"name": {name}}.Encode()})
	if e, ok := errors.AsType[*messembed.Error](err); ok && e.StatusCode == http.StatusNotFound {
		return false, nil // the response to HEAD has no body that could say more
	}
	return err == nil, err
}
