package messembed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
)

// Chat is a conversation of two users, its companions.
type Chat struct {
	ID                                    string // 24 hexadecimal digits
	CreatedAt, UpdatedAt, DeletedAt       time.Time
	Active                                bool  // false: blocked, takes no messages
	FirstCompanion, SecondCompanion       *User // as they were when either was last changed
	ExternalMetadata                      Metadata
	PrivateExternalMetadata               Metadata
	LastMessage                           *Message // nil: none yet
	NotReadByFirstCompanionMessagesCount  int
	NotReadBySecondCompanionMessagesCount int
	Raw                                   json.RawMessage // the service's own words
}

// String is short: fmt would show Raw as a list of numbers.
func (ch *Chat) String() string {
	id := func(u *User) string {
		if u == nil {
			return ""
		}
		return u.ID
	}
	return fmt.Sprintf("Chat{ID:%s Active:%t Companions:%q,%q}", ch.ID, ch.Active, id(ch.FirstCompanion), id(ch.SecondCompanion))
}

// CreateChatParams describe a chat to open. The two ids may be the same.
type CreateChatParams struct {
	FirstCompanionID, SecondCompanionID       string
	ExternalMetadata, PrivateExternalMetadata Metadata
}

// UpdateChatParams describe a change: what is nil stays as it is, an empty
// non-nil Metadata empties it.
type UpdateChatParams struct {
	Active                                    *bool
	ExternalMetadata, PrivateExternalMetadata Metadata // replaced whole
}

// ChatPage is the service's list of chats.
type ChatPage struct {
	Chats      []*Chat
	TotalCount int // -1: the service does not say
}

// CreateChat opens a chat between two users. A pair that has one, in either
// order, is ErrAlreadyExists; a user who is not there ErrNotFound. It is sent
// again when its answer is lost: if the first had been carried out, the chat is
// there as asked for, and the call succeeds.
//
// Several who open a chat between the same two at the same moment can leave more
// than one: the service does not prevent it.
//
// Server: POST /admin-api/chats
func (c *Client) CreateChat(ctx context.Context, p CreateChatParams, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "CreateChat", opts)
	if err != nil {
		return nil, err
	}
	return c.createChat(ctx, call, p)
}

// createChat settles a create whose answer was lost, as createUser does.
func (c *Client) createChat(ctx context.Context, call *Caller, p CreateChatParams) (*Chat, error) {
	chat, err := c.platform.CreateChat(ctx, call, p)
	taken := settleable(err)
	if taken == nil {
		return chat, err
	}
	stored, err := c.chatOfPair(ctx, call.Lookup(), p.FirstCompanionID, p.SecondCompanionID)
	switch {
	case err == nil && stored.isAsAskedFor(p):
		return stored, nil
	case err == nil, errors.Is(err, ErrNotFound):
		taken.MaybeApplied = false
		return nil, taken
	}
	return nil, unsettled(taken, err)
}

func (ch *Chat) isAsAskedFor(p CreateChatParams) bool {
	return ch.FirstCompanion != nil && ch.FirstCompanion.ID == p.FirstCompanionID &&
		ch.SecondCompanion != nil && ch.SecondCompanion.ID == p.SecondCompanionID &&
		sameJSON(ch.ExternalMetadata, p.ExternalMetadata) &&
		sameJSON(ch.PrivateExternalMetadata, p.PrivateExternalMetadata)
}

// GetChat returns the chat with the given id, or ErrNotFound. It is safe to send
// twice.
//
// Server: GET /admin-api/chats/{id}
func (c *Client) GetChat(ctx context.Context, id string, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "GetChat", opts)
	if err != nil {
		return nil, err
	}
	return c.platform.GetChat(ctx, call, id)
}

// GetChatByCompanions returns the chat of two users, in either order, or
// ErrNotFound. The service cannot address a pair with a colon in an id: that is
// ErrInvalidArgument here, and [Client.EnsureChat] finds it another way. It is
// safe to send twice.
//
// Server: GET /admin-api/chats/{id}:{id}
func (c *Client) GetChatByCompanions(ctx context.Context, userID1, userID2 string, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "GetChatByCompanions", opts)
	if err != nil {
		return nil, err
	}
	var problems problems
	for _, arg := range []struct{ name, id string }{{"userID1", userID1}, {"userID2", userID2}} {
		problems.add(idProblem(arg.name, arg.id))
		if strings.Contains(arg.id, ":") {
			problems.add(arg.name + ": must not contain a colon, at which the service splits the pair")
		}
	}
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	return c.platform.GetChatByCompanions(ctx, call, userID1, userID2)
}

// EnsureChat returns the chat of two users, opened if there is none yet; one that
// is there is returned as it is. For ids that hold a colon it walks all chats to
// find it.
//
// Server: POST /admin-api/chats, then GET /admin-api/chats/{id}:{id}
func (c *Client) EnsureChat(ctx context.Context, p CreateChatParams, opts ...RequestOption) (ch *Chat, created bool, err error) {
	call, err := c.begin(ctx, "EnsureChat", opts)
	if err != nil {
		return nil, false, err
	}
	ch, err = c.createChat(ctx, call, p)
	if !errors.Is(err, ErrAlreadyExists) {
		return ch, err == nil, err
	}
	ch, err = c.chatOfPair(ctx, call, p.FirstCompanionID, p.SecondCompanionID)
	return ch, false, err
}

// chatOfPair finds the chat of two users whatever their ids are. Of several, as
// concurrent creates leave them, it is the one that the service finds first.
func (c *Client) chatOfPair(ctx context.Context, call *Caller, id1, id2 string) (*Chat, error) {
	if !strings.Contains(id1+id2, ":") {
		return c.platform.GetChatByCompanions(ctx, call, id1, id2)
	}
	var found *Chat
	err := c.platform.Chats(ctx, call, func(ch *Chat) bool {
		if ch.isOf(id1, id2) {
			found = ch
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = call.failLast(ErrNotFound, "the two have no chat")
	}
	return found, err
}

func (ch *Chat) isOf(id1, id2 string) bool {
	if ch.FirstCompanion == nil || ch.SecondCompanion == nil {
		return false
	}
	first, second := ch.FirstCompanion.ID, ch.SecondCompanion.ID
	return first == id1 && second == id2 || first == id2 && second == id1
}

// UpdateChat changes a chat and returns it as it is then; an unknown one is
// ErrNotFound. It is safe to send twice, since it replaces.
//
// Server: PATCH /admin-api/chats/{id}
func (c *Client) UpdateChat(ctx context.Context, id string, p UpdateChatParams, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "UpdateChat", opts)
	if err != nil {
		return nil, err
	}
	return c.platform.UpdateChat(ctx, call, id, p)
}

// ListChats returns all chats in one piece; [Client.Chats] walks them in little
// memory. It is safe to send twice.
//
// Server: GET /admin-api/chats
func (c *Client) ListChats(ctx context.Context, opts ...RequestOption) (*ChatPage, error) {
	call, err := c.begin(ctx, "ListChats", opts)
	if err != nil {
		return nil, err
	}
	return c.platform.ListChats(ctx, call)
}

// Chats walks all chats and decodes while it reads: memory stays flat. A failure
// is the last thing that it yields; break ends the answer. Ranging twice asks
// twice.
//
// Server: GET /admin-api/chats
func (c *Client) Chats(ctx context.Context, opts ...RequestOption) iter.Seq2[*Chat, error] {
	return streamed(ctx, c, "Chats", opts, func(call *Caller, yield func(*Chat) bool) error {
		return c.platform.Chats(ctx, call, yield)
	})
}

// BlockChat closes a chat: messages to it are refused with ErrChatInactive. It
// is safe to send twice.
//
// Server: PATCH /admin-api/chats/{id}
func (c *Client) BlockChat(ctx context.Context, id string, opts ...RequestOption) (*Chat, error) {
	return c.setChatActive(ctx, "BlockChat", id, false, opts)
}

// UnblockChat opens a closed chat again. It is safe to send twice.
//
// Server: PATCH /admin-api/chats/{id}
func (c *Client) UnblockChat(ctx context.Context, id string, opts ...RequestOption) (*Chat, error) {
	return c.setChatActive(ctx, "UnblockChat", id, true, opts)
}

func (c *Client) setChatActive(ctx context.Context, op, id string, active bool, opts []RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	return c.platform.UpdateChat(ctx, call, id, UpdateChatParams{Active: &active})
}
