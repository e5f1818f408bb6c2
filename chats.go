package messembed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// Chat is a conversation between two users, its companions.
type Chat struct {
	ID                                    string          `json:"id,omitzero"` // 24 hexadecimal digits
	CreatedAt                             time.Time       `json:"createdAt,omitzero"`
	UpdatedAt                             time.Time       `json:"updatedAt,omitzero"`
	DeletedAt                             time.Time       `json:"deletedAt,omitzero"`
	Active                                bool            `json:"active,omitzero"`         // false if blocked: the chat accepts no messages
	FirstCompanion                        *User           `json:"firstCompanion,omitzero"` // as of the last change to either of them
	SecondCompanion                       *User           `json:"secondCompanion,omitzero"`
	ExternalMetadata                      Metadata        `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata               Metadata        `json:"privateExternalMetadata,omitzero"`
	LastMessage                           *Message        `json:"lastMessage,omitzero"` // nil if there is none yet
	NotReadByFirstCompanionMessagesCount  int             `json:"notReadByFirstCompanionMessagesCount,omitzero"`
	NotReadBySecondCompanionMessagesCount int             `json:"notReadBySecondCompanionMessagesCount,omitzero"`
	Raw                                   json.RawMessage `json:"-"` // the chat as the service sent it
}

// String returns a short form without Raw, which fmt would print as a list of
// numbers.
func (ch *Chat) String() string {
	id := func(u *User) string {
		if u == nil {
			return ""
		}
		return u.ID
	}
	return fmt.Sprintf("Chat{ID:%s Active:%t Companions:%q,%q}", ch.ID, ch.Active, id(ch.FirstCompanion), id(ch.SecondCompanion))
}

// CreateChatParams describes a chat to open. The two ids may be the same.
type CreateChatParams struct {
	FirstCompanionID, SecondCompanionID       string
	ExternalMetadata, PrivateExternalMetadata Metadata
}

// UpdateChatParams describes a change. Nil fields are left unchanged; a
// Metadata that is empty but not nil empties it.
type UpdateChatParams struct {
	Active                                    *bool
	ExternalMetadata, PrivateExternalMetadata Metadata // replaced as a whole
}

// ChatPage is the service's list of chats.
type ChatPage struct {
	Chats      []*Chat
	TotalCount int // -1 if the service does not report it
}

// CreateChat opens a chat between two users. If the pair has one, in either
// order, it returns ErrAlreadyExists; if one of the users does not exist,
// ErrNotFound. It is safe to retry: if a response was lost and the chat turns
// out to be stored as requested, the call succeeds.
//
// Concurrent calls for the same pair can create more than one chat; the service
// does not prevent it.
//
// Server: POST /admin-api/chats
func (c *Client) CreateChat(ctx context.Context, p CreateChatParams, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "CreateChat", opts)
	if err != nil {
		return nil, err
	}
	return c.createChat(ctx, call, p)
}

// createChat settles a create whose response was lost, as createUser does.
func (c *Client) createChat(ctx context.Context, call *Call, p CreateChatParams) (*Chat, error) {
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	chat, err := chats.CreateChat(ctx, call, p)
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
	return nil, call.Unsettled(taken, err)
}

func (ch *Chat) isAsAskedFor(p CreateChatParams) bool {
	return ch.FirstCompanion != nil && ch.FirstCompanion.ID == p.FirstCompanionID &&
		ch.SecondCompanion != nil && ch.SecondCompanion.ID == p.SecondCompanionID &&
		sameJSON(ch.ExternalMetadata, p.ExternalMetadata) &&
		sameJSON(ch.PrivateExternalMetadata, p.PrivateExternalMetadata)
}

// GetChat returns the chat with the given id, or ErrNotFound. An id that is not
// 24 hexadecimal digits is ErrInvalidArgument on Messembed. It is safe to
// retry.
//
// Server: GET /admin-api/chats/{id}
func (c *Client) GetChat(ctx context.Context, id string, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "GetChat", opts)
	if err != nil {
		return nil, err
	}
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.GetChat(ctx, call, id)
}

// GetChatByCompanions returns the chat of two users, in either order, or
// ErrNotFound. The service cannot address a user whose id contains a colon:
// such an id is ErrInvalidArgument here, but [Client.EnsureChat] accepts it. It
// is safe to retry.
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
			problems.add(arg.name + ": must not contain a colon")
		}
	}
	if httpcall.EscapedLen(userID1)+httpcall.EscapedLen(userID2) > maxIDBytes {
		problems.add("userID2: must not exceed, together with userID1, " + strconv.Itoa(maxIDBytes) + " bytes in a URL")
	}
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.GetChatByCompanions(ctx, call, userID1, userID2)
}

// EnsureChat returns the chat of two users, in either order, and opens one if
// there is none; created reports whether it did. An existing chat is returned
// unchanged. A companion that does not exist is ErrNotFound. It is safe to
// retry.
//
// Concurrent creates for one pair leave several chats on the server. So
// EnsureChat reads the pair back after a create and returns the chat that the
// server finds first, in which all callers then go on. If an id contains a
// colon, it walks all chats to find it.
//
// Server: POST /admin-api/chats, then GET /admin-api/chats/{id}:{id}
func (c *Client) EnsureChat(ctx context.Context, p CreateChatParams, opts ...RequestOption) (ch *Chat, created bool, err error) {
	call, err := c.begin(ctx, "EnsureChat", opts)
	if err != nil {
		return nil, false, err
	}
	own, err := c.createChat(ctx, call, p)
	switch {
	case errors.Is(err, ErrAlreadyExists):
		ch, err = c.chatOfPair(ctx, call, p.FirstCompanionID, p.SecondCompanionID)
		return ch, false, err
	case err != nil:
		return nil, false, err
	}
	attempts := call.attempts
	ch, err = c.chatOfPair(ctx, call.Lookup(), p.FirstCompanionID, p.SecondCompanionID)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Attempts, e.MaybeApplied = attempts, true
		e.Message = "the chat was created, and reading it back failed"
		return nil, false, e
	}
	return ch, ch.ID == own.ID, nil
}

// chatOfPair finds the chat of two users, whatever their ids are. If concurrent
// creates have left several, it is the one that the service finds first.
func (c *Client) chatOfPair(ctx context.Context, call *Call, id1, id2 string) (*Chat, error) {
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(id1+id2, ":") {
		return chats.GetChatByCompanions(ctx, call, id1, id2)
	}
	var found *Chat
	err = chats.Chats(ctx, call, func(ch *Chat) bool {
		if ch.isOf(id1, id2) {
			found = ch
		}
		return found == nil
	})
	if err == nil && found == nil {
		err = call.failLast(ErrNotFound, "the two users have no chat")
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

// UpdateChat changes a chat and returns the result. An unknown chat is
// ErrNotFound; an id that is not 24 hexadecimal digits is ErrInvalidArgument on
// Messembed. It is safe to retry, since it replaces.
//
// Server: PATCH /admin-api/chats/{id}
func (c *Client) UpdateChat(ctx context.Context, id string, p UpdateChatParams, opts ...RequestOption) (*Chat, error) {
	call, err := c.begin(ctx, "UpdateChat", opts)
	if err != nil {
		return nil, err
	}
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.UpdateChat(ctx, call, id, p)
}

// ListChats returns all chats at once. [Client.Chats] walks them in constant
// memory. [WithListTimeout] limits the wait for the response. It is safe to
// retry.
//
// Server: GET /admin-api/chats
func (c *Client) ListChats(ctx context.Context, opts ...RequestOption) (*ChatPage, error) {
	call, err := c.begin(ctx, "ListChats", opts)
	if err != nil {
		return nil, err
	}
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.ListChats(ctx, call)
}

// Chats yields all chats, decoding them as they arrive: memory use is constant.
// An error is always the last element. Breaking out of the loop closes the
// response. Each range sends a new request. Messembed builds the whole list
// before it sends the first chat: [WithListTimeout] limits the wait for it.
//
// Server: GET /admin-api/chats
func (c *Client) Chats(ctx context.Context, opts ...RequestOption) iter.Seq2[*Chat, error] {
	return streamed(ctx, c, "Chats", opts, func(call *Call, yield func(*Chat) bool) error {
		chats, err := feature[PlatformChats](call)
		if err != nil {
			return err
		}
		return chats.Chats(ctx, call, yield)
	})
}

// BlockChat closes a chat: sending a message to it is then ErrChatInactive. An
// unknown chat is ErrNotFound; an id that is not 24 hexadecimal digits is
// ErrInvalidArgument on Messembed. It is safe to retry.
//
// Server: PATCH /admin-api/chats/{id}
func (c *Client) BlockChat(ctx context.Context, id string, opts ...RequestOption) (*Chat, error) {
	return c.setChatActive(ctx, "BlockChat", id, false, opts)
}

// UnblockChat reopens a closed chat. An unknown chat is ErrNotFound; an id that
// is not 24 hexadecimal digits is ErrInvalidArgument on Messembed. It is safe
// to retry.
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
	chats, err := feature[PlatformChats](call)
	if err != nil {
		return nil, err
	}
	return chats.UpdateChat(ctx, call, id, UpdateChatParams{Active: &active})
}
