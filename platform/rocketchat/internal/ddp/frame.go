package ddp

import (
	"encoding/json"
	"errors"
)

// Kind says what a frame is about.
type Kind int

// The kinds of frames that a subscriber has to understand.
const (
	Ignored   Kind = iota // anything else
	Connected             // the answer to "connect"
	Failed                // the server speaks another version of DDP
	Ping                  // wants a pong with its id
	Pong
	Result  // of the method ID; Refused when it failed
	Ready   // the subscriptions Subs stand
	NoSub   // the subscription ID has ended; Refused when it never began
	Changed // a user's status changed
)

// Frame is one message of the server.
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
	// Status is Rocket.Chat's word: "offline", "online", "away" or "busy".
	Status string
	// Text is what the user says about it, if HasText; else the server did not
	// tell.
	Text    string
	HasText bool
}

// words are the statuses by the numbers that the streams have for them.
var words = [...]string{"offline", "online", "away", "busy"}

// The streams that tell of changes, and their subscriptions.
const (
	presenceStream = "stream-user-presence" // of the users who were asked for
	loggedStream   = "stream-notify-logged" // of everybody, and of much else
	statusEvent    = "user-status"          // what of it is presence
)

// errNoFrame is an answer that is no JSON object. What it was meant to tell is
// lost, so the connection cannot be trusted any more.
var errNoFrame = errors.New("ddp: a message that is no JSON object")

// Parse reads one message. What it does not know is Ignored, in any form that is
// a JSON object; only what is none fails.
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

// parseChange reads the fields of a "changed" message. Their lists differ in
// length from version to version, and hold null where a user has none of
// something.
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

// text is a JSON string's; anything else is "".
func text(data json.RawMessage) string {
	var s string
	if json.Unmarshal(data, &s) != nil {
		return ""
	}
	return s
}

// elements are an array's; anything else has none.
func elements(data json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return nil
	}
	return list
}
