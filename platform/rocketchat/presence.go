package rocketchat

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"unicode/utf16"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

// presenceOf converts the service's status.
func presenceOf(userID, word, text string) *messembed.Presence {
	p := &messembed.Presence{UserID: userID, Status: messembed.PresenceOffline, Text: text, Raw: word}
	switch word {
	case "online":
		p.Status = messembed.PresenceOnline
	case "away":
		p.Status = messembed.PresenceAway
	case "busy":
		p.Status = messembed.PresenceBusy
	}
	p.Online = p.Status != messembed.PresenceOffline
	return p
}

const offline = "offline"

// GetPresence reads the user, since no presence route returns both the text and
// whether the user exists.
func (p *platform) GetPresence(ctx context.Context, call *messembed.Call, userID string) (*messembed.Presence, error) {
	u, err := p.GetUser(ctx, call, userID)
	if err != nil {
		return nil, err
	}
	if u.Presence == nil {
		return presenceOf(userID, offline, ""), nil
	}
	return u.Presence, nil
}

// maxStatusText is the length at which the service truncates, in UTF-16 code
// units.
const maxStatusText = 120

// SetPresence replaces status and text together. Online without a text clears
// what was set before: the service then follows the user's connections again.
func (*platform) SetPresence(ctx context.Context, call *messembed.Call, userID string, p messembed.SetPresenceParams) error {
	var found adapter.Problems
	found.Text("Text", p.Text)
	found.Add(len(utf16.Encode([]rune(p.Text))) > maxStatusText, "Text: must not be longer than 120 characters")
	found.Add(!p.ExpiresAt.IsZero() && p.Status == messembed.PresenceOnline && p.Text == "",
		"ExpiresAt: not supported by Rocket.Chat for online without a Text")
	if err := call.Invalid(found...); err != nil {
		return err
	}
	body := struct {
		UserID    string `json:"userId"`
		Status    string `json:"status"`
		Message   string `json:"message"`
		ExpiresAt string `json:"expiresAt,omitempty"`
	}{UserID: userID, Status: string(p.Status), Message: p.Text}
	if !p.ExpiresAt.IsZero() {
		body.ExpiresAt = p.ExpiresAt.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return done(ctx, call, opSetPresence, messembed.Request{Body: body})
}

// presences reads the states of several users at once. A user missing from the
// response is offline with an unknown text: older servers leave offline users
// out, and all others have a state.
func (p *platform) presences(ctx context.Context, call *messembed.Call, ids []string) ([]ddp.Change, error) {
	var said struct {
		Users []struct {
			ID     adapter.Loose[string] `json:"_id"`
			Status adapter.Loose[string] `json:"status"`
			Text   adapter.Loose[string] `json:"statusText"`
		} `json:"users"`
		Full adapter.Loose[bool] `json:"full"`
	}
	query := url.Values{"ids": {strings.Join(ids, ",")}}
	answer, err := call.Decode(ctx, opWatchPresence, messembed.Request{Query: query.Encode()}, &said)
	switch {
	case err != nil:
		return nil, err
	case said.Users == nil:
		return nil, call.Unreadable(opWatchPresence, answer, messembed.BadField("users", "missing from the response"))
	case said.Full.Value:
		// A request for some users never returns all of them: the workspace has
		// switched its presence broadcast off and returns an empty list
		// whatever is requested.
		return nil, errBroadcastOff
	}
	told := make(map[string]ddp.Change, len(said.Users))
	for _, u := range said.Users {
		if u.Status.Value != "" {
			told[u.ID.Value] = ddp.Change{UserID: u.ID.Value, Status: u.Status.Value, Text: u.Text.Value, HasText: true}
		}
	}
	states := make([]ddp.Change, len(ids))
	for i, id := range ids {
		states[i] = told[id]
		if states[i].UserID == "" {
			states[i] = ddp.Change{UserID: id, Status: offline}
		}
	}
	return states, nil
}

// errBroadcastOff is not returned to the caller.
var errBroadcastOff = errors.New("rocketchat: the presence broadcast is off")

// presence reads the state of one user, for a workspace that does not report
// several at once. An unknown user is offline.
func (p *platform) presence(ctx context.Context, call *messembed.Call, id string) (ddp.Change, error) {
	state, err := p.GetPresence(ctx, call, id)
	switch {
	case errors.Is(err, messembed.ErrNotFound):
		return ddp.Change{UserID: id, Status: offline}, nil
	case err != nil:
		return ddp.Change{}, err
	}
	return ddp.Change{UserID: id, Status: state.Raw, Text: state.Text, HasText: true}, nil
}
