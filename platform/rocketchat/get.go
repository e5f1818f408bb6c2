package rocketchat

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// GetUser checks the id of the result, since the service also accepts a
// username as an id.
func (p *platform) GetUser(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	u, answer, err := p.user(ctx, call, opGetUser, adapter.Who{}, messembed.Request{Query: url.Values{"userId": {id}}.Encode()})
	switch {
	case err != nil:
		return nil, err
	case u.ID == id:
		return u, nil
	case u.Profile.Username == id:
		return nil, call.Fail(messembed.ErrNotFound, answer, "User not found.")
	}
	return nil, call.Unreadable(opGetUser, answer, adapter.ErrAnotherUser)
}

// FindUser looks a user up by username. Usernames are unique regardless of
// case, but users.info matches case exactly. In the other cases users.getStatus
// returns the id.
func (p *platform) FindUser(ctx context.Context, call *messembed.Call, username string) (*messembed.User, error) {
	query := url.Values{"username": {username}}.Encode()
	u, answer, err := p.user(ctx, call, opGetUser, adapter.Who{}, messembed.Request{Query: query})
	if err == nil && u.Profile.Username != username { // the name is another user's id
		err = call.Fail(messembed.ErrNotFound, answer, "User not found.")
	}
	if !errors.Is(err, messembed.ErrNotFound) {
		return u, err
	}
	var other struct {
		ID adapter.Loose[string] `json:"_id"`
	}
	answer, looked := call.Lookup().Decode(ctx, opFindUser, messembed.Request{Query: query}, &other)
	if errors.Is(looked, messembed.ErrUnavailable) || errors.Is(looked, messembed.ErrRateLimited) || errors.Is(looked, messembed.ErrUnauthenticated) {
		return nil, looked
	}
	// Any other failure, such as an old server without the route, is not
	// reported.
	if looked != nil || other.ID.Value == "" {
		return nil, err
	}
	found, err := p.GetUser(ctx, call.Lookup(), other.ID.Value)
	if err == nil && !strings.EqualFold(found.Profile.Username, strings.TrimSpace(username)) {
		return nil, call.Unreadable(opFindUser, answer, adapter.ErrAnotherUser)
	}
	return found, err
}

// user sends an operation whose response contains one user.
func (p *platform) user(
	ctx context.Context, call *messembed.Call, op messembed.Operation, who adapter.Who, r messembed.Request,
) (*messembed.User, messembed.Answer, error) {
	return adapter.User(ctx, call, op, r, who, func(raw json.RawMessage) (*messembed.User, error) {
		var said struct {
			User json.RawMessage `json:"user"`
		}
		if err := json.Unmarshal(raw, &said); err != nil {
			return nil, err
		}
		if len(said.User) == 0 {
			return nil, messembed.BadField("user", "missing from the response")
		}
		return p.readUser(said.User)
	})
}

// readBack reads the user after a change whose response does not contain it.
func (p *platform) readBack(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	u, err := p.GetUser(ctx, call.Lookup(), id)
	if err != nil {
		return nil, applied(err)
	}
	return u, nil
}
