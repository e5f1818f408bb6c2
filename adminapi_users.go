package messembed

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

// user sends an operation whose answer is one user.
func (call *Caller) user(ctx context.Context, op Operation, r Request) (*User, error) {
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return nil, err
	}
	u, err := decodeUser(answer.Body)
	if err != nil {
		return nil, call.Unreadable(op, answer, err)
	}
	return u, nil
}

// userJSON is a user as the server writes it.
type userJSON struct {
	ID                      looseText    `json:"_id"`
	CreatedAt               timeJSON     `json:"createdAt"`
	UpdatedAt               timeJSON     `json:"updatedAt"`
	DeletedAt               timeJSON     `json:"deletedAt"`
	ExternalMetadata        metadataJSON `json:"externalMetadata"`
	PrivateExternalMetadata metadataJSON `json:"privateExternalMetadata"`
	BlockStatus             looseText    `json:"blockStatus"`
	BlockStatusUpdatedAt    timeJSON     `json:"blockStatusUpdatedAt"`
}

func decodeUser(raw json.RawMessage) (*User, error) {
	var j userJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	if !j.ID.given {
		return nil, BadField("_id", "the answer has none")
	}
	u := &User{
		ID:                      j.ID.text,
		CreatedAt:               j.CreatedAt.Time,
		UpdatedAt:               j.UpdatedAt.Time,
		DeletedAt:               j.DeletedAt.Time,
		ExternalMetadata:        Metadata(j.ExternalMetadata),
		PrivateExternalMetadata: Metadata(j.PrivateExternalMetadata),
		BlockStatus:             BlockStatus(j.BlockStatus.text),
		BlockStatusUpdatedAt:    j.BlockStatusUpdatedAt.Time,
		Raw:                     raw,
	}
	if err := badTimes(
		timeField{"createdAt", j.CreatedAt}, timeField{"updatedAt", j.UpdatedAt},
		timeField{"deletedAt", j.DeletedAt}, timeField{"blockStatusUpdatedAt", j.BlockStatusUpdatedAt},
	); err != nil {
		return nil, err
	}
	if u.DeletedAt.IsZero() {
		u.DeletedAt = tombstoneTime(u.PrivateExternalMetadata)
	}
	return u, nil
}

// tombstoneTime is when the SDK deleted the user that this private metadata is
// of; zero if it did not.
func tombstoneTime(private Metadata) time.Time {
	text, _ := private[tombstoneKey].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (*adminAPI) Users(ctx context.Context, call *Caller, yield func(*User) bool) error {
	return call.Each(ctx, opListUsers, Request{}, "data", func(raw json.RawMessage) (bool, error) {
		u, err := decodeUser(raw)
		if err != nil {
			return false, err
		}
		return yield(u), nil
	})
}

// ListUsers cuts a page out of the service's one answer.
func (*adminAPI) ListUsers(ctx context.Context, call *Caller, p ListUsersParams) (*UserPage, error) {
	after, err := parseUserCursor(call, p.Cursor)
	if err != nil {
		return nil, err
	}
	var list struct {
		Data []json.RawMessage `json:"data"`
	}
	answer, err := call.Decode(ctx, opListUsers, Request{}, &list)
	if err != nil {
		return nil, err
	}
	if list.Data == nil {
		return nil, call.Unreadable(opListUsers, answer, BadField("data", "the answer has none"))
	}
	users := make([]*User, 0, len(list.Data))
	start := 0 // where the page begins
	for _, raw := range list.Data {
		u, err := decodeUser(raw)
		if err != nil {
			return nil, call.Unreadable(opListUsers, answer, err)
		}
		passed := after.passed(u)
		if !u.Deleted() || p.IncludeDeleted {
			users = append(users, u)
		}
		if passed {
			start = len(users)
		}
	}
	page := &UserPage{TotalCount: len(users), Users: users[start:]}
	if p.Limit > 0 && len(page.Users) > p.Limit {
		page.Users = page.Users[:p.Limit:p.Limit]
		page.NextCursor = userCursorAfter(page.Users[p.Limit-1]).String()
	}
	return page, nil
}

// userCursor names the last user of a page: by its id and, should it be gone when
// the next page is asked for, by when it was created.
type userCursor struct {
	id        string
	createdAt time.Time
	found     bool
}

func userCursorAfter(u *User) userCursor { return userCursor{id: u.ID, createdAt: u.CreatedAt} }

func (c userCursor) String() string { return c.createdAt.UTC().Format(time.RFC3339Nano) + " " + c.id }

func parseUserCursor(call *Caller, s string) (userCursor, error) {
	if s == "" {
		return userCursor{found: true}, nil
	}
	at, id, _ := strings.Cut(s, " ")
	createdAt, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return userCursor{}, call.Invalid("Cursor: is not a NextCursor of this list")
	}
	return userCursor{id: id, createdAt: createdAt}, nil
}

// passed tells whether u, given in the order of the list, is on a page before.
func (c *userCursor) passed(u *User) bool {
	switch {
	case c.found:
		return false
	case u.ID == c.id:
		c.found = true
		return true
	}
	return !u.CreatedAt.After(c.createdAt)
}
