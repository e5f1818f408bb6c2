package conformance

import (
	"fmt"
	"iter"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var listCases = []Case{
	{
		Name: "pages hold every user once", Operations: []string{"ListUsers"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			mine := createSome(t, in, c, 7)
			seen := map[string]int{}
			p := messembed.ListUsersParams{Limit: 3}
			for pages := 0; ; pages++ {
				page, err := c.ListUsers(t.Context(), p)
				must(t, err)
				if len(page.Users) > 3 {
					t.Errorf("a page of %d, want at most 3", len(page.Users))
				}
				for _, u := range page.Users {
					seen[u.ID]++
				}
				if p.Cursor = page.NextCursor; p.Cursor == "" {
					break
				}
				if pages > 10_000 {
					t.Fatal("the pages do not end")
				}
			}
			wantEachOnce(t, mine, seen)
			_, err := c.ListUsers(t.Context(), messembed.ListUsersParams{Limit: -1})
			wantKind(t, err, messembed.ErrInvalidArgument)
		},
	},
	{
		Name: "a walk yields every user once", Operations: []string{"Users"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			mine := createSome(t, in, c, 7)
			users := c.Users(t.Context())
			for range 2 { // each range sends new requests
				seen := map[string]int{}
				for u, err := range users {
					must(t, err)
					seen[u.ID]++
				}
				wantEachOnce(t, mine, seen)
			}
			for _, err := range users {
				must(t, err)
				break
			}
		},
	},
	{
		Name: "a walk's failure is the last thing it yields", Operations: []string{"Users"}, Faults: true,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			createSome(t, in, c, 2)
			in.Fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: 403})
			yields := 0
			for _, err := range c.Users(t.Context()) {
				wantKind(t, err, messembed.ErrPermissionDenied)
				yields++
			}
			want(t, "yields", yields, 1)
		},
	},
	{
		Name: "an import stores each row once", Operations: []string{"ImportUsers"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			create(t, in, c, "u2")
			rows := func() iter.Seq2[messembed.CreateUserParams, error] {
				return func(yield func(messembed.CreateUserParams, error) bool) {
					for i := range 5 {
						if !yield(in.User(fmt.Sprintf("u%d", i)), nil) {
							return
						}
					}
				}
			}
			report, err := c.ImportUsers(t.Context(), rows(), messembed.ImportOptions{})
			must(t, err)
			want(t, "created", report.Created, 4)
			want(t, "kept", report.Kept, 1)
			report, err = c.ImportUsers(t.Context(), rows(), messembed.ImportOptions{})
			must(t, err)
			want(t, "created again", report.Created, 0)
			want(t, "kept", report.Kept, 5)
			for i := range 5 {
				found := named(t, c, in, fmt.Sprintf("u%d", i))
				want(t, "users of that name", len(found), 1)
				for _, u := range found {
					forget(t, in, c, u.ID)
				}
			}
		},
	},
}

func createSome(t *testing.T, in Instance, c *messembed.Client, n int) (ids []string) {
	t.Helper()
	for i := range n {
		ids = append(ids, create(t, in, c, fmt.Sprintf("u%d", i)).ID)
	}
	return ids
}

func wantEachOnce(t *testing.T, ids []string, seen map[string]int) {
	t.Helper()
	for _, id := range ids {
		want(t, "times that "+id+" was yielded", seen[id], 1)
	}
}
