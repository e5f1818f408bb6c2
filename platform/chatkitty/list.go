package chatkitty

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// walkSize is the page size of a walk. The service's default is 25; its maximum
// is undocumented.
const walkSize = 100

// pageJSON is a page in HAL, the service's format. An empty one has no
// _embedded.
type pageJSON struct {
	Embedded *struct {
		Users []json.RawMessage `json:"users"`
	} `json:"_embedded"`
	Links Links `json:"_links"`
	Page  *struct {
		TotalElements      *int `json:"totalElements"`
		TotalElementsSnake *int `json:"total_elements"`
		TotalPages         *int `json:"totalPages"`
		TotalPagesSnake    *int `json:"total_pages"`
	} `json:"page"`
}

// ListUsers returns one page. The cursor is the page's number and size, since
// pages of another size begin elsewhere.
func (p *platform) ListUsers(
	ctx context.Context, call *messembed.Call, params messembed.ListUsersParams,
) (*messembed.UserPage, error) {
	number, size := 0, params.Limit
	if params.Cursor != "" {
		var err error
		if number, size, err = parseCursor(params.Cursor); err != nil {
			return nil, call.Invalid("Cursor: not a NextCursor of this list")
		}
		if params.Limit != size {
			return nil, call.Invalid(fmt.Sprintf("Limit: must be %d, as for the page of the cursor", size))
		}
	}
	found, err := p.page(ctx, call, opListUsers, nil, number, size)
	if err != nil {
		return nil, err
	}
	list := &messembed.UserPage{Users: found.Users, TotalCount: found.Total}
	if !found.Last && len(found.Users) > 0 {
		list.NextCursor = strconv.Itoa(number+1) + "/" + strconv.Itoa(size)
	}
	return list, nil
}

func parseCursor(cursor string) (number, size int, err error) {
	first, second, _ := strings.Cut(cursor, "/")
	n, err := strconv.ParseUint(first, 10, 31)
	if err != nil {
		return 0, 0, err
	}
	s, err := strconv.ParseUint(second, 10, 31)
	return int(n), int(s), err
}

func (p *platform) Users(ctx context.Context, call *messembed.Call, yield func(*messembed.User) bool) error {
	_, err := p.walk(ctx, call, opListUsers, nil, yield)
	return err
}

func (p *platform) walk(
	ctx context.Context, call *messembed.Call, op messembed.Operation, filter url.Values,
	yield func(*messembed.User) bool,
) (last messembed.Answer, err error) {
	return adapter.Walk(call, op, func(pages, _ int) (adapter.Page, error) {
		return p.page(ctx, call, op, filter, pages, walkSize)
	}, yield)
}

// page reads one page of the list, or of those that the filter selects.
func (p *platform) page(
	ctx context.Context, call *messembed.Call, op messembed.Operation, filter url.Values, number, size int,
) (adapter.Page, error) {
	return adapter.ReadPage(call, op, func() (adapter.Page, error) { return p.readPage(ctx, call, op, filter, number, size) })
}

// readPage reads one page. number counts from 0; a size of 0 means the
// service's default.
func (*platform) readPage(
	ctx context.Context, call *messembed.Call, op messembed.Operation, filter url.Values, number, size int,
) (adapter.Page, error) {
	query := url.Values{"page": {strconv.Itoa(number)}}
	for name, values := range filter {
		query[name] = values
	}
	if size > 0 {
		query.Set("size", strconv.Itoa(size))
	}
	var said pageJSON
	answer, err := call.Decode(ctx, op, messembed.Request{Query: query.Encode()}, &said)
	if err != nil {
		return adapter.Page{}, err
	}
	if said.Embedded == nil && said.Page == nil {
		return adapter.Page{}, call.Unreadable(op, answer, messembed.BadField("page", "missing from the response"))
	}
	var list []json.RawMessage
	if said.Embedded != nil {
		list = said.Embedded.Users
	}
	users, err := adapter.Users(list, readUser)
	if err != nil {
		return adapter.Page{}, call.Unreadable(op, answer, err)
	}
	page := adapter.Page{Users: users, Total: -1, Answer: answer}
	_, more := said.Links["next"]
	page.Gap = more && len(users) == 0
	if said.Page != nil {
		if total := either(said.Page.TotalElements, said.Page.TotalElementsSnake); total != nil {
			page.Total = *total
		}
		if pages := either(said.Page.TotalPages, said.Page.TotalPagesSnake); pages != nil {
			more = number+1 < *pages
			page.Gap = number < *pages && len(users) == 0
		}
	}
	page.Last = !more
	return page, nil
}

func either(a, b *int) *int {
	if a != nil {
		return a
	}
	return b
}
