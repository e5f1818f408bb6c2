package messembedtest

import (
	"errors"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
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
	event       string // of the two kinds of events, when it is text
	payload     value
}

// maxAttachments is how many binary attachments socket.io takes.
const maxAttachments = 10

var errSocketPacket = errors.New("messembedtest: malformed Socket.IO packet")

// parseSocketPacket reads <kind>[<attachments>-][<namespace>,][<ack id>][<JSON>]. A kind that does not exist is no error to socket.io.
func parseSocketPacket(s string) (socketPacket, error) {
	if s == "" {
		return socketPacket{}, errSocketPacket
	}
	p := socketPacket{kind: socketUnknown, namespace: "/"}
	first, size := utf8.DecodeRuneInString(s)
	if !isLooseDigit(first) {
		return p, nil
	}
	if kind := int(toNumber(s[:size])); kind < socketUnknown {
		p.kind = kind
	} else {
		return p, nil
	}
	s = s[size:]
	if p.kind == socketBinaryEvent || p.kind == socketBinaryAck {
		number, rest, found := strings.Cut(s, "-")
		n := toNumber(number)
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
	payload, err := parseJSON(s)
	if err != nil || !p.takes(payload) {
		return p, errSocketPacket
	}
	p.payload = payload
	return p, nil
}

// isLooseDigit tells whether the character alone is a number to JavaScript, as a blank is: 0.
func isLooseDigit(r rune) bool { return r >= '0' && r <= '9' || isSpace(r) }

// takes tells whether the payload is of the type that the packet's kind has, and notes the name of an event.
func (p *socketPacket) takes(payload value) bool {
	list, isList := payload.(*array)
	_, isObject := payload.(*object)
	_, isText := payload.(text)
	switch p.kind {
	case socketConnect:
		return isList || isObject || payload == nil
	case socketError:
		return isList || isObject || isText || payload == nil
	case socketEvent, socketBinaryEvent:
		if !isList || len(list.items) == 0 {
			return false
		}
		name, named := list.items[0].(text)
		_, numbered := list.items[0].(float64)
		p.event = string(name)
		return named || numbered
	case socketAck, socketBinaryAck:
		return isList
	default: // a disconnect has none
		return false
	}
}

// isComplete tells whether every placeholder in v stands for an attachment that there is.
func (p *socketPacket) isComplete(v value) bool {
	switch v := v.(type) {
	case *array:
		return !slices.ContainsFunc(v.items, func(item value) bool { return !p.isComplete(item) })
	case *object:
		if v.get("_placeholder") == true {
			n, ok := v.get("num").(float64)
			return ok && n >= 0 && n < float64(p.attachments)
		}
		return !slices.ContainsFunc(v.fields, func(f field) bool { return !p.isComplete(f.value) })
	default:
		return true
	}
}
