package chatkittytest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
)

const ownType = "application/vnd.chatkitty+json"

// The newer client leaves out /v1, has a content type of its own, and is answered
// in the second dialect.
func TestDialects(t *testing.T) {
	c := newCaller(t)
	for base, want := range map[string]struct {
		displayName, total string
		links              any
	}{
		"https://api.chatkitty.test/v1": {"displayName", "totalElements", map[string]any{}},
		"https://api.chatkitty.test":    {"display_name", "total_elements", []any{}},
	} {
		t.Run(base, func(t *testing.T) {
			do := func(method, path, contentType, body string) (int, map[string]any) {
				status, answer, _ := c.at(base, method, path, contentType, body)
				return status, answer
			}
			for kind, name := range map[string]string{jsonType: "jane", ownType: "joe"} {
				status, user := do("POST", "/users", kind, `{"name":"`+base+name+`","display_name":"J","is_guest":false}`)
				require.Equal(t, 200, status)
				assert.Equal(t, "J", user[want.displayName])
				assert.IsType(t, want.links, user["_links"])
			}
			status, page := do("GET", "/users?size=1", "", "")
			assert.Equal(t, 200, status)
			assert.Contains(t, page["page"], want.total)
			assert.IsType(t, want.links, page["_links"])
			status, _ = do("GET", "//users", "", "")
			assert.Equal(t, 404, status)
		})
	}
	id := c.fake.AddUser(messembed.User{})
	status, _, _ := c.do("PATCH", "/users/"+id, ownType, `{}`)
	assert.Equal(t, 415, status, "both clients send a merge patch")
}
