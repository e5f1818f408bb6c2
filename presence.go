package messembed

import (
	"context"
	"iter"
	"strconv"
	"time"
)

// PresenceStatus is whether a user can be reached.
type PresenceStatus string

// The presence statuses, to which the services' own words are mapped.
const (
	PresenceOnline  PresenceStatus = "online"
	PresenceAway    PresenceStatus = "away"
	PresenceBusy    PresenceStatus = "busy"
	PresenceOffline PresenceStatus = "offline"
)

// Presence is a user's presence at one moment.
type Presence struct {
	UserID     string         `json:"userId,omitzero"`
	Status     PresenceStatus `json:"status,omitzero"`
	Online     bool           `json:"online,omitzero"`     // Rocket.Chat: Status is not offline; ChatKitty: the user has an open session
	Text       string         `json:"text,omitzero"`       // status text set for the user, if any
	CallStatus string         `json:"callStatus,omitzero"` // ChatKitty only: AVAILABLE or IN_CALL
	Raw        string         `json:"-"`                   // the service's own word for Status
}

// SetPresenceParams describes a presence to show.
type SetPresenceParams struct {
	Status    PresenceStatus
	Text      string
	ExpiresAt time.Time // zero means that it does not expire
}

// GetPresence returns a user's presence. An unknown user is ErrNotFound, a
// service without presence ([FeaturePresence]) ErrUnsupported. It is safe to
// retry.
func (c *Client) GetPresence(ctx context.Context, userID string, opts ...RequestOption) (*Presence, error) {
	call, err := c.begin(ctx, "GetPresence", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("userID", userID); err != nil {
		return nil, err
	}
	presence, err := feature[PlatformPresence](call)
	if err != nil {
		return nil, err
	}
	return presence.GetPresence(ctx, call, userID)
}

// SetPresence sets the presence that a user shows. The service decides what
// others see: Rocket.Chat shows a disconnected user as offline, whatever was
// set. An unknown Status, or a Text or ExpiresAt that the service cannot store,
// is ErrInvalidArgument. It is safe to retry.
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
	presence, err := feature[PlatformPresence](call)
	if err != nil {
		return err
	}
	return presence.SetPresence(ctx, call, userID, p)
}

// WatchPresence yields the current presence of each user at once, then every
// change, until ctx ends; it then stops without an error. Ids that occur more
// than once are watched once, unknown ids are reported as offline, and an empty
// id is ErrInvalidArgument. An empty userIDs yields nothing.
//
// Lost connections and other temporary failures are retried for as long as it
// takes; WithTimeout does not end the watch. A permanent failure is yielded
// once, as the last element: ErrUnauthenticated, ErrPermissionDenied or, on a
// service without presence, ErrUnsupported. See [WithPollInterval] for services
// that are polled.
func (c *Client) WatchPresence(ctx context.Context, userIDs []string, opts ...RequestOption) iter.Seq2[*Presence, error] {
	return streamed(ctx, c, "WatchPresence", opts, func(call *Call, yield func(*Presence) bool) error {
		for i, id := range userIDs {
			if err := call.requireID("userIDs["+strconv.Itoa(i)+"]", id); err != nil {
				return err
			}
		}
		call.deadline = time.Time{} // it lasts as long as ctx
		presence, err := feature[PlatformPresence](call)
		if err == nil {
			err = presence.WatchPresence(ctx, call, userIDs, yield)
		}
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
}
