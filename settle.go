package messembed

import (
	"context"
	"errors"
	"slices"
)

// createUser settles a create whose response was lost: if it was sent more than
// once and the last response says that the key is taken, it reads the user.
func (c *Client) createUser(ctx context.Context, call *Call, p CreateUserParams) (*User, error) {
	u, err := c.platform.CreateUser(ctx, call, p)
	taken := settleable(err)
	if taken == nil {
		return u, err
	}
	stored, err := c.platform.FindUser(ctx, call.Lookup(), c.platform.UserKey(p))
	switch {
	case err == nil && !stored.Deleted() && stored.isAsAskedFor(p):
		return stored, nil
	case err == nil, errors.Is(err, ErrNotFound):
		taken.MaybeApplied = false // what is stored is someone else's
		return nil, taken
	}
	return nil, call.Unsettled(taken, err)
}

// settleable returns err if it is the "already exists" of a create with more
// than one attempt, an earlier one of which may have created the object.
func settleable(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok && e.kind == ErrAlreadyExists && e.Attempts > 1 {
		return e
	}
	return nil
}

// Unsettled returns the error for a create that was refused after a response
// was lost, if reading what is stored failed with err.
func (*Call) Unsettled(refused *Error, err error) error {
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	e := *failed
	e.Attempts, e.MaybeApplied = refused.Attempts, true
	e.Message = "a response was lost, and reading what is stored failed too"
	return &e
}

func (u *User) isAsAskedFor(p CreateUserParams) bool {
	return sameJSON(u.ExternalMetadata, p.ExternalMetadata) &&
		sameJSON(u.PrivateExternalMetadata, p.PrivateExternalMetadata) &&
		u.BlockStatus == p.BlockStatus && u.Profile.holds(p.Profile)
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
