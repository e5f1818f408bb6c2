package messembed

import (
	"context"
	"iter"
	"time"
)

// MessageEvent is one new message.
type MessageEvent struct {
	Message *Message
	// Chat is the message's chat as it was before the message: its LastMessage
	// and its counters are those of before. nil when Replayed.
	Chat *Chat
	// Replayed tells that the message was found by reading back: for Since, after
	// a lost connection, after an overflow, or while polling.
	Replayed bool
}

// EventOptions say from when on and how messages are heard.
type EventOptions struct {
	// Since is where to begin: every message created then or later comes, read
	// back first. Zero, or a time in the future: only what comes from now on, by the
	// service's clock, which tells whole seconds. What is created after
	// [StateConnected] or [StatePolling] was told always comes; who must not miss a
	// message of the second before names the time.
	Since time.Time
	// OnState hears of each change of the connection, and of what went wrong: an
	// [*Error], or nil. It is for logs and metrics, is never called concurrently,
	// must not block, and is not called after the range has ended.
	OnState func(ConnectionState, error)
	// Buffer is how many events are held for a slow consumer; 0 means 1024. Past
	// it they are read back, which makes them Replayed.
	Buffer int
}

// ConnectionState is how messages are heard at the moment.
type ConnectionState string

// The states of the connection.
const (
	// StateConnected: live, over a websocket.
	StateConnected ConnectionState = "connected"
	// StateDisconnected: not at all; what is missed will be read back.
	StateDisconnected ConnectionState = "disconnected"
	// StatePolling: by reading back once a second, where websockets are refused
	// or have no place for the client's credentials.
	StatePolling ConnectionState = "polling"
)

// MessageEvents yields every new message of the whole service, in order of
// creation, none twice and none missing, across lost connections, until ctx ends
// (then it just stops) or the credentials are refused (then it yields one error
// and stops). It is for as long as a program runs:
//
//	for event, err := range client.MessageEvents(ctx, messembed.EventOptions{}) {
//		if err != nil {
//			return err // refused credentials, or a wrong base URL
//		}
//		fmt.Println(event.Message.Content)
//	}
//
// It checks the credentials, connects, and keeps the connection alive; it
// notices a server that has died, connects again with the backoff of [RetryPolicy]
// for as long as it takes, and reads back what came meanwhile. Live events come in
// the order in which the service announces them, read-back ones by creation. A
// consumer may take its time: the connection does not wait for it, and what does
// not fit into Buffer is read back when its turn comes.
//
// "None missing" has a limit of two seconds: so much before the last message seen
// reading back begins. A message that the service stores later than that after it
// has dated it, or dates by a clock that was set back, can be missed when the
// connection was down just then.
//
// It fails only with ErrUnauthenticated, with ErrUnsupported when there is no such
// service at the base URL or the platform has no live events, and with
// ErrInvalidArgument. Everything else is waited out and told to OnState.
// [WithAttemptTimeout] bounds a handshake; [WithTimeout] does not end the range.
// Only [WithBasicAuth] has a place in the live events' protocol: with any other
// authentication it polls.
//
// Server: socket.io/ (event admin__new_message) and GET /admin-api/messages?after=
func (c *Client) MessageEvents(ctx context.Context, o EventOptions) iter.Seq2[*MessageEvent, error] {
	return streamed(ctx, c, "MessageEvents", nil, func(call *Caller, yield func(*MessageEvent) bool) error {
		if o.Buffer < 0 {
			return call.Invalid("Buffer: must not be negative")
		}
		return c.platform.MessageEvents(ctx, call, o, yield)
	})
}
