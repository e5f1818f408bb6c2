package fakehttp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

func TestMatchPath(t *testing.T) {
	for _, test := range []struct {
		route, path string
		id          string
		ok          bool
	}{
		{"/users", "/users", "", true},
		{"/users", "/users/", "", false},
		{"/users", "/Users", "", false},
		{"/users/:id", "/users/a%2Fb", "a/b", true},
		{"/users/:id", "/users/a/b", "", false},
		{"/users/:id", "/users/%zz", "", false},
		{"/users/:id", "/users/", "", true},
		{"/apps/:app/users/:id", "/apps/1/users/2", "2", true},
		{"/apps/:app/users/:id", "/apps/1/chats/2", "", false},
	} {
		id, ok := fakehttp.MatchPath(test.route, test.path)
		assert.Equal(t, test.ok, ok, test.path)
		if test.ok {
			assert.Equal(t, test.id, id, test.path)
		}
	}
}

// Each route's operation can fail, and a caller cannot change the routes.
func TestRoutes(t *testing.T) {
	tb := &failing{}
	c := newCounter(t, fakehttp.Config{TB: tb, Routes: []fakeserver.Route{{Op: "Reset", Method: "PUT", Path: "/count"}}})
	c.Routes()[0].Op = ""
	c.FailNext(fakeserver.Fault{Op: "Reset"})
	assert.Empty(t, tb.problems)
	assert.Equal(t, []fakeserver.Route{{Op: "Reset", Method: "PUT", Path: "/count"}}, c.Routes())
}
