package chatkitty

import (
	"context"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// The service's words for presence.status. It takes any text; these are all that its documentation
// shows.
const (
	statusAvailable   = "AVAILABLE"
	statusUnavailable = "UNAVAILABLE"
)

// readPresence puts the two things that the service knows into one word: whether a user has a
// session, and what it shows of itself.
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

func (p *platform) GetPresence(ctx context.Context, call *messembed.Caller, userID string) (*messembed.Presence, error) {
	if err := checkID(call, "userID", userID); err != nil {
		return nil, err
	}
	u, answer, err := adapter.User(ctx, call, opGetUser, messembed.Request{Args: []string{userID}}, readUser)
	if err != nil {
		return nil, err
	}
	if u.Presence == nil {
		return nil, call.Unreadable(opGetUser, answer, messembed.BadField("presence", "missing from the response"))
	}
	u.Presence.UserID = userID
	return u.Presence, nil
}

// SetPresence sets what the user shows of itself. Online is not in it: the service knows that from
// user sessions.
func (p *platform) SetPresence(ctx context.Context, call *messembed.Caller, userID string, params messembed.SetPresenceParams) error {
	if err := checkID(call, "userID", userID); err != nil {
		return err
	}
	var problems adapter.Problems
	problems.Add(params.Text != "", "Text: ChatKitty's presence has none")
	problems.Add(!params.ExpiresAt.IsZero(), "ExpiresAt: ChatKitty's presence does not end by itself")
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
