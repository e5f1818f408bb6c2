package messembed

import (
	"context"
	"iter"
	"strconv"
	"time"
)

// PresenceStatus is whether a user can be reached now.
type PresenceStatus string

// The states of presence that every service's own words are read as.
const (
	PresenceOnline  PresenceStatus = "online"
	PresenceAway    PresenceStatus = "away"
	PresenceBusy    PresenceStatus = "busy"
	PresenceOffline PresenceStatus = "offline"
)

// Presence is a user's presence at one moment.
type Presence struct {
	UserID     string
	Status     PresenceStatus
	Online     bool
	Text       string // what the user says about it
	CallStatus string // ChatKitty: AVAILABLE or IN_CALL
	Raw        string // the service's own word for Status
}

// SetPresenceParams describe a presence to show.
type SetPresenceParams struct {
	Status    PresenceStatus
	Text      string
	ExpiresAt time.Time // zero: does not end by itself
}

// GetPresence returns a user's presence; an unknown user is ErrNotFound. A
// service without presence ([FeaturePresence]) is ErrUnsupported. It is safe to
// send twice.
func (c *Client) GetPresence(ctx context.Context, userID string, opts ...RequestOption) (*Presence, error) {
	call, err := c.begin(ctx, "GetPresence", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("userID", userID); err != nil {
		return nil, err
	}
	return c.platform.GetPresence(ctx, call, userID)
}

// SetPresence sets what a user shows of itself. What others then see the service
// decides: of a person without a connection Rocket.Chat shows offline whatever was
// set. It is safe to send twice.
func (c *Client) SetPresence(ctx context.Context, userID string, p SetPresenceParams, opts ...RequestOption) error {
	call, err := c.begin(ctx, "SetPresence", opts)
	if err != nil {
		return err
	}
	if err := call.requireID("userID", userID); err != nil {
		return err
	}
	switch p.Status {
	case PresenceOnline, PresenceAway, PresenceBusy, PresenceOffline:
	default:
		return call.Invalid("Status: must be online, away, busy or offline")
	}
	return c.platform.SetPresence(ctx, call, userID, p)
}

// WatchPresence yields the present state of every id at once, then each change,
// until ctx ends; it then just stops. WithTimeout does not end it. Lost
// connections are waited out. Refused credentials are one ErrUnauthenticated and
// the end, a service without presence one ErrUnsupported.
func (c *Client) WatchPresence(ctx context.Context, userIDs []string, opts ...RequestOption) iter.Seq2[*Presence, error] {
	return streamed(ctx, c, "WatchPresence", opts, func(call *Caller, yield func(*Presence) bool) error {
		for i, id := range userIDs {
			if err := call.requireID("userIDs["+strconv.Itoa(i)+"]", id); err != nil {
				return err
			}
		}
		call.deadline = time.Time{} // it lasts as long as ctx
		err := c.platform.WatchPresence(ctx, call, userIDs, yield)
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
}
