package rightech

import (
	"context"
	"encoding/json"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// user sends an operation whose response is one user.
func (*platform) user(
	ctx context.Context, call *messembed.Call, op messembed.Operation, r messembed.Request,
) (*messembed.User, error) {
	u, _, err := adapter.User(ctx, call, op, r, readUser)
	return u, err
}

// readUser converts a user of the service.
func readUser(raw json.RawMessage) (*messembed.User, error) {
	var said User
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, err
	}
	if said.came["_id"] == nil && said.Extra["_id"] == nil {
		return nil, messembed.BadField("_id", "missing from the response")
	}
	for _, field := range []string{"time", "_at"} {
		if _, ok := parseTime(said.came[field]); !ok {
			return nil, messembed.BadField(field, "not a date")
		}
	}
	u := &messembed.User{
		ID:        said.ID,
		CreatedAt: said.CreatedAt.Time,
		UpdatedAt: said.ChangedAt.Time,
		Profile: messembed.Profile{
			Username: said.Login, DisplayName: said.Name, Phone: said.Phone, Locale: said.Locale,
		},
		Raw: raw,
	}
	if said.Email != "" {
		u.Profile.Emails = []messembed.Email{{Address: said.Email}}
	}
	if said.Role != "" {
		u.Profile.Roles = []string{said.Role}
	}
	if said.Disabled {
		u.BlockStatus = messembed.BlockDeactivated
	}
	return u, nil
}

func (p *platform) GetUser(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	return p.user(ctx, call, opGetUser, messembed.Request{Args: []string{id}})
}

// DeleteUser ignores the response, which is undocumented.
func (*platform) DeleteUser(ctx context.Context, call *messembed.Call, id string) error {
	if err := checkID(call, "id", id); err != nil {
		return err
	}
	_, err := call.Send(ctx, opDeleteUser, messembed.Request{Args: []string{id}})
	return err
}
