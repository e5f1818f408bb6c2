package rightech

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

const (
	// defaultLimit is the page size if the caller gives none.
	defaultLimit = 100
	// maxLimit is the service's largest page.
	maxLimit = 10_000
)

// ListUsers returns one page. The cursor is the offset of the next one.
func (p *platform) ListUsers(
	ctx context.Context, call *messembed.Call, params messembed.ListUsersParams,
) (*messembed.UserPage, error) {
	offset, err := adapter.Offset(call, params.Cursor)
	if err != nil {
		return nil, err
	}
	limit := defaultLimit
	if params.Limit > 0 {
		limit = min(params.Limit, maxLimit)
	}
	page, err := p.readPage(ctx, call, nil, offset, limit)
	if err != nil {
		return nil, err
	}
	list := &messembed.UserPage{Users: page.Users, TotalCount: page.Total}
	offset += len(page.Users)
	more := len(page.Users) == limit
	if 0 < len(page.Users) && len(page.Users) < limit {
		more, err = p.follows(ctx, call.Lookup(), page.Users, offset)
	}
	if err != nil {
		return nil, err
	}
	if more {
		list.NextCursor = strconv.Itoa(offset)
	}
	return list, nil
}

// follows reports whether there are users at offset, after those of a page that
// is shorter than requested: it may be the last, or the service may have a lower
// limit than we know. A service that ignores the offset has no more.
func (p *platform) follows(ctx context.Context, call *messembed.Call, before []*messembed.User, offset int) (bool, error) {
	next, err := p.readPage(ctx, call, nil, offset, 1)
	if err != nil || len(next.Users) == 0 {
		return false, err
	}
	return next.Users[0].ID != before[0].ID, nil
}

func (p *platform) Users(ctx context.Context, call *messembed.Call, yield func(*messembed.User) bool) error {
	_, err := p.walk(ctx, call, nil, yield)
	return err
}

func (p *platform) walk(
	ctx context.Context, call *messembed.Call, filter url.Values, yield func(*messembed.User) bool,
) (last messembed.Answer, err error) {
	return adapter.Walk(call, opListUsers, func(_, users int) (adapter.Page, error) {
		return p.readPage(ctx, call, filter, users, defaultLimit)
	}, yield)
}

var errNoList = messembed.BadField("the response", "not a list")

// readPage requests limit users from offset on. The service responds with a
// bare array and no total: only an empty page is the last for sure, since a
// short one may be due to a limit of the service.
func (*platform) readPage(
	ctx context.Context, call *messembed.Call, filter url.Values, offset, limit int,
) (adapter.Page, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
	for name, values := range filter {
		query[name] = values
	}
	var list []json.RawMessage
	answer, err := call.Decode(ctx, opListUsers, messembed.Request{Query: query.Encode()}, &list)
	if err != nil {
		return adapter.Page{}, err
	}
	if list == nil {
		return adapter.Page{}, call.Unreadable(opListUsers, answer, errNoList)
	}
	users, err := adapter.Users(list, readUser)
	if err != nil {
		return adapter.Page{}, call.Unreadable(opListUsers, answer, err)
	}
	return adapter.Page{Users: users, Total: -1, Last: len(users) == 0, Answer: answer}, nil
}
