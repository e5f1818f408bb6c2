package messembed

import (
	"context"
	"iter"
	"time"
)

// MessageEvent is one new message.
type MessageEvent struct {
	Message  *Message
	Chat     *Chat // as it was before the message
	Replayed bool  // found by reading back; Chat is nil then
}

// EventOptions say from when on and how messages are heard.
type EventOptions struct {
	Since   time.Time                    // read back from here first; zero: only what comes from now on
	OnState func(ConnectionState, error) // for logs and metrics; must not block
	Buffer  int                          // events held for a slow consumer; 0 means 1024, past it they are read back
}

// ConnectionState is how messages are heard at the moment.
type ConnectionState string

// The states of the connection.
const (
	StateConnected    ConnectionState = "connected"
	StateDisconnected ConnectionState = "disconnected"
	StatePolling      ConnectionState = "polling"
)

// MessageEvents yields every new message of the whole service, in order of
// creation, none twice and none missing, across lost connections, until ctx ends
// (then it just stops) or the credentials are refused (then it yields one error
// and stops).
func (c *Client) MessageEvents(ctx context.Context, o EventOptions) iter.Seq2[*MessageEvent, error] {
	return streamed(c, "MessageEvents", nil, func(call *Caller, yield func(*MessageEvent) bool) error {
		return c.platform.MessageEvents(ctx, call, o, yield)
	})
}
