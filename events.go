package messembed

import (
	"context"
	"iter"
	"time"
)

// MessageEvent is a new message.
type MessageEvent struct {
	Message *Message
	// Chat is the message's chat as it was before the message, including its
	// LastMessage and counters. It is nil if Replayed is true.
	Chat *Chat
	// Replayed reports that the message was read back rather than received
	// live: because of Since, after a lost connection, after an overflow of
	// Buffer, or while polling.
	Replayed bool

	stream *eventPosition // for Position
	number int
	last   time.Time
}

// EventOptions configures [Client.MessageEvents].
type EventOptions struct {
	// Position makes the range go on behind the event that had it, see
	// [MessageEvent.Position]. Nothing older comes, and nothing twice. It is
	// ErrInvalidArgument if it is no position or damaged, or if Since is set,
	// too. Without one, a range begins at Since or now.
	Position Position
	// Since makes the range begin with the messages created at this time or
	// later, by the service's clock. The zero time means only new messages: what
	// exists when the range begins is left out, and so may be what is created
	// within its first second. Messages created after OnState reported
	// [StateConnected] or [StatePolling] are always yielded.
	Since time.Time
	// OnState is called on every connection change and on every failure, with
	// an [*Error] or nil. It is for logs and metrics. It is never called
	// concurrently, must not block, and is not called after the range has
	// ended.
	OnState func(ConnectionState, error)
	// Buffer is the number of events held for a slow consumer; 0 means 1024.
	// Events beyond it, or beyond 16 KiB times it, are read back later, with
	// Replayed set.
	Buffer int
}

// ConnectionState is how messages are currently received.
type ConnectionState string

// The connection states.
const (
	// StateConnected means live, over a websocket.
	StateConnected ConnectionState = "connected"
	// StateDisconnected means not at all; missed messages will be read back.
	StateDisconnected ConnectionState = "disconnected"
	// StatePolling means reading back once a second, because websockets are
	// refused or cannot carry the client's credentials.
	StatePolling ConnectionState = "polling"
)

// MessageEvents yields every new message of the whole service exactly once,
// across lost connections, until ctx ends; it then stops without an error. Live
// messages come in the order in which the service announces them, messages read
// back in order of creation. A range is meant to last as long as the program:
//
//	for event, err := range client.MessageEvents(ctx, messembed.EventOptions{}) {
//		if err != nil {
//			return err // rejected credentials, or a wrong base URL
//		}
//		fmt.Println(event.Message.Content)
//	}
//
// It checks the credentials, connects and keeps the connection alive. It
// detects a dead server, reconnects with the backoff of [RetryPolicy] for as
// long as it takes, and reads back the messages it missed. A slow consumer does
// not hold up the connection: events that do not fit into Buffer are read back
// when their turn comes.
//
// A program that is to go on where it stopped stores the [MessageEvent.Position]
// of each event together with what it did about it.
//
// One limitation: after a reconnect, reading back starts two seconds before the
// last message seen. A message that the service stores more than two seconds
// after its timestamp, or timestamps by a clock that was set back, can be
// missed if the connection was down at that time.
//
// An error is always the last element. It is ErrUnauthenticated;
// ErrUnsupported, if there is no such service at the base URL or the platform
// has no live events; or ErrInvalidArgument. All other failures are retried and
// reported to OnState. [WithAttemptTimeout] limits the handshake; [WithTimeout]
// does not end the range. The live protocol supports [WithBasicAuth] only: with
// any other authentication MessageEvents polls.
//
// Server: socket.io/ (event admin__new_message) and GET
// /admin-api/messages?after=
func (c *Client) MessageEvents(ctx context.Context, o EventOptions) iter.Seq2[*MessageEvent, error] {
	return streamed(ctx, c, "MessageEvents", nil, func(call *Call, yield func(*MessageEvent) bool) error {
		if err := call.checkEventOptions(o); err != nil {
			return err
		}
		events, err := feature[PlatformEvents](call)
		if err != nil {
			return err
		}
		return events.MessageEvents(ctx, call, o, yield)
	})
}

func (call *Call) checkEventOptions(o EventOptions) error {
	var problems problems
	if o.Buffer < 0 {
		problems.add("Buffer: must not be negative")
	}
	if year := o.Since.UTC().Year(); year < 0 || year > 9999 {
		problems.add("Since: year must be from 0 to 9999")
	}
	if o.Position != "" && !o.Since.IsZero() {
		problems.add("Position: must be empty if Since is set")
	}
	return call.Invalid(problems...)
}
