package messembedtest

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
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
}

// maxAttachments is how many binary attachments socket.io takes.
const maxAttachments = 10

var errSocketPacket = errors.New("messembedtest: malformed Socket.IO packet")

// parseSocketPacket reads <kind>[<attachments>-][<namespace>,][<ack id>][<JSON>]. A kind that does not exist is no error to socket.io.
func parseSocketPacket(text string) (socketPacket, error) {
	if text == "" {
		return socketPacket{}, errSocketPacket
	}
	p := socketPacket{kind: int(text[0]) - '0', namespace: "/"}
	if p.kind < 0 || p.kind >= socketUnknown {
		return socketPacket{kind: socketUnknown}, nil
	}
	text = text[1:]
	if p.kind == socketBinaryEvent || p.kind == socketBinaryAck {
		digits, rest, found := strings.Cut(text, "-")
		n, err := strconv.Atoi(digits)
		if !found || err != nil || n < 1 || n > maxAttachments {
			return p, errSocketPacket
		}
		p.attachments, text = n, rest
	}
	if strings.HasPrefix(text, "/") {
		p.namespace, text, _ = strings.Cut(text, ",")
	}
	text = strings.TrimLeft(text, "0123456789")
	if text == "" {
		return p, nil
	}
	var payload any
	if json.Unmarshal([]byte(text), &payload) != nil || !p.takes(payload) {
		return p, errSocketPacket
	}
	return p, nil
}

// takes tells whether the payload is of the type that the packet's kind has, and notes the name of an event.
func (p *socketPacket) takes(payload any) bool {
	list, isList := payload.([]any)
	_, isObject := payload.(map[string]any)
	_, isText := payload.(string)
	switch p.kind {
	case socketConnect:
		return isList || isObject || payload == nil
	case socketError:
		return isList || isObject || isText || payload == nil
	case socketEvent, socketBinaryEvent:
		if len(list) == 0 {
			return false
		}
		var named bool
		p.event, named = list[0].(string)
		_, numbered := list[0].(float64)
		return named || numbered
	case socketAck, socketBinaryAck:
		return isList
	default: // a disconnect has none
		return false
	}
}
