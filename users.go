package messembed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"time"
)

// User is one user of the chat service.
type User struct {
	ID                      string
	CreatedAt, UpdatedAt    time.Time // zero: the service does not say; Messembed never sets UpdatedAt
	DeletedAt               time.Time // zero: not deleted
	ExternalMetadata        Metadata  // every user can see it; nil when the service holds none, or something that is no object
	PrivateExternalMetadata Metadata  // for the application's server; see the warning at GetUser
	BlockStatus             BlockStatus
	BlockStatusUpdatedAt    time.Time
	Profile                 Profile         // zero on Messembed, whose profiles live in ExternalMetadata
	Presence                *Presence       // nil where the service has none
	Raw                     json.RawMessage // the service's own words, nothing dropped
}

// String is short: fmt would show Raw as a list of numbers.
func (u *User) String() string {
	return fmt.Sprintf("User{ID:%q ExternalMetadata:%v BlockStatus:%q}", u.ID, map[string]any(u.ExternalMetadata), u.BlockStatus)
}

// Blocked tells whether the user is blocked in any way.
func (u *User) Blocked() bool { return u.BlockStatus != "" }

// Deleted tells whether the user is deleted: by the service, or as the tombstone
// that [Client.DeleteUser] leaves.
func (u *User) Deleted() bool { return !u.DeletedAt.IsZero() }

// BlockStatus is what a blocked user cannot do; "" is a user who is not blocked.
type BlockStatus string

// The block statuses that services know.
const (
	BlockCantSendAndReceive BlockStatus = "CANT_SEND_AND_RECEIVE_NEW_MESSAGES" // Messembed
	BlockDeactivated        BlockStatus = "DEACTIVATED"                        // Rocket.Chat, Rightech: cannot log in
)

// CreateUserParams describe a user to create.
type CreateUserParams struct {
	ID                                        string // required on Messembed; must be empty where the service gives ids
	ExternalMetadata, PrivateExternalMetadata Metadata
	BlockStatus                               BlockStatus
	Profile                                   Profile // not on Messembed; see Profile.Metadata
	Password                                  string  // Rocket.Chat, Rightech
}

// Format keeps the password out of every verb of fmt.
func (p CreateUserParams) Format(f fmt.State, verb rune) {
	type shown CreateUserParams
	if p.Password != "" {
		p.Password = "[redacted]"
	}
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), shown(p))
}

// LogValue keeps the password out of slog.
func (p CreateUserParams) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", p)) }

// MarshalJSON leaves the password out.
func (p CreateUserParams) MarshalJSON() ([]byte, error) {
	type shown CreateUserParams
	p.Password = ""
	return json.Marshal(shown(p))
}

// UpdateUserParams describe a change. What is nil or zero stays as it is; an
// empty non-nil Metadata empties it.
type UpdateUserParams struct {
	ExternalMetadata, PrivateExternalMetadata Metadata // replaced whole
	BlockStatus                               BlockStatus
	RemoveBlockStatus                         bool
	Profile                                   *ProfileUpdate // not on Messembed
}

// ProfileUpdate describes a change of a profile: nil stays as it is.
type ProfileUpdate struct {
	Username, DisplayName, AvatarURL, Phone, Locale *string
	Emails                                          []Email
	Roles                                           []string
	Guest                                           *bool
}

// ListUsersParams choose a page of users.
type ListUsersParams struct {
	Limit          int    // 0: as many as the service gives at once; Messembed: all
	Cursor         string // the NextCursor of the page before; "": the first page
	IncludeDeleted bool   // tombstones too
}

// UserPage is one page of a list of users.
type UserPage struct {
	Users      []*User
	TotalCount int    // of the whole list; -1: the service does not say
	NextCursor string // "": this is the last page
}

// CreateUser puts a user into the chat. An id that is taken is ErrAlreadyExists,
// that of a deleted user on Messembed too. It is sent again when its answer is
// lost: if the first had been carried out, the user is there as asked for, and
// the call succeeds.
//
// Server: POST /admin-api/users
func (c *Client) CreateUser(ctx context.Context, p CreateUserParams, opts ...RequestOption) (*User, error) {
	call, err := c.begin(ctx, "CreateUser", opts)
	if err != nil {
		return nil, err
	}
	if err := c.platform.CheckCreateUser(call, p); err != nil {
		return nil, err
	}
	return c.createUser(ctx, call, p)
}

// GetUser returns the user with the given id, or ErrNotFound; a deleted user is
// not found. It is safe to send twice.
//
// Messembed's route is public: it looks at no credentials, and its answer includes
// PrivateExternalMetadata. Whoever can reach the service and knows an id can read
// both; keep secrets elsewhere, or keep the route behind a gateway.
//
// Server: GET /users/{id}
func (c *Client) GetUser(ctx context.Context, id string, opts ...RequestOption) (*User, error) {
	call, err := c.begin(ctx, "GetUser", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	return c.getUser(ctx, call, id)
}

func (c *Client) getUser(ctx context.Context, call *Caller, id string) (*User, error) {
	u, err := c.platform.GetUser(ctx, call, id)
	if err != nil {
		return nil, err
	}
	if u.Deleted() {
		return nil, call.failLast(ErrNotFound, "the user is deleted")
	}
	return u, nil
}

// UpdateUser changes a user and returns it as it is then; an unknown one is
// ErrNotFound. It is safe to send twice, since it replaces. It does not look
// first: a deleted user is changed and stays deleted, unless
// PrivateExternalMetadata is given: where the service has no route for deleting,
// that replaces the mark by which the user is known to be deleted, and the user is
// back, blocked. EnsureUser brings one back properly.
//
// Messembed copies the user into every chat it is in and sets those chats'
// UpdatedAt, even when nothing changes.
//
// Server: PATCH /admin-api/users/{id}
func (c *Client) UpdateUser(ctx context.Context, id string, p UpdateUserParams, opts ...RequestOption) (*User, error) {
	call, err := c.begin(ctx, "UpdateUser", opts)
	if err != nil {
		return nil, err
	}
	return c.updateUser(ctx, call, id, p)
}

func (c *Client) updateUser(ctx context.Context, call *Caller, id string, p UpdateUserParams) (*User, error) {
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	if p.BlockStatus != "" && p.RemoveBlockStatus {
		return nil, call.Invalid("RemoveBlockStatus: contradicts BlockStatus")
	}
	return c.platform.UpdateUser(ctx, call, id, p)
}

// DeleteUser deletes a user; an unknown one is ErrNotFound. It is safe to send
// twice: one that finds nothing on a later attempt has succeeded.
//
// Today's Messembed has no route for it. There the user is emptied and blocked
// instead, and read as deleted from then on: see [FeatureDeleteUser].
//
// Server: DELETE /admin-api/users/{id}, or PATCH of the same
func (c *Client) DeleteUser(ctx context.Context, id string, opts ...RequestOption) error {
	call, err := c.begin(ctx, "DeleteUser", opts)
	if err != nil {
		return err
	}
	if err := call.requireID("id", id); err != nil {
		return err
	}
	err = c.platform.DeleteUser(ctx, call, id)
	if e, ok := errors.AsType[*Error](err); ok && e.kind == ErrNotFound && e.Attempts > 1 {
		return nil // an attempt before had deleted it
	}
	return err
}

// ListUsers returns a page of users. On Messembed, which answers with all users
// at once, each page costs the whole answer: use [Client.Users] to walk them.
//
// Server: GET /admin-api/users
func (c *Client) ListUsers(ctx context.Context, p ListUsersParams, opts ...RequestOption) (*UserPage, error) {
	call, err := c.begin(ctx, "ListUsers", opts)
	if err != nil {
		return nil, err
	}
	if p.Limit < 0 {
		return nil, call.Invalid("Limit: must not be negative")
	}
	return c.platform.ListUsers(ctx, call, p)
}

// Users walks all users, deleted ones left out, and decodes while it reads:
// memory stays flat for a million. A failure is the last thing that it yields;
// break ends the answer. Ranging twice asks twice.
//
// Server: GET /admin-api/users
func (c *Client) Users(ctx context.Context, opts ...RequestOption) iter.Seq2[*User, error] {
	return streamed(ctx, c, "Users", opts, func(call *Caller, yield func(*User) bool) error {
		return c.platform.Users(ctx, call, func(u *User) bool { return u.Deleted() || yield(u) })
	})
}

// EnsureUser returns the user with the given id, created if it is not there yet
// or is deleted; one that is there is returned as it is. Safe to call by many at
// once and at each log-in.
//
// Server: GET /users/{id}; POST /admin-api/users or PATCH /admin-api/users/{id}
func (c *Client) EnsureUser(ctx context.Context, p CreateUserParams, opts ...RequestOption) (u *User, created bool, err error) {
	call, err := c.begin(ctx, "EnsureUser", opts)
	if err != nil {
		return nil, false, err
	}
	return c.ensureUser(ctx, call, p)
}

func (c *Client) ensureUser(ctx context.Context, call *Caller, p CreateUserParams) (u *User, created bool, err error) {
	call.thorough = true
	if err := c.platform.CheckCreateUser(call, p); err != nil {
		return nil, false, err
	}
	key := c.platform.UserKey(p)
	u, err = c.platform.FindUser(ctx, call, key)
	if errors.Is(err, ErrNotFound) {
		u, err = c.createUser(ctx, call, p)
		if err == nil {
			return u, true, nil
		}
		if !errors.Is(err, ErrAlreadyExists) {
			return nil, false, err
		}
		taken := err
		u, err = c.platform.FindUser(ctx, call, key) // somebody else was quicker
		if errors.Is(err, ErrNotFound) {
			err = taken // something other than the key is taken: an e-mail address
		}
	}
	if err != nil {
		return nil, false, err
	}
	if !u.Deleted() {
		return u, false, nil
	}
	u, err = c.platform.UpdateUser(ctx, call, u.ID, reviving(p))
	return u, err == nil, err
}

// reviving is the update that makes of a tombstone the user that is asked for.
func reviving(p CreateUserParams) UpdateUserParams {
	orEmpty := func(m Metadata) Metadata {
		if m == nil {
			return Metadata{}
		}
		return m
	}
	return UpdateUserParams{
		ExternalMetadata:        orEmpty(p.ExternalMetadata),
		PrivateExternalMetadata: orEmpty(p.PrivateExternalMetadata),
		BlockStatus:             p.BlockStatus,
		RemoveBlockStatus:       p.BlockStatus == "",
	}
}

// BlockUser keeps a user from sending and receiving (Messembed) or from logging
// in (Rocket.Chat, Rightech) and returns it; an unknown one is ErrNotFound. It is
// safe to send twice. A block that is there already keeps its time.
//
// Server: PATCH /admin-api/users/{id}
func (c *Client) BlockUser(ctx context.Context, id string, opts ...RequestOption) (*User, error) {
	return c.setUserBlocked(ctx, "BlockUser", id, true, opts)
}

// UnblockUser takes a user's block away, if there is one, and returns the user;
// an unknown one is ErrNotFound. It is safe to send twice.
//
// Server: PATCH /admin-api/users/{id}
func (c *Client) UnblockUser(ctx context.Context, id string, opts ...RequestOption) (*User, error) {
	return c.setUserBlocked(ctx, "UnblockUser", id, false, opts)
}

func (c *Client) setUserBlocked(ctx context.Context, op, id string, blocked bool, opts []RequestOption) (*User, error) {
	call, err := c.begin(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	return c.platform.SetUserBlocked(ctx, call, id, blocked)
}
