package rightech

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	messembed "github.com/messembed/messembed-go"
)

const (
	// defaultLimit is how many users are asked for where the caller does not say: a page is known
	// for the last by being shorter than what was asked for.
	defaultLimit = 100
	// maxLimit is the most that the service gives at once.
	maxLimit = 10_000
)

var errNoList = messembed.BadField("the answer", "is no list")

// readPage asks for limit users from offset on. The service answers with a bare array, and does not
// say how many there are.
func (*platform) readPage(
	ctx context.Context, call *messembed.Caller, filter url.Values, offset, limit int,
) ([]*messembed.User, messembed.Answer, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
	for name, values := range filter {
		query[name] = values
	}
	var list []json.RawMessage
	answer, err := call.Decode(ctx, opListUsers, messembed.Request{Query: query.Encode()}, &list)
	if err != nil {
		return nil, answer, err
	}
	if list == nil {
		return nil, answer, call.Unreadable(opListUsers, answer, errNoList)
	}
	users := make([]*messembed.User, len(list))
	for i, raw := range list {
		if users[i], err = readUser(raw); err != nil {
			return nil, answer, call.Unreadable(opListUsers, answer, err)
		}
	}
	return users, answer, nil
}

// walk yields the users of all pages until yield says false. A user that moves to the next page
// while the walk goes on does not come twice; a short page, and one that brings nothing new, ends
// the walk.
func (p *platform) walk(
	ctx context.Context, call *messembed.Caller, filter url.Values, yield func(*messembed.User) bool,
) (last messembed.Answer, err error) {
	var before map[string]bool // the ids of the page before
	for offset := 0; ; {
		call.Renew()
		users, answer, err := p.readPage(ctx, call, filter, offset, defaultLimit)
		if err != nil {
			return answer, err
		}
		ids := make(map[string]bool, len(users))
		progress := false
		for _, u := range users {
			ids[u.ID] = true
			if before[u.ID] {
				continue
			}
			progress = true
			if !yield(u) {
				return answer, nil
			}
		}
		if len(users) < defaultLimit || !progress {
			return answer, nil
		}
		before = ids
		offset += len(users)
	}
}

func (p *platform) Users(ctx context.Context, call *messembed.Caller, yield func(*messembed.User) bool) error {
	_, err := p.walk(ctx, call, nil, yield)
	return err
}

// FindUser looks a user up by its login.
func (p *platform) FindUser(ctx context.Context, call *messembed.Caller, login string) (*messembed.User, error) {
	return p.find(ctx, call, "login", login, func(u *messembed.User) bool { return u.Profile.Username == login })
}

// find looks for the one user that matches. The service searches names and contacts, and whether a
// login counts as one is not documented: what the search does not bring, a filter by the field may.
// Neither is believed without looking.
func (p *platform) find(
	ctx context.Context, call *messembed.Caller, field, value string, matches func(*messembed.User) bool,
) (*messembed.User, error) {
	var found *messembed.User
	var answer messembed.Answer
	for _, filter := range []url.Values{{"search": {value}}, {"where." + field: {value}}} {
		var err error
		answer, err = p.walk(ctx, call, filter, func(u *messembed.User) bool {
			if matches(u) {
				found = u
			}
			return found == nil
		})
		if err != nil {
			return nil, err
		}
		if found != nil {
			return found, nil
		}
	}
	return nil, call.Fail(messembed.ErrNotFound, answer, "no user has this "+field)
}

// ListUsers gives one page. Its cursor is the offset of the next.
func (p *platform) ListUsers(
	ctx context.Context, call *messembed.Caller, params messembed.ListUsersParams,
) (*messembed.UserPage, error) {
	offset := 0
	if params.Cursor != "" {
		n, err := strconv.ParseUint(params.Cursor, 10, 31)
		if err != nil {
			return nil, call.Invalid("Cursor: is not a NextCursor of this list")
		}
		offset = int(n)
	}
	limit := defaultLimit
	if params.Limit > 0 {
		limit = min(params.Limit, maxLimit)
	}
	users, _, err := p.readPage(ctx, call, nil, offset, limit)
	if err != nil {
		return nil, err
	}
	page := &messembed.UserPage{Users: users, TotalCount: -1}
	if len(users) >= limit {
		page.NextCursor = strconv.Itoa(offset + len(users))
	}
	return page, nil
}
