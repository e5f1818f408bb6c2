package chatkitty

import (
	"context"
	"net/url"
	"strconv"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

func (p *platform) GetUser(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	return p.user(ctx, call, opGetUser, adapter.Who{ID: id}, messembed.Request{Args: []string{id}})
}

// FindUser looks a user up by name. How exactly the service filters is
// undocumented, so the names are compared again here.
func (p *platform) FindUser(ctx context.Context, call *messembed.Call, name string) (*messembed.User, error) {
	var found *messembed.User
	answer, err := p.walk(ctx, call, opFindUser, url.Values{"name": {name}}, func(u *messembed.User) bool {
		if u.Profile.Username == name {
			found = u
		}
		return found == nil
	})
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, call.Fail(messembed.ErrNotFound, answer, "no user has this name")
	}
	return found, nil
}

// user sends an operation whose response is one user.
func (*platform) user(
	ctx context.Context, call *messembed.Call, op messembed.Operation, who adapter.Who, r messembed.Request,
) (*messembed.User, error) {
	u, _, err := adapter.User(ctx, call, op, r, who, readUser)
	return u, err
}

// checkID rejects an id that no user of the service can have.
func checkID(call *messembed.Call, name, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != id {
		return call.Invalid(name + ": must be a 64-bit integer in decimal")
	}
	return nil
}
