package rocketchat

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// checkUpdate rejects what Rocket.Chat cannot store.
func checkUpdate(call *messembed.Call, p messembed.UpdateUserParams) error {
	var found adapter.Problems
	found.Add(len(p.PrivateExternalMetadata) > 0, noPrivate)
	found.Metadata(p.ExternalMetadata, keyProblem)
	found.DeactivatedOnly("Rocket.Chat", p.BlockStatus)
	if profile := p.Profile; profile != nil {
		if profile.Username != nil {
			required(&found, "Profile.Username", *profile.Username)
		}
		if profile.DisplayName != nil {
			required(&found, "Profile.DisplayName", *profile.DisplayName)
		}
		if profile.Emails != nil {
			checkEmails(&found, profile.Emails)
		}
		found.Add(profile.Phone != nil, noPhone)
		checkRoles(&found, profile.Roles)
		found.Add(profile.AvatarURL != nil, noAvatar)
		found.Add(profile.Locale != nil, noLocale)
	}
	return call.Invalid(found...)
}

type updateBody struct {
	UserID            string     `json:"userId"`
	Data              updateData `json:"data"`
	ConfirmRelinquish bool       `json:"confirmRelinquish,omitempty"`
}

type updateData struct {
	Email        string             `json:"email,omitempty"`
	Verified     *bool              `json:"verified,omitempty"`
	Name         string             `json:"name,omitempty"`
	Username     string             `json:"username,omitempty"`
	Active       *bool              `json:"active,omitempty"`
	Roles        []string           `json:"roles,omitzero"`
	CustomFields messembed.Metadata `json:"customFields,omitzero"`
}

// UpdateUser sends one request, and a second one if the server merges custom
// fields into the stored ones, as most do since 7.5.4, instead of replacing
// them.
func (p *platform) UpdateUser(ctx context.Context, call *messembed.Call, id string, params messembed.UpdateUserParams) (*messembed.User, error) {
	if err := checkUpdate(call, params); err != nil {
		return nil, err
	}
	data, err := p.updateData(ctx, call, id, params)
	if err != nil {
		return nil, err
	}
	body := updateBody{UserID: id, Data: data, ConfirmRelinquish: call.Flag(confirmRelinquish{})}
	u, answer, err := p.user(ctx, call, opUpdateUser, adapter.Who{ID: id}, messembed.Request{Body: body})
	if err != nil {
		return nil, p.takenUsername(ctx, call, id, data.Username, err)
	}
	if err := p.keptUsername(ctx, call, answer, u, data.Username); err != nil {
		return nil, err
	}
	if params.ExternalMetadata == nil {
		return u, nil
	}
	if stale := staleFields(u, params.ExternalMetadata); len(stale) > 0 {
		maps.Copy(stale, params.ExternalMetadata)
		body := updateBody{UserID: id, Data: updateData{CustomFields: stale}}
		if u, answer, err = p.user(ctx, call, opUpdateUser, adapter.Who{ID: id}, messembed.Request{Body: body}); err != nil {
			return nil, applied(err)
		}
	}
	if err := leftOut(call, answer, u, params.ExternalMetadata); err != nil {
		return nil, err
	}
	return u, nil
}

func (p *platform) updateData(ctx context.Context, call *messembed.Call, id string, params messembed.UpdateUserParams) (updateData, error) {
	data := updateData{CustomFields: params.ExternalMetadata}
	if params.BlockStatus != "" || params.RemoveBlockStatus {
		data.Active = &params.RemoveBlockStatus
	}
	profile := params.Profile
	if profile == nil {
		return data, nil
	}
	if profile.Username != nil {
		data.Username = *profile.Username
	}
	if profile.DisplayName != nil {
		data.Name = *profile.DisplayName
	}
	if len(profile.Emails) > 0 {
		data.Email, data.Verified = profile.Emails[0].Address, &profile.Emails[0].Verified
	}
	data.Roles = profile.Roles
	if profile.Guest != nil {
		roles := profile.Roles
		if roles == nil {
			stored, err := p.GetUser(ctx, call.Lookup(), id)
			if err != nil {
				return data, err
			}
			roles = stored.Profile.Roles
		}
		data.Roles = slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return role == roleGuest && !*profile.Guest })
		data.Roles = withGuest(data.Roles, *profile.Guest)
	}
	return data, nil
}

// staleFields returns, as nulls to send, the custom fields that are still
// stored but should be gone.
func staleFields(u *messembed.User, asked messembed.Metadata) messembed.Metadata {
	stale := messembed.Metadata{}
	for name := range u.ExternalMetadata {
		if value, wanted := asked[name]; !wanted || value == nil {
			stale[name] = nil
		}
	}
	return stale
}

// takenUsername turns "Could not save user identity" into ErrAlreadyExists if
// another user has the username; the service reports other causes in the same
// way.
func (p *platform) takenUsername(ctx context.Context, call *messembed.Call, id, username string, err error) error {
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok || e.Code != "error-could-not-save-identity" || username == "" || !p.othersHave(ctx, call, id, username) {
		return err
	}
	taken := adapter.As(call, messembed.ErrAlreadyExists, e)
	taken.Message = "Profile.Username: already taken"
	return taken
}

// keptUsername returns the error for a username that the service did not store,
// without saying so: very old servers do that if it is taken.
func (p *platform) keptUsername(
	ctx context.Context, call *messembed.Call, answer messembed.Answer, u *messembed.User, asked string,
) error {
	stored := u.Profile.Username
	if asked == "" || stored == "" || stored == strings.TrimSpace(asked) {
		return nil
	}
	kind, message := messembed.ErrInvalidArgument, "Profile.Username: the service did not change it"
	if p.othersHave(ctx, call, u.ID, asked) {
		kind, message = messembed.ErrAlreadyExists, "Profile.Username: already taken"
	}
	e := call.Fail(kind, answer, message+"; everything else was stored")
	e.MaybeApplied = true
	return e
}

// othersHave reports whether a user other than id has the username.
func (p *platform) othersHave(ctx context.Context, call *messembed.Call, id, username string) bool {
	holder, err := p.FindUser(ctx, call.Lookup(), username)
	return err == nil && holder.ID != id
}

// applied marks a failure that happened after the change itself was carried
// out.
func applied(err error) error {
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.MaybeApplied = true
	}
	return err
}

// SetUserBlocked sets active and reads the whole user, since the response
// contains only that field.
func (p *platform) SetUserBlocked(ctx context.Context, call *messembed.Call, id string, blocked bool) (*messembed.User, error) {
	err := done(ctx, call, opBlockUser, messembed.Request{Body: struct {
		UserID            string `json:"userId"`
		ActiveStatus      bool   `json:"activeStatus"`
		ConfirmRelinquish bool   `json:"confirmRelinquish,omitempty"`
	}{id, !blocked, call.Flag(confirmRelinquish{})}})
	if err != nil {
		return nil, err
	}
	return p.readBack(ctx, call, id)
}
