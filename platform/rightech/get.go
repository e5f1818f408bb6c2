package rightech

import (
	"context"
	"net/url"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

func (p *platform) GetUser(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	return p.user(ctx, call, opGetUser, adapter.Who{ID: id}, messembed.Request{Args: []string{id}})
}

// FindUser looks a user up by login.
func (p *platform) FindUser(ctx context.Context, call *messembed.Call, login string) (*messembed.User, error) {
	return p.find(ctx, call, "login", login, func(u *messembed.User) bool { return u.Profile.Username == login })
}

// find returns the one user that matches. The service searches names and
// contacts, and it is undocumented whether that includes logins; if the search
// does not find the user, a filter by the field may. Results of both are
// checked.
func (p *platform) find(
	ctx context.Context, call *messembed.Call, field, value string, matches func(*messembed.User) bool,
) (*messembed.User, error) {
	var found *messembed.User
	var answer messembed.Answer
	for _, filter := range []url.Values{{"search": {value}}, {"where." + field: {value}}} {
		var err error
		answer, err = p.walk(ctx, call, filter, func(u *messembed.User) bool {
			if matches(u) {
				found = u
			}
			return found == nil
		})
		if err != nil {
			return nil, err
		}
		if found != nil {
			return found, nil
		}
	}
	return nil, call.Fail(messembed.ErrNotFound, answer, "no user has this "+field)
}

// user sends an operation whose response is one user.
func (*platform) user(
	ctx context.Context, call *messembed.Call, op messembed.Operation, who adapter.Who, r messembed.Request,
) (*messembed.User, error) {
	u, _, err := adapter.User(ctx, call, op, r, who, readUser)
	return u, err
}

// checkID rejects an id that no user of the service can have. It must, since
// with "tokens" as the id the path would be another route.
func checkID(call *messembed.Call, name, id string) error {
	if !isID(id) {
		return call.Invalid(name + ": must be 24 lower-case letters and digits")
	}
	return nil
}

func isID(id string) bool {
	if len(id) != 24 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
