package engineio

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Kind says what a packet means to its receiver.
type Kind int

const (
	// Ignored packets are valid but of no interest: noops, pongs,
	// acknowledgements, binary events, other namespaces.
	Ignored Kind = iota
	// Open is the server's first packet: how often it wants to be pinged.
	Open
	// Connected means that the namespace "/" is joined; events follow.
	Connected
	// Refused is the server's error packet for the namespace "/".
	Refused
	// Message is an event.
	Message
	// Closed means that the server will send nothing more.
	Closed
)

// Event is what a server emitted.
type Event struct {
	// Name is the event's name, the first element of the packet's array.
	Name string
	// Args are the elements after the name, as one JSON array. What is between
	// its brackets is as the server wrote it and is not validated, since
	// decoding does that.
	Args json.RawMessage
}

// Packet is one parsed text frame.
type Packet struct {
	Kind Kind
	// Event belongs to Message.
	Event Event
	// PingInterval and PingTimeout belong to Open; zero if the server gives
	// none that can be understood.
	PingInterval, PingTimeout time.Duration
}

// The first character of a frame is Engine.IO's; after a '4', the second is Socket.IO's.
const (
	engineOpen    = '0'
	engineClose   = '1'
	enginePing    = '2'
	enginePong    = '3'
	engineMessage = '4'
	engineUpgrade = '5'
	engineNoop    = '6'
	engineBase64  = 'b' // binary data on a text-only transport

	socketConnect    = '0'
	socketDisconnect = '1'
	socketEvent      = '2'
	socketError      = '4'
)

// Parse parses one text frame. It neither keeps nor changes frame. Its error is
// [ErrProtocol], for what a Socket.IO 2 client cannot recover from: a frame
// that is not a packet, or an event whose beginning cannot be read. Since such
// an event may matter, reconnect and make up for what was missed.
func Parse(frame []byte) (Packet, error) {
	if len(frame) == 0 {
		return Packet{}, fmt.Errorf("%w: empty frame", ErrProtocol)
	}
	switch frame[0] {
	case engineOpen:
		return parseOpen(frame[1:])
	case engineClose:
		return Packet{Kind: Closed}, nil
	case enginePing, enginePong, engineUpgrade, engineNoop, engineBase64:
		return Packet{}, nil
	case engineMessage:
		return parseMessage(frame[1:])
	default:
		return Packet{}, fmt.Errorf("%w: unknown Engine.IO packet", ErrProtocol)
	}
}

func parseOpen(data []byte) (Packet, error) {
	var open struct {
		PingInterval json.RawMessage `json:"pingInterval"`
		PingTimeout  json.RawMessage `json:"pingTimeout"`
	}
	if err := json.Unmarshal(data, &open); err != nil {
		return Packet{}, fmt.Errorf("%w: malformed open packet", ErrProtocol)
	}
	return Packet{
		Kind:         Open,
		PingInterval: milliseconds(open.PingInterval),
		PingTimeout:  milliseconds(open.PingTimeout),
	}, nil
}

// milliseconds parses a JSON number of milliseconds: 0 if it is not a positive
// number, at most a day.
func milliseconds(text json.RawMessage) time.Duration {
	const limit = 24 * time.Hour
	ms, _ := strconv.ParseFloat(string(text), 64) // 0 if it is not a number, infinity if it is too large
	switch {
	case ms <= 0:
		return 0
	case ms >= float64(limit/time.Millisecond):
		return limit
	default:
		return time.Duration(ms * float64(time.Millisecond))
	}
}

// parseMessage parses a Socket.IO packet:
// <type>[<attachments>-][<namespace>,][<ack id>][<JSON>].
func parseMessage(data []byte) (Packet, error) {
	if len(data) == 0 {
		return Packet{}, fmt.Errorf("%w: empty message", ErrProtocol)
	}
	kind, rest := data[0], data[1:]
	switch kind {
	case socketConnect, socketDisconnect, socketEvent, socketError:
	default:
		return Packet{}, nil
	}
	rest, ours := cutNamespace(rest)
	if !ours {
		return Packet{}, nil
	}
	switch kind {
	case socketConnect:
		return Packet{Kind: Connected}, nil
	case socketDisconnect:
		return Packet{Kind: Closed}, nil
	case socketError:
		return Packet{Kind: Refused}, nil
	default:
		return parseEvent(bytes.TrimLeft(rest, "0123456789"))
	}
}

// cutNamespace removes the namespace. ours reports whether it is the joined
// one, "/", which is usually omitted.
func cutNamespace(data []byte) (rest []byte, ours bool) {
	if len(data) == 0 || data[0] != '/' {
		return data, true
	}
	namespace, rest, _ := bytes.Cut(data, []byte{','})
	return rest, len(namespace) == 1
}

var errMalformedEvent = fmt.Errorf("%w: malformed event", ErrProtocol)

// parseEvent parses ["name",arg,…] up to the name: the arguments may be large,
// and their decoder validates them anyway.
func parseEvent(data []byte) (Packet, error) {
	const space = " \t\r\n"
	data = bytes.Trim(data, space)
	if len(data) == 0 || data[0] != '[' || data[len(data)-1] != ']' {
		return Packet{}, errMalformedEvent
	}
	data = bytes.TrimLeft(data[1:], space)
	if data[0] != '"' {
		return Packet{}, nilUnlessNumber(data[0])
	}
	end := stringEnd(data)
	if end < 0 {
		return Packet{}, errMalformedEvent
	}
	name, ok := unquote(data[:end])
	if !ok {
		return Packet{}, errMalformedEvent
	}
	data = bytes.TrimLeft(data[end:], space)
	args := json.RawMessage("[]")
	switch {
	case data[0] == ',':
		args = make([]byte, len(data))
		copy(args, data)
		args[0] = '['
	case len(data) > 1: // something other than the closing bracket after the name
		return Packet{}, errMalformedEvent
	}
	return Packet{Kind: Message, Event: Event{Name: name, Args: args}}, nil
}

// nilUnlessNumber accepts an event whose name is a number: JavaScript may emit
// one, and nobody here listens for it.
func nilUnlessNumber(first byte) error {
	if first == '-' || '0' <= first && first <= '9' {
		return nil
	}
	return errMalformedEvent
}

// stringEnd returns the length of the JSON string at the beginning of data, or -1.
func stringEnd(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// unquote decodes a JSON string. Names are usually plain words, which need no decoder.
func unquote(quoted []byte) (string, bool) {
	inner := quoted[1 : len(quoted)-1]
	for _, c := range inner {
		if c < ' ' || c > '~' || c == '\\' {
			var s string
			err := json.Unmarshal(quoted, &s)
			return s, err == nil
		}
	}
	return string(inner), true
}
