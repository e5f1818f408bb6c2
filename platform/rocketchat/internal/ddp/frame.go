package ddp

import (
	"encoding/json"
	"errors"
)

// Kind is the type of a frame.
type Kind int

// The kinds of frames that a subscriber has to handle.
const (
	Ignored   Kind = iota // anything else
	Connected             // the response to "connect"
	Failed                // the server speaks another version of DDP
	Ping                  // requires a pong with its id
	Pong
	Result  // of the method ID; Refused if it failed
	Ready   // the subscriptions Subs are active
	NoSub   // the subscription ID has ended; Refused if it never began
	Changed // a user's status changed
)

// Frame is one message from the server.
type Frame struct {
	Kind    Kind
	ID      string
	Subs    []string
	Refused bool
	Change  Change // of a Changed frame
}

// Change is a user's new presence.
type Change struct {
	UserID string
	// Status is "offline", "online", "away" or "busy".
	Status string
	// Text is the user's status text. It is unknown if HasText is false.
	Text    string
	HasText bool
}

// words are the statuses, indexed by the numbers that the streams use for them.
var words = [...]string{"offline", "online", "away", "busy"}

// The streams that report changes, and their subscriptions.
const (
	presenceStream = "stream-user-presence" // for the requested users
	loggedStream   = "stream-notify-logged" // for all users, with many other events
	statusEvent    = "user-status"          // its presence events
)

// errNoFrame is a message that is not a JSON object. Its content is lost, so
// the connection can no longer be trusted.
var errNoFrame = errors.New("ddp: message is not a JSON object")

// Parse reads one message. An unknown JSON object of any form is Ignored;
// anything else is an error.
func Parse(data []byte) (Frame, error) {
	var message struct {
		Msg        json.RawMessage `json:"msg"`
		ID         json.RawMessage `json:"id"`
		Subs       json.RawMessage `json:"subs"`
		Error      json.RawMessage `json:"error"`
		Collection json.RawMessage `json:"collection"`
		Fields     json.RawMessage `json:"fields"`
	}
	if json.Unmarshal(data, &message) != nil {
		return Frame{}, errNoFrame
	}
	frame := Frame{ID: text(message.ID), Refused: len(message.Error) > 0 && string(message.Error) != "null"}
	switch text(message.Msg) {
	case "connected":
		frame.Kind = Connected
	case "failed":
		frame.Kind = Failed
	case "ping":
		frame.Kind = Ping
	case "pong":
		frame.Kind = Pong
	case "result":
		frame.Kind = Result
	case "ready":
		frame.Kind = Ready
		for _, sub := range elements(message.Subs) {
			frame.Subs = append(frame.Subs, text(sub))
		}
	case "nosub":
		frame.Kind = NoSub
	case "changed":
		if change, ok := parseChange(text(message.Collection), frame.ID, message.Fields); ok {
			frame.Kind, frame.Change = Changed, change
		}
	}
	return frame, nil
}

// parseChange reads the fields of a "changed" message. The length of their
// lists varies between versions, and they hold null for unset values.
func parseChange(collection, id string, data json.RawMessage) (Change, bool) {
	var fields struct {
		UID       json.RawMessage `json:"uid"`
		EventName json.RawMessage `json:"eventName"`
		Args      json.RawMessage `json:"args"`
	}
	if json.Unmarshal(data, &fields) != nil {
		return Change{}, false
	}
	args := elements(fields.Args)
	if len(args) == 0 {
		return Change{}, false
	}
	told := elements(args[0])
	switch collection {
	case presenceStream: // [username, status, text]
		for _, uid := range []string{text(fields.UID), text(fields.EventName), id} {
			if uid != "" {
				return changeOf(uid, told)
			}
		}
	case loggedStream: // [id, username, status, text, name, roles]
		if text(fields.EventName) == statusEvent && len(told) > 0 && text(told[0]) != "" {
			return changeOf(text(told[0]), told[1:])
		}
	}
	return Change{}, false
}

// changeOf reads [username, status, text].
func changeOf(uid string, told []json.RawMessage) (Change, bool) {
	if len(told) < 2 {
		return Change{}, false
	}
	change := Change{UserID: uid}
	var number int
	switch {
	case string(told[1]) == "null":
		return Change{}, false
	case json.Unmarshal(told[1], &number) == nil && number >= 0 && number < len(words):
		change.Status = words[number]
	default:
		for _, word := range words {
			if text(told[1]) == word {
				change.Status = word
			}
		}
	}
	if len(told) > 2 {
		change.Text, change.HasText = text(told[2]), true
	}
	return change, change.Status != ""
}

// text returns the value of a JSON string, or "" for anything else.
func text(data json.RawMessage) string {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return ""
	}
	return s
}

// elements returns the elements of an array, or nil for anything else.
func elements(data json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	return list
}
