package socketio

import (
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// The kinds of Socket.IO packets.
const (
	socketConnect = iota
	socketDisconnect
	socketEvent
	socketAck
	socketError
	socketBinaryEvent
	socketBinaryAck
	socketUnknown
)

type socketPacket struct {
	kind        int
	namespace   string
	attachments int
	event       string // the name of an event, if it is a text
	payload     js.Value
}

// maxAttachments is the maximum number of binary attachments in socket.io.
const maxAttachments = 10

var errSocketPacket = errors.New("socketio: malformed packet")

// parseSocketPacket parses <kind>[<attachments>-][<namespace>,][<ack
// id>][<JSON>]. An unknown kind is not an error in socket.io.
func parseSocketPacket(s string) (socketPacket, error) {
	if s == "" {
		return socketPacket{}, errSocketPacket
	}
	p := socketPacket{kind: socketUnknown, namespace: "/"}
	first, size := utf8.DecodeRuneInString(s)
	if !isLooseDigit(first) {
		return p, nil
	}
	if kind := int(js.ToNumber(s[:size])); kind < socketUnknown {
		p.kind = kind
	} else {
		return p, nil
	}
	s = s[size:]
	if p.kind == socketBinaryEvent || p.kind == socketBinaryAck {
		number, rest, found := strings.Cut(s, "-")
		n := js.ToNumber(number)
		if !found || n != math.Trunc(n) || n < 1 || n > maxAttachments {
			return p, errSocketPacket
		}
		p.attachments, s = int(n), rest
	}
	if strings.HasPrefix(s, "/") {
		p.namespace, s, _ = strings.Cut(s, ",")
	}
	s = strings.TrimLeftFunc(s, isLooseDigit)
	if s == "" {
		return p, nil
	}
	payload, err := js.ParseJSON(s)
	if err != nil || !p.takes(payload) {
		return p, errSocketPacket
	}
	p.payload = payload
	return p, nil
}

// isLooseDigit reports whether the character alone is a number in JavaScript.
// White space is: 0.
func isLooseDigit(r rune) bool { return r >= '0' && r <= '9' || js.IsSpace(r) }

// takes reports whether the payload has the type required by the packet's kind,
// and records the name of an event.
func (p *socketPacket) takes(payload js.Value) bool {
	list, isList := payload.(*js.Array)
	_, isObject := payload.(*js.Object)
	_, isText := payload.(js.String)
	switch p.kind {
	case socketConnect:
		return isList || isObject || payload == nil
	case socketError:
		return isList || isObject || isText || payload == nil
	case socketEvent, socketBinaryEvent:
		if !isList || len(list.Items) == 0 {
			return false
		}
		name, named := list.Items[0].(js.String)
		_, numbered := list.Items[0].(float64)
		p.event = string(name)
		return named || numbered
	case socketAck, socketBinaryAck:
		return isList
	default: // a disconnect has no payload
		return false
	}
}

// isComplete reports whether every placeholder in v stands for an existing
// attachment.
func (p *socketPacket) isComplete(v js.Value) bool {
	switch v := v.(type) {
	case *js.Array:
		return !slices.ContainsFunc(v.Items, func(item js.Value) bool { return !p.isComplete(item) })
	case *js.Object:
		if v.Get("_placeholder") == true {
			n, ok := v.Get("num").(float64)
			return ok && n >= 0 && n < float64(p.attachments)
		}
		return !slices.ContainsFunc(v.Properties, func(f js.Property) bool { return !p.isComplete(f.Value) })
	default:
		return true
	}
}
