package messembed

import (
	"context"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

// readUser reads a user as the server writes it.
func readUser(p *jsonstream.Parser) (*User, error) {
	u, hasID := new(User), false
	start := p.Begin()
	err := p.Object(func(name []byte) error {
		switch string(name) {
		case "_id":
			hasID = true
			return readText(p, &u.ID)
		case "createdAt":
			return readTime(p, "createdAt", &u.CreatedAt)
		case "updatedAt":
			return readTime(p, "updatedAt", &u.UpdatedAt)
		case "deletedAt":
			return readTime(p, "deletedAt", &u.DeletedAt)
		case "externalMetadata":
			return readMetadata(p, &u.ExternalMetadata)
		case "privateExternalMetadata":
			return readMetadata(p, &u.PrivateExternalMetadata)
		case "blockStatus":
			return readText(p, (*string)(&u.BlockStatus))
		case "blockStatusUpdatedAt":
			return readTime(p, "blockStatusUpdatedAt", &u.BlockStatusUpdatedAt)
		}
		return p.Skip()
	})
	if u.Raw, err = rawOf(p, start, hasID, err); err != nil {
		return nil, err
	}
	if u.DeletedAt.IsZero() {
		u.DeletedAt = tombstoneTime(u.PrivateExternalMetadata)
	}
	return u, nil
}

// tombstoneTime returns when the SDK deleted the user that has this private
// metadata; zero if it did not.
func tombstoneTime(private Metadata) time.Time {
	text, _ := private[tombstoneKey].(string)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}

func (*adminAPI) Users(ctx context.Context, call *Call, yield func(*User) bool) error {
	return eachParsed(ctx, call, opListUsers, Request{}, "data", readUser, yield)
}

// ListUsers cuts a page out of the service's single response.
func (*adminAPI) ListUsers(ctx context.Context, call *Call, p ListUsersParams) (*UserPage, error) {
	after, err := parseUserCursor(call, p.Cursor)
	if err != nil {
		return nil, err
	}
	answer, err := call.Send(ctx, opListUsers, Request{})
	if err != nil {
		return nil, err
	}
	all, err := decodeList(answer.Body, "data", readUser, nil)
	if err != nil {
		return nil, call.Unreadable(opListUsers, answer, err)
	}
	users := make([]*User, 0, len(all))
	start := 0 // where the page begins
	for _, u := range all {
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

// userCursor identifies the last user of a page, by its id and, in case it is
// gone when the next page is requested, by its creation time.
type userCursor struct {
	id        string
	createdAt time.Time
	found     bool
}

func userCursorAfter(u *User) userCursor { return userCursor{id: u.ID, createdAt: u.CreatedAt} }

func (c userCursor) String() string { return c.createdAt.UTC().Format(time.RFC3339Nano) + " " + c.id }

func parseUserCursor(call *Call, s string) (userCursor, error) {
	if s == "" {
		return userCursor{found: true}, nil
	}
	at, id, _ := strings.Cut(s, " ")
	createdAt, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return userCursor{}, call.Invalid("Cursor: not a NextCursor of this list")
	}
	return userCursor{id: id, createdAt: createdAt}, nil
}

// passed reports whether u is on an earlier page. It is called in list order.
func (c *userCursor) passed(u *User) bool {
	switch {
	case c.found:
		return false
	case u.ID == c.id && u.CreatedAt.Equal(c.createdAt):
		c.found = true
		return true
	}
	// If the user is gone, those of its millisecond come again rather than not at all.
	return u.CreatedAt.Before(c.createdAt)
}
