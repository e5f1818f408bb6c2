package rocketchat

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"

	messembed "github.com/messembed/messembed-go"
)

// fullPage is the largest page that a workspace gives by default. A larger count
// is lowered without a word.
const fullPage = 100

// page is one answer of users.list.
type page struct {
	users []*messembed.User
	total int // -1: the service does not say
}

func (p *platform) page(ctx context.Context, call *messembed.Caller, offset, count int) (page, error) {
	var said struct {
		Users []json.RawMessage `json:"users"`
		Total loose[*int]       `json:"total"`
	}
	query := url.Values{"offset": {strconv.Itoa(offset)}, "count": {strconv.Itoa(count)}}
	answer, err := call.Decode(ctx, opListUsers, messembed.Request{Query: query.Encode()}, &said)
	if err != nil {
		return page{}, err
	}
	if said.Users == nil {
		return page{}, call.Unreadable(opListUsers, answer, messembed.BadField("users", "the answer has none"))
	}
	got := page{users: make([]*messembed.User, 0, len(said.Users)), total: -1}
	if said.Total.value != nil {
		got.total = *said.Total.value
	}
	for _, raw := range said.Users {
		u, err := p.decodeUser(raw)
		if err != nil {
			return page{}, call.Unreadable(opListUsers, answer, err)
		}
		got.users = append(got.users, u)
	}
	return got, nil
}

// last tells whether nothing follows the page that ends before offset.
func (g page) last(offset int) bool {
	return len(g.users) == 0 || g.total >= 0 && offset >= g.total
}

// ListUsers gives one page of the service's: up to Limit, or the service's own
// limit if that is lower. Its cursor is where the next one begins.
func (p *platform) ListUsers(ctx context.Context, call *messembed.Caller, params messembed.ListUsersParams) (*messembed.UserPage, error) {
	offset := 0
	if params.Cursor != "" {
		at, err := strconv.ParseUint(params.Cursor, 10, 31)
		if err != nil {
			return nil, call.Invalid("Cursor: is not a NextCursor of this list")
		}
		offset = int(at)
	}
	count := params.Limit
	if count == 0 {
		count = fullPage
	}
	got, err := p.page(ctx, call, offset, count)
	if err != nil {
		return nil, err
	}
	if len(got.users) > count {
		got.users = got.users[:count:count]
	}
	list := &messembed.UserPage{Users: got.users, TotalCount: got.total}
	if offset += len(got.users); !got.last(offset) {
		list.NextCursor = strconv.Itoa(offset)
	}
	if call.Details() {
		list.Users = make([]*messembed.User, 0, len(got.users))
		for _, u := range got.users {
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

// Users walks the pages. Users who come or go meanwhile move the others in the
// list: one who appears on two pages in a row is given once, one who slips onto a
// page already read is missed.
func (p *platform) Users(ctx context.Context, call *messembed.Caller, yield func(*messembed.User) bool) error {
	var before map[string]bool
	for offset := 0; ; {
		got, err := p.page(ctx, call, offset, fullPage)
		if err != nil {
			return err
		}
		seen := make(map[string]bool, len(got.users))
		progress := false
		for _, u := range got.users {
			if u.ID != "" {
				if before[u.ID] || seen[u.ID] {
					continue
				}
				seen[u.ID], progress = true, true
			}
			there := true
			if call.Details() {
				if u, there, err = p.whole(ctx, call, u); err != nil {
					return err
				}
			}
			if there && !yield(u) {
				return nil
			}
		}
		if offset += len(got.users); !progress || got.last(offset) {
			return nil
		}
		before = seen
		call.Renew()
	}
}

// whole reads a user whole of whom the list has an abbreviation. It may be gone
// since.
func (p *platform) whole(ctx context.Context, call *messembed.Caller, u *messembed.User) (whole *messembed.User, there bool, err error) {
	if u.ID == "" {
		return u, true, nil
	}
	lookup := call.Lookup()
	lookup.Renew() // each has the call's time for itself
	whole, err = p.GetUser(ctx, lookup, u.ID)
	if errors.Is(err, messembed.ErrNotFound) {
		return nil, false, nil
	}
	return whole, err == nil, err
}
