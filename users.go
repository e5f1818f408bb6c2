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

// User is a user of the chat service. Its JSON has the fields' words in
// camelCase without those that are zero and without Raw, and can be read back;
// it contains PrivateExternalMetadata.
//
// PrivateExternalMetadata is private in name only: Messembed shows it to anyone
// who asks for the user by id. See [Client.GetUser].
type User struct {
	ID                      string          `json:"id,omitzero"`
	CreatedAt               time.Time       `json:"createdAt,omitzero"`               // zero if the service does not report it
	UpdatedAt               time.Time       `json:"updatedAt,omitzero"`               // zero if the service does not report it; Messembed never sets it
	DeletedAt               time.Time       `json:"deletedAt,omitzero"`               // zero if not deleted
	ExternalMetadata        Metadata        `json:"externalMetadata,omitzero"`        // visible to every user; nil if the service has none, or something that is not an object
	PrivateExternalMetadata Metadata        `json:"privateExternalMetadata,omitzero"` // private in name only: see GetUser
	BlockStatus             BlockStatus     `json:"blockStatus,omitzero"`
	BlockStatusUpdatedAt    time.Time       `json:"blockStatusUpdatedAt,omitzero"`
	Profile                 Profile         `json:"profile,omitzero"`  // zero on Messembed, where profiles live in ExternalMetadata
	Presence                *Presence       `json:"presence,omitzero"` // nil if the service has none
	Raw                     json.RawMessage `json:"-"`                 // the user as the service sent it, complete
}

// String returns a short form without Raw, which fmt would print as a list of
// numbers.
func (u *User) String() string {
	return fmt.Sprintf("User{ID:%q ExternalMetadata:%v BlockStatus:%q}", u.ID, map[string]any(u.ExternalMetadata), u.BlockStatus)
}

// Blocked reports whether the user is blocked in any way.
func (u *User) Blocked() bool { return u.BlockStatus != "" }

// Deleted reports whether the user is deleted, either by the service or by the
// mark that [Client.DeleteUser] leaves; see [FeatureDeleteUser].
func (u *User) Deleted() bool { return !u.DeletedAt.IsZero() }

// BlockStatus is what a blocked user cannot do; "" means that the user is not
// blocked.
type BlockStatus string

// The block statuses of the services.
const (
	BlockCantSendAndReceive BlockStatus = "CANT_SEND_AND_RECEIVE_NEW_MESSAGES" // Messembed
	BlockDeactivated        BlockStatus = "DEACTIVATED"                        // Rocket.Chat, Rightech: cannot log in
)

// CreateUserParams describes a user to create.
type CreateUserParams struct {
	ID                      string      `json:"id,omitzero"` // required on Messembed; must be empty if the service assigns ids
	ExternalMetadata        Metadata    `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata    `json:"privateExternalMetadata,omitzero"`
	BlockStatus             BlockStatus `json:"blockStatus,omitzero"`
	Profile                 Profile     `json:"profile,omitzero"`  // not supported by Messembed; see Profile.Metadata
	Password                string      `json:"password,omitzero"` // Rocket.Chat and Rightech only; never marshalled
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

// MarshalJSON omits the password.
func (p CreateUserParams) MarshalJSON() ([]byte, error) {
	type shown CreateUserParams
	p.Password = ""
	return json.Marshal(shown(p))
}

// UpdateUserParams describes a change. Fields that are nil or zero are left
// unchanged; a Metadata that is empty but not nil empties it. BlockStatus and
// RemoveBlockStatus must not both be set.
type UpdateUserParams struct {
	ExternalMetadata, PrivateExternalMetadata Metadata // replaced as a whole
	BlockStatus                               BlockStatus
	RemoveBlockStatus                         bool
	Profile                                   *ProfileUpdate // not supported by Messembed
}

// ListUsersParams selects a page of users. Keep Limit the same from page to
// page: with a Cursor, ChatKitty rejects any other with ErrInvalidArgument.
type ListUsersParams struct {
	Limit          int    // 0 means the service's page size; on Messembed, all users
	Cursor         string // NextCursor of the previous page; "" for the first page
	IncludeDeleted bool   // include users marked as deleted; see FeatureDeleteUser
}

// UserPage is one page of a list of users.
type UserPage struct {
	Users      []*User
	TotalCount int    // of the whole list; -1 if the service does not report it
	NextCursor string // "" on the last page
}

// CreateUser creates a user. An id that is taken is ErrAlreadyExists; on
// Messembed that includes the ids of deleted users. Parameters that the service
// cannot store are ErrInvalidArgument. CreateUser is safe to retry: if a
// response was lost and the user turns out to be stored as requested, the call
// succeeds. It cannot tell then who created a user that looks the same: where
// people choose their own ids, put something of this sign-up, such as a random
// number, into the metadata. After an error with MaybeApplied,
// [Client.EnsureUser] creates the user or finds the one created.
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

// createUser settles a create whose response was lost: if an earlier attempt may
// have created the user and the last response says that the key is taken, it
// reads the user.
func (c *Client) createUser(ctx context.Context, call *Call, p CreateUserParams) (*User, error) {
	u, err := c.platform.CreateUser(ctx, call, p)
	taken := settleable(err)
	if taken == nil {
		return u, err
	}
	stored, err := c.platform.FindUser(ctx, call.Lookup(), c.platform.UserKey(p))
	switch {
	case err == nil && !stored.Deleted() && stored.isAsAskedFor(p):
		return stored, nil
	case err == nil, errors.Is(err, ErrNotFound):
		taken.MaybeApplied = false // what is stored is someone else's
		return nil, taken
	}
	return nil, call.Unsettled(taken, err)
}

func (u *User) isAsAskedFor(p CreateUserParams) bool {
	return sameJSON(u.ExternalMetadata, p.ExternalMetadata) &&
		sameJSON(u.PrivateExternalMetadata, p.PrivateExternalMetadata) &&
		u.BlockStatus == p.BlockStatus && u.Profile.holds(p.Profile)
}

// GetUser returns the user with the given id. An unknown or deleted user is
// ErrNotFound. It is safe to retry.
//
// Messembed's route is public: it checks no credentials, and its response
// includes PrivateExternalMetadata. Anyone who can reach the service and knows
// an id can read both. Keep secrets elsewhere, or keep the route behind a
// gateway.
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

func (c *Client) getUser(ctx context.Context, call *Call, id string) (*User, error) {
	u, err := c.platform.GetUser(ctx, call, id)
	if err != nil {
		return nil, err
	}
	if u.Deleted() {
		return nil, call.failLast(ErrNotFound, "the user is deleted")
	}
	return u, nil
}

// UpdateUser changes a user and returns the result. An unknown user is
// ErrNotFound. It is safe to retry, since it replaces.
//
// UpdateUser does not check whether the user is deleted. A deleted user stays
// deleted, unless the service has no route for deleting and
// PrivateExternalMetadata is given: that overwrites the mark described at
// [FeatureDeleteUser], and the user is back, still blocked. Use
// [Client.EnsureUser] to restore a user.
//
// Messembed copies the user into each of its chats and sets their UpdatedAt,
// even if nothing changes.
//
// Server: PATCH /admin-api/users/{id}
func (c *Client) UpdateUser(ctx context.Context, id string, p UpdateUserParams, opts ...RequestOption) (*User, error) {
	call, err := c.begin(ctx, "UpdateUser", opts)
	if err != nil {
		return nil, err
	}
	return c.updateUser(ctx, call, id, p)
}

func (c *Client) updateUser(ctx context.Context, call *Call, id string, p UpdateUserParams) (*User, error) {
	if err := call.requireID("id", id); err != nil {
		return nil, err
	}
	if p.BlockStatus != "" && p.RemoveBlockStatus {
		return nil, call.Invalid("RemoveBlockStatus: contradicts BlockStatus")
	}
	return c.platform.UpdateUser(ctx, call, id, p)
}

// DeleteUser deletes a user. An unknown user is ErrNotFound. It is safe to
// retry: if an earlier attempt may have deleted the user, because its response
// was lost, not being found counts as success.
//
// Today's Messembed has no route for it. There the user is emptied and blocked
// instead, and from then on read as deleted; deleting it again is not an error.
// See [FeatureDeleteUser] for what remains of such a user.
//
// Server: DELETE /admin-api/users/{id}, or PATCH of the same path
func (c *Client) DeleteUser(ctx context.Context, id string, opts ...RequestOption) error {
	call, err := c.begin(ctx, "DeleteUser", opts)
	if err != nil {
		return err
	}
	if err := call.requireID("id", id); err != nil {
		return err
	}
	return c.deleteUser(ctx, call, id)
}

func (c *Client) deleteUser(ctx context.Context, call *Call, id string) error {
	err := c.platform.DeleteUser(ctx, call, id)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ErrNotFound && e.MaybeApplied {
		return nil // an earlier attempt deleted it
	}
	return err
}

// ListUsers returns a page of users. A negative Limit, or a Cursor that did not
// come from this list, is ErrInvalidArgument. It is safe to retry.
//
// Messembed always responds with all users, so that each page costs the whole
// response: use [Client.Users] to walk them. [WithListTimeout] limits the wait
// for it, and says how long that may be.
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

// Users yields all users that are not deleted, decoding them as they arrive:
// memory use is constant. An error is always the last element. Breaking out of
// the loop closes the response. Each range sends a new request.
//
// Messembed builds the whole list before it sends the first user: 6 s for
// 100,000, 70 s for a million. [WithListTimeout] limits the wait for it, and a
// list that timed out is not requested again.
//
// Services other than Messembed respond in pages. Users deleted while their
// list is walked shift the rest, and as many are missed: to delete while
// ranging, collect the ids first.
//
// Server: GET /admin-api/users
func (c *Client) Users(ctx context.Context, opts ...RequestOption) iter.Seq2[*User, error] {
	return streamed(ctx, c, "Users", opts, func(call *Call, yield func(*User) bool) error {
		return c.platform.Users(ctx, call, func(u *User) bool { return u.Deleted() || yield(u) })
	})
}

// EnsureUser returns the user with the given id, creating it if it does not
// exist or is deleted; created reports whether it did. An existing user is
// returned unchanged. Where the service assigns the ids, the user is found by
// its login name, Profile.Username, instead. EnsureUser may be called
// concurrently and at every login, and is safe to retry.
//
// It returns ErrAlreadyExists if another user has the e-mail address or another
// unique field, and ErrInvalidArgument, even for an existing user, if the
// service cannot store p.
//
// Server: GET /users/{id}; POST /admin-api/users or PATCH /admin-api/users/{id}
func (c *Client) EnsureUser(ctx context.Context, p CreateUserParams, opts ...RequestOption) (u *User, created bool, err error) {
	call, err := c.begin(ctx, "EnsureUser", opts)
	if err != nil {
		return nil, false, err
	}
	return c.ensureUser(ctx, call, p)
}

func (c *Client) ensureUser(ctx context.Context, call *Call, p CreateUserParams) (u *User, created bool, err error) {
	call.checkSize = true
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
		u, err = c.platform.FindUser(ctx, call, key) // someone else was faster
		if errors.Is(err, ErrNotFound) {
			err = taken // another unique field is taken, such as an e-mail address
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

// reviving returns the update that turns a user marked as deleted into the
// requested one.
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

// BlockUser keeps a user from sending and receiving messages (Messembed) or
// from logging in (Rocket.Chat, Rightech), and returns the user. An unknown
// user is ErrNotFound. It is safe to retry. Blocking a blocked user leaves
// BlockStatusUpdatedAt unchanged.
//
// Server: PATCH /admin-api/users/{id}
func (c *Client) BlockUser(ctx context.Context, id string, opts ...RequestOption) (*User, error) {
	return c.setUserBlocked(ctx, "BlockUser", id, true, opts)
}

// UnblockUser lifts the block of a user, if there is one, and returns the user.
// An unknown user is ErrNotFound. It is safe to retry. It does not check
// whether the user is deleted; see [FeatureDeleteUser].
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
	blocking, err := feature[PlatformBlocking](call)
	if err != nil {
		return nil, err
	}
	return blocking.SetUserBlocked(ctx, call, id, blocked)
}
