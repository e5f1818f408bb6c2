package messembed

import (
	"context"
	"maps"
	"reflect"
	"slices"
)

// ModifyUser reads a user, lets change edit it, sends the differences, if there
// are any, and returns the result. An unknown or deleted user is ErrNotFound.
// An error of change ends the call and is returned unchanged.
//
// change may edit the metadata, which is never nil there, the block status and
// the profile. Metadata that change sets to nil is emptied, unlike nil in
// [UpdateUserParams], which leaves it unchanged. A changed ID is
// ErrInvalidArgument. Changes to other fields, such as DeletedAt, Presence and
// Profile.Type, are ignored.
//
// If someone else writes the same metadata between the read and the write, the
// last write wins.
//
// Server: GET /users/{id}, PATCH /admin-api/users/{id}
func (c *Client) ModifyUser(ctx context.Context, id string, change func(*User) error, opts ...RequestOption) (*User, error) {
	call, err := c.begin(ctx, "ModifyUser", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	if change == nil {
		return nil, call.Invalid("change: must not be nil")
	}
	u, err := c.getUser(ctx, call, id)
	if err != nil {
		return nil, err
	}
	edited := u.clone()
	if err := change(edited); err != nil {
		return nil, err
	}
	if edited.ID != u.ID {
		return nil, call.Invalid("ID: cannot be changed")
	}
	p := difference(u, edited)
	if reflect.ValueOf(p).IsZero() {
		return u, nil
	}
	return c.updateUser(ctx, call, id, p)
}

// clone returns a copy to edit, deep wherever change may reach.
func (u *User) clone() *User {
	c := *u
	c.ExternalMetadata, c.PrivateExternalMetadata = u.ExternalMetadata.clone(), u.PrivateExternalMetadata.clone()
	c.Profile.Emails, c.Profile.Roles = slices.Clone(u.Profile.Emails), slices.Clone(u.Profile.Roles)
	if u.Presence != nil {
		presence := *u.Presence
		c.Presence = &presence
	}
	return &c
}

func (m Metadata) clone() Metadata {
	if m == nil {
		return Metadata{} // change may write into it
	}
	return cloneJSON(map[string]any(m)).(map[string]any)
}

// cloneJSON copies a value that encoding/json decoded into an any.
func cloneJSON(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := maps.Clone(v)
		for key, element := range c {
			c[key] = cloneJSON(element)
		}
		return c
	case []any:
		c := slices.Clone(v)
		for i, element := range c {
			c[i] = cloneJSON(element)
		}
		return c
	}
	return value
}

// difference returns the update that turns u into edited.
func difference(u, edited *User) UpdateUserParams {
	var p UpdateUserParams
	p.ExternalMetadata = changedMetadata(u.ExternalMetadata, edited.ExternalMetadata)
	p.PrivateExternalMetadata = changedMetadata(u.PrivateExternalMetadata, edited.PrivateExternalMetadata)
	switch {
	case edited.BlockStatus == u.BlockStatus:
	case edited.BlockStatus == "":
		p.RemoveBlockStatus = true
	default:
		p.BlockStatus = edited.BlockStatus
	}
	p.Profile = changedProfile(u.Profile, edited.Profile)
	return p
}

func changedMetadata(before, after Metadata) Metadata {
	switch {
	case sameJSON(before, after):
		return nil
	case len(after) == 0:
		return Metadata{}
	}
	return after
}

func changedProfile(before, after Profile) *ProfileUpdate {
	text := func(before, after string) *string {
		if before == after {
			return nil
		}
		return &after
	}
	p := ProfileUpdate{
		Username: text(before.Username, after.Username), DisplayName: text(before.DisplayName, after.DisplayName),
		AvatarURL: text(before.AvatarURL, after.AvatarURL), Phone: text(before.Phone, after.Phone),
		Locale: text(before.Locale, after.Locale),
	}
	if !slices.Equal(before.Emails, after.Emails) {
		p.Emails = append([]Email{}, after.Emails...)
	}
	if !slices.Equal(before.Roles, after.Roles) {
		p.Roles = append([]string{}, after.Roles...)
	}
	if before.Guest != after.Guest {
		p.Guest = &after.Guest
	}
	if reflect.ValueOf(p).IsZero() {
		return nil
	}
	return &p
}
