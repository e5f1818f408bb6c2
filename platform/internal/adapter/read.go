package adapter

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// Loose decodes a T; a value of another type, or null, becomes T's zero value.
type Loose[T any] struct {
	Value T
	Given bool // the key was present, whatever its value
}

// UnmarshalJSON never fails.
func (l *Loose[T]) UnmarshalJSON(data []byte) error {
	*l = Loose[T]{Given: true}
	var value T
	if json.Unmarshal(data, &value) == nil {
		l.Value = value
	}
	return nil
}

// DecodeRaw decodes u.Raw as the package's own user type.
func DecodeRaw[T any](pkg string, u *messembed.User) (*T, error) {
	if u == nil || len(u.Raw) == 0 {
		return nil, fmt.Errorf("%s: Decode: %w: Raw is empty", pkg, messembed.ErrInvalidArgument)
	}
	var decoded *T
	if err := json.Unmarshal(u.Raw, &decoded); err != nil || decoded == nil {
		return nil, fmt.Errorf("%s: Decode: %w: Raw is not a JSON object", pkg, messembed.ErrInvalidResponse)
	}
	return decoded, nil
}

// Who is the user that a response must be about: the id if it is known, else the
// username of a user to be created. The zero Who is anybody.
type Who struct{ ID, Username string }

// ErrAnotherUser is for [messembed.Call.Unreadable].
var ErrAnotherUser = messembed.BadField("the response", "about another user")

// is compares usernames loosely, since a service may store them trimmed or in
// lower case. It believes a response without one.
func (w Who) is(u *messembed.User) bool {
	name := u.Profile.Username
	return (w.ID == "" || w.ID == u.ID) &&
		(w.Username == "" || name == "" || strings.EqualFold(strings.TrimSpace(w.Username), strings.TrimSpace(name)))
}

// User sends an operation whose response is, or contains, one user.
func User(
	ctx context.Context, call *messembed.Call, op messembed.Operation, r messembed.Request, who Who,
	read func(json.RawMessage) (*messembed.User, error),
) (*messembed.User, messembed.Answer, error) {
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return nil, answer, err
	}
	u, err := read(answer.Body)
	if err == nil && !who.is(u) {
		err = ErrAnotherUser
	}
	if err != nil {
		return nil, answer, call.Unreadable(op, answer, err)
	}
	return u, answer, nil
}

// Users reads each user of a list.
func Users(list []json.RawMessage, read func(json.RawMessage) (*messembed.User, error)) ([]*messembed.User, error) {
	users := make([]*messembed.User, len(list))
	for i, raw := range list {
		u, err := read(raw)
		if err != nil {
			return nil, err
		}
		users[i] = u
	}
	return users, nil
}
