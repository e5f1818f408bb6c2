package messembed

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"time"
)

// Attachment is an object that an application attaches to a message, by
// convention with the keys "type" and "url".
type Attachment map[string]any

// Message is a message of a chat.
type Message struct {
	ID                      string          `json:"id,omitzero"` // 24 hexadecimal digits
	CreatedAt               time.Time       `json:"createdAt,omitzero"`
	UpdatedAt               time.Time       `json:"updatedAt,omitzero"`
	DeletedAt               time.Time       `json:"deletedAt,omitzero"`
	EditedAt                time.Time       `json:"editedAt,omitzero"`
	ChatID                  string          `json:"chatId,omitzero"`
	UserID                  string          `json:"userId,omitzero"`
	Content                 string          `json:"content,omitzero"`
	Read                    bool            `json:"read,omitzero"`
	Attachments             []Attachment    `json:"attachments,omitzero"`
	ExternalMetadata        Metadata        `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata        `json:"privateExternalMetadata,omitzero"`
	DeletedFor              []string        `json:"deletedFor,omitzero"` // ids of the users who deleted it for themselves
	Raw                     json.RawMessage `json:"-"`                   // the message as the service sent it
}

// String returns a short form without Raw, which fmt would print as a list of
// numbers.
func (m *Message) String() string {
	return fmt.Sprintf("Message{ID:%s ChatID:%s UserID:%q Content:%q}", m.ID, m.ChatID, m.UserID, m.Content)
}

// CreateMessageParams describes a message to send in a user's name.
type CreateMessageParams struct {
	ChatID, UserID                            string
	Content                                   string // may be empty
	Attachments                               []Attachment
	ExternalMetadata, PrivateExternalMetadata Metadata
}

// ListMessagesParams selects messages. Times are rounded up to the millisecond.
// If After is not before Before, nothing is selected. Of the selected messages
// the first Offset are skipped. Limit is the largest number to return or, for
// [Client.Messages], the page size.
type ListMessagesParams struct {
	ChatID        string    // "" selects messages of every chat
	After         time.Time // created at this time or later; zero means from the beginning
	Before        time.Time // created before this time; zero means to the end
	Offset, Limit int       // Limit 0 means all; for Messages, pages of 100
	Read          *bool     // nil selects both; allowed only with ChatID
}

// MessagePage is a part of a list of messages, oldest first.
type MessagePage struct{ Messages []*Message }

// CreateMessage sends a message in a user's name. It returns ErrNotFound if the
// chat does not exist or the user is not in it, ErrUserBlocked if the user is
// blocked, ErrChatInactive if the chat is, and, on Messembed, ErrInvalidArgument
// if ChatID is not 24 hexadecimal digits, and ErrTooLarge if the message makes
// more than 100 KiB of JSON.
//
// CreateMessage is not safe to retry, since a message has no key that would
// reveal a duplicate. The SDK retries it only if nothing was sent, or the
// service said that it did nothing (429, 503). After any other failure
// MaybeApplied says that the message may have been stored.
//
// Server: POST /admin-api/chats/{id}/messages
func (c *Client) CreateMessage(ctx context.Context, p CreateMessageParams, opts ...RequestOption) (*Message, error) {
	call, err := c.begin(ctx, "CreateMessage", opts)
	if err != nil {
		return nil, err
	}
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.CreateMessage(ctx, call, p)
}

// ListMessages returns messages of one chat or of all, oldest first. Limit 0
// means all of them. A chat that does not exist is ErrNotFound; a ChatID that
// is not 24 hexadecimal digits is ErrInvalidArgument on Messembed, and so is a
// negative Offset or Limit. Read without ChatID is ErrUnsupported. It is safe
// to retry.
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
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.ListMessages(ctx, call, p)
}

func (call *Call) checkListMessages(p ListMessagesParams) error {
	var problems problems
	for _, n := range []struct {
		name  string
		value int
	}{{"Limit", p.Limit}, {"Offset", p.Offset}} {
		switch {
		case n.value < 0:
			problems.add(n.name + ": must not be negative")
		case n.value > math.MaxInt32:
			problems.add(n.name + ": must not exceed 2147483647")
		}
	}
	for _, t := range []struct {
		name  string
		value time.Time
	}{{"After", p.After}, {"Before", p.Before}} {
		if year := t.value.UTC().Year(); year < 0 || year > 9999 {
			problems.add(t.name + ": year must be from 0 to 9999")
		}
	}
	return call.Invalid(problems...)
}

const defaultMessagePage = 100

// Messages yields messages, oldest first, in pages of Limit messages (0 means
// 100) until there are no more. Messages created in the same millisecond are
// neither skipped nor repeated. An error, of the same kinds as those of
// ListMessages, is always the last element. Each range sends new requests.
// WithTimeout applies to each page.
//
// Server: GET /admin-api/chats/{id}/messages or GET /admin-api/messages
func (c *Client) Messages(ctx context.Context, p ListMessagesParams, opts ...RequestOption) iter.Seq2[*Message, error] {
	return streamed(ctx, c, "Messages", opts, func(call *Call, yield func(*Message) bool) error {
		if err := call.checkListMessages(p); err != nil {
			return err
		}
		return c.walkMessages(ctx, call, p, yield)
	})
}

// walkMessages pages by time: each page begins with the millisecond in which
// the previous one ended, and has room for the messages of that millisecond
// that were seen already, which are known by id. Offset is counted here, since
// the service would count it from the beginning of each page.
func (c *Client) walkMessages(ctx context.Context, call *Call, p ListMessagesParams, yield func(*Message) bool) error {
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return err
	}
	size, skip := p.Limit, p.Offset
	if size == 0 {
		size = defaultMessagePage
	}
	p.Offset = 0
	seen := map[string]bool{}    // ids of the messages created in the millisecond p.After
	undated := map[string]bool{} // and of those that do not say when, which come wherever they like
	for {
		p.Limit = size + len(seen) + len(undated)
		call.Renew()
		page, err := chats.ListMessages(ctx, call, p)
		if err != nil {
			return err
		}
		progress := false
		for _, m := range page.Messages {
			if seen[m.ID] || undated[m.ID] {
				continue
			}
			if m.CreatedAt.Before(p.After) && !m.CreatedAt.IsZero() {
				return call.failLast(ErrInvalidResponse,
					"messages: not those requested, or not in order of creation")
			}
			progress = true
			switch {
			case m.CreatedAt.IsZero():
				undated[m.ID] = true
			case !m.CreatedAt.Equal(p.After):
				p.After = m.CreatedAt
				clear(seen)
				fallthrough
			default:
				seen[m.ID] = true
			}
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
