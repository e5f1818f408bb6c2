package chatkitty

import (
	"context"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// The service's values of presence.status. It accepts any text; its
// documentation shows only these.
const (
	statusAvailable   = "AVAILABLE"
	statusUnavailable = "UNAVAILABLE"
)

// readPresence combines what the service reports: whether a user has a session,
// and the status it shows.
func readPresence(id string, u User) *messembed.Presence {
	p := &messembed.Presence{UserID: id, Online: u.Presence.Online, CallStatus: u.CallStatus, Raw: u.Presence.Status}
	switch {
	case !p.Online:
		p.Status = messembed.PresenceOffline
	case p.Raw == statusAvailable:
		p.Status = messembed.PresenceOnline
	default:
		p.Status = messembed.PresenceAway
	}
	return p
}

func (p *platform) GetPresence(ctx context.Context, call *messembed.Call, userID string) (*messembed.Presence, error) {
	if err := checkID(call, "userID", userID); err != nil {
		return nil, err
	}
	u, answer, err := adapter.User(ctx, call, opGetUser, messembed.Request{Args: []string{userID}}, adapter.Who{ID: userID}, readUser)
	if err != nil {
		return nil, err
	}
	if u.Presence == nil {
		return nil, call.Unreadable(opGetUser, answer, messembed.BadField("presence", "missing from the response"))
	}
	return u.Presence, nil
}

// SetPresence sets the status that the user shows, but not whether it is
// online: the service derives that from user sessions.
func (p *platform) SetPresence(ctx context.Context, call *messembed.Call, userID string, params messembed.SetPresenceParams) error {
	if err := checkID(call, "userID", userID); err != nil {
		return err
	}
	var problems adapter.Problems
	problems.Add(params.Text != "", "Text: not supported by ChatKitty")
	problems.Add(!params.ExpiresAt.IsZero(), "ExpiresAt: not supported by ChatKitty")
	if err := call.Invalid(problems...); err != nil {
		return err
	}
	status := statusUnavailable
	if params.Status == messembed.PresenceOnline {
		status = statusAvailable
	}
	_, err := p.patch(ctx, call, userID, updateUserBody{Presence: &presenceBody{status}})
	return err
}
