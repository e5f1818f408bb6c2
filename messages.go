package messembed

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"time"
)

// Attachment is what an application puts beside a message's text; "type" and
// "url" by convention.
type Attachment map[string]any

// Message is one message of a chat.
type Message struct {
	ID                                        string // 24 hexadecimal digits
	CreatedAt, UpdatedAt, DeletedAt, EditedAt time.Time
	ChatID, UserID, Content                   string
	Read                                      bool
	Attachments                               []Attachment
	ExternalMetadata, PrivateExternalMetadata Metadata
	DeletedFor                                []string        // ids of the users who deleted it for themselves
	Raw                                       json.RawMessage // the service's own words
}

// String is short: fmt would show Raw as a list of numbers.
func (m *Message) String() string {
	return fmt.Sprintf("Message{ID:%s ChatID:%s UserID:%q Content:%q}", m.ID, m.ChatID, m.UserID, m.Content)
}

// CreateMessageParams describe a message to send in a user's name.
type CreateMessageParams struct {
	ChatID, UserID                            string
	Content                                   string // may be empty
	Attachments                               []Attachment
	ExternalMetadata, PrivateExternalMetadata Metadata
}

// ListMessagesParams choose messages.
type ListMessagesParams struct {
	ChatID        string    // "": of every chat
	After         time.Time // created then or later, to the millisecond; zero: from the beginning
	Before        time.Time // created earlier; zero: to the end
	Offset, Limit int       // Messages: Limit is the page size, 0 means 100
	Read          *bool     // nil: both; only with ChatID
}

// MessagePage is a part of a list of messages, oldest first.
type MessagePage struct{ Messages []*Message }

// CreateMessage sends a message in a user's name. A chat that is not there, or
// that the user is not in, is ErrNotFound; a blocked user ErrUserBlocked, a
// blocked chat ErrChatInactive.
//
// A message has no key by which a second one would be noticed: it is sent again
// only where nothing was sent or the service has said that it did nothing
// (connection refused, 429, 503). After any other failure the error's
// MaybeApplied tells that the message may be there.
//
// Server: POST /admin-api/chats/{id}/messages
func (c *Client) CreateMessage(ctx context.Context, p CreateMessageParams, opts ...RequestOption) (*Message, error) {
	call, err := c.begin(ctx, "CreateMessage", opts)
	if err != nil {
		return nil, err
	}
	return c.platform.CreateMessage(ctx, call, p)
}

// ListMessages returns messages of a chat or of all, oldest first; Limit 0 means
// all. A chat that is not there is ErrNotFound. Read without ChatID is
// ErrUnsupported. It is safe to send twice.
//
// Server: GET /admin-api/chats/{id}/messages or GET /admin-api/messages
func (c *Client) ListMessages(ctx context.Context, p ListMessagesParams, opts ...RequestOption) (*MessagePage, error) {
	call, err := c.begin(ctx, "ListMessages", opts)
	if err != nil {
		return nil, err
	}
	if err := call.checkListMessages(p); err != nil {
		return nil, err
	}
	return c.platform.ListMessages(ctx, call, p)
}

func (call *Caller) checkListMessages(p ListMessagesParams) error {
	var problems problems
	for _, n := range []struct {
		name  string
		value int
	}{{"Limit", p.Limit}, {"Offset", p.Offset}} {
		switch {
		case n.value < 0:
			problems.add(n.name + ": must not be negative")
		case n.value > math.MaxInt32:
			problems.add(n.name + ": must not be more than 2147483647")
		}
	}
	for _, t := range []struct {
		name  string
		value time.Time
	}{{"After", p.After}, {"Before", p.Before}} {
		if year := t.value.UTC().Year(); year < 0 || year > 9999 {
			problems.add(t.name + ": the year must be from 0 to 9999")
		}
	}
	return call.Invalid(problems...)
}

const defaultMessagePage = 100

// Messages walks messages, oldest first, page by page of Limit (0 means 100)
// until there are no more. Messages that share a millisecond are neither skipped
// nor repeated. A failure is the last thing that it yields. Ranging twice asks
// twice. WithTimeout bounds each page.
//
// Server: GET /admin-api/chats/{id}/messages or GET /admin-api/messages
func (c *Client) Messages(ctx context.Context, p ListMessagesParams, opts ...RequestOption) iter.Seq2[*Message, error] {
	return streamed(ctx, c, "Messages", opts, func(call *Caller, yield func(*Message) bool) error {
		if err := call.checkListMessages(p); err != nil {
			return err
		}
		return c.walkMessages(ctx, call, p, yield)
	})
}

// walkMessages steps by time: each page begins, inclusively, with the
// millisecond in which the one before ended, and has room for the messages of
// that millisecond that have come already, which are known by id. Offset is
// counted here, since the service would count it from each page's beginning.
func (c *Client) walkMessages(ctx context.Context, call *Caller, p ListMessagesParams, yield func(*Message) bool) error {
	size, skip := p.Limit, p.Offset
	if size == 0 {
		size = defaultMessagePage
	}
	p.Offset = 0
	seen := map[string]bool{} // the ids of the millisecond at p.After
	for {
		p.Limit = size + len(seen)
		call.Renew()
		page, err := c.platform.ListMessages(ctx, call, p)
		if err != nil {
			return err
		}
		progress := false
		for _, m := range page.Messages {
			if seen[m.ID] {
				continue
			}
			if m.CreatedAt.Before(p.After) {
				return call.failLast(ErrInvalidResponse,
					"messages: are not those that were asked for, or not in the order of their creation")
			}
			progress = true
			if !m.CreatedAt.Equal(p.After) {
				p.After = m.CreatedAt
				clear(seen)
			}
			seen[m.ID] = true
			if skip > 0 {
				skip--
				continue
			}
			if !yield(m) {
				return nil
			}
		}
		if len(page.Messages) < p.Limit || !progress {
			return nil
		}
	}
}
