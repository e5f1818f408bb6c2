package rocketchat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// fullPage is the largest page that a workspace returns by default. The service
// silently lowers a larger count.
const fullPage = 100

// page reads one page of users.list.
func (p *platform) page(ctx context.Context, call *messembed.Call, offset, count int) (adapter.Page, error) {
	return adapter.ReadPage(call, opListUsers, func() (adapter.Page, error) { return p.readPage(ctx, call, offset, count) })
}

func (p *platform) readPage(ctx context.Context, call *messembed.Call, offset, count int) (adapter.Page, error) {
	var said struct {
		Users []json.RawMessage   `json:"users"`
		Total adapter.Loose[*int] `json:"total"`
	}
	query := url.Values{"offset": {strconv.Itoa(offset)}, "count": {strconv.Itoa(count)}}
	answer, err := call.Decode(ctx, opListUsers, messembed.Request{Query: query.Encode()}, &said)
	if err != nil {
		return adapter.Page{}, err
	}
	if said.Users == nil {
		return adapter.Page{}, call.Unreadable(opListUsers, answer, messembed.BadField("users", "missing from the response"))
	}
	users, err := adapter.Users(said.Users, p.readUser)
	if err != nil {
		return adapter.Page{}, call.Unreadable(opListUsers, answer, err)
	}
	got := adapter.Page{Users: users, Total: -1, Answer: answer}
	if said.Total.Value != nil {
		got.Total = *said.Total.Value
	}
	got.Last = isLast(got, offset+len(users))
	got.Gap = len(users) == 0 && got.Total > offset
	return got, nil
}

// isLast reports whether nothing follows the page that ends before offset.
func isLast(page adapter.Page, offset int) bool {
	return len(page.Users) == 0 || page.Total >= 0 && offset >= page.Total
}

// ListUsers returns one page: up to Limit users, or the service's own limit if
// that is lower. The cursor is the offset of the next page.
func (p *platform) ListUsers(ctx context.Context, call *messembed.Call, params messembed.ListUsersParams) (*messembed.UserPage, error) {
	offset, err := adapter.Offset(call, params.Cursor)
	if err != nil {
		return nil, err
	}
	count := params.Limit
	if count == 0 {
		count = fullPage
	}
	got, err := p.page(ctx, call, offset, count)
	if err != nil {
		return nil, err
	}
	if len(got.Users) > count {
		got.Users = got.Users[:count:count]
	}
	list := &messembed.UserPage{Users: got.Users, TotalCount: got.Total}
	if offset += len(got.Users); !isLast(got, offset) {
		list.NextCursor = strconv.Itoa(offset)
	}
	if call.Details() {
		list.Users = make([]*messembed.User, 0, len(got.Users))
		for _, u := range got.Users {
			whole, there, err := p.whole(ctx, call, u)
			if err != nil {
				return nil, err
			}
			if there {
				list.Users = append(list.Users, whole)
			}
		}
	}
	return list, nil
}

// Users walks the pages. Users created or deleted meanwhile shift the others: a
// user who appears on two consecutive pages is yielded once, a user who moves
// to a page already read is missed.
func (p *platform) Users(ctx context.Context, call *messembed.Call, yield func(*messembed.User) bool) error {
	var failed error
	_, err := adapter.Walk(call, opListUsers, func(_, users int) (adapter.Page, error) {
		return p.page(ctx, call, users, fullPage)
	}, func(u *messembed.User) bool {
		there := true
		if call.Details() {
			u, there, failed = p.whole(ctx, call, u)
		}
		return failed == nil && (!there || yield(u))
	})
	return cmp.Or(failed, err)
}

// whole reads the full user for an abbreviated one of the list. It may have
// been deleted since.
func (p *platform) whole(ctx context.Context, call *messembed.Call, u *messembed.User) (whole *messembed.User, there bool, err error) {
	if u.ID == "" {
		return u, true, nil
	}
	lookup := call.Lookup()
	lookup.Renew() // each read gets the call's full timeout
	whole, err = p.GetUser(ctx, lookup, u.ID)
	if errors.Is(err, messembed.ErrNotFound) {
		return nil, false, nil
	}
	return whole, err == nil, err
}

// ListLeavesOut implements [messembed.PlatformAbbreviatedList].
func (*platform) ListLeavesOut(p messembed.CreateUserParams) bool { return p.ExternalMetadata != nil }
