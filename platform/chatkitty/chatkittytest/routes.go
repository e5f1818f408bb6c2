package chatkittytest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest"
)

// A route is one operation that the fake has, and what serves it. Paths are below the base path.
type route struct {
	messembedtest.Route
	serve func(*Server, *call) reply
}

// routes has the operations that share a method and a path beside each other: a find is a list with
// a name.
var routes = []route{
	{messembedtest.Route{Op: "Ping", Method: "HEAD", Path: "/application"}, (*Server).getApplication},
	{messembedtest.Route{Op: "CheckCredentials", Method: "GET", Path: "/application"}, (*Server).getApplication},
	{messembedtest.Route{Op: "CreateUser", Method: "POST", Path: "/users"}, (*Server).createUser},
	{messembedtest.Route{Op: "UserExists", Method: "HEAD", Path: "/users"}, (*Server).userExists},
	{messembedtest.Route{Op: "FindUser", Method: "GET", Path: "/users"}, (*Server).listUsers},
	{messembedtest.Route{Op: "ListUsers", Method: "GET", Path: "/users"}, (*Server).listUsers},
	{messembedtest.Route{Op: "GetUser", Method: "GET", Path: "/users/:id"}, (*Server).getUser},
	{messembedtest.Route{Op: "GetUser", Method: "GET", Path: "/applications/:application/users/:id"}, (*Server).getUser},
	{messembedtest.Route{Op: "UpdateUser", Method: "PATCH", Path: "/users/:id"}, (*Server).updateUser},
	{messembedtest.Route{Op: "DeleteUser", Method: "DELETE", Path: "/users/:id"}, (*Server).deleteUser},
	{messembedtest.Route{Op: "SetUserPicture", Method: "POST", Path: "/users/:id/display-picture"}, (*Server).setPicture},
	{messembedtest.Route{Op: "ListUserSessions", Method: "GET", Path: "/user-sessions"}, (*Server).listSessions},
}

// Routes lists the operations that the fake has, the token endpoint first, whose path is not below
// the base path.
func (*Server) Routes() []messembedtest.Route {
	out := []messembedtest.Route{{Op: "Token", Method: "POST", Path: tokenPath}}
	for _, rt := range routes {
		out = append(out, rt.Route)
	}
	return out
}

// sends is what the SDK's methods send that have no route of their own.
var sends = map[string]string{
	"Users": "ListUsers", "EnsureUser": "CreateUser", "ImportUsers": "CreateUser", "ModifyUser": "UpdateUser",
	"GetPresence": "GetUser", "WatchPresence": "GetUser",
}

// operationNames are those that a fault may have.
func (s *Server) operationNames() []string {
	var names []string
	for _, rt := range s.Routes() {
		names = append(names, rt.Op)
	}
	return names
}

// A call is one request that has found its route.
type call struct {
	request *http.Request
	id      string // of the path, decoded
	query   url.Values
	body    []byte
}

// matches tells whether the path is the route's, and gives the decoded id in it.
func (rt route) matches(path string) (id string, ok bool) {
	want, got := strings.Split(rt.Path, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return "", false
	}
	for i, segment := range want {
		plain, err := url.PathUnescape(got[i])
		switch {
		case err != nil:
			return "", false
		case segment == ":id":
			id = plain
		case strings.HasPrefix(segment, ":"):
		case segment != plain:
			return "", false
		}
	}
	return id, true
}

// operation is how [fakehttp.Server] learns what a request is.
func (s *Server) operation(r *http.Request) fakehttp.Operation {
	path, rawQuery, _ := strings.Cut(fakehttp.Target(r), "?")
	if path == tokenPath {
		return fakehttp.Operation{Name: "Token", SecretBody: true, Serve: s.serveToken}
	}
	inside, ok := strings.CutPrefix(path, basePath)
	query, err := url.ParseQuery(rawQuery)
	if !ok || err != nil {
		return s.serving(fakehttp.Operation{}, func(*call) reply { return notFound() }, call{})
	}
	known := false
	for _, rt := range routes {
		id, ok := rt.matches(inside)
		if !ok {
			continue
		}
		known = true
		if rt.Method != r.Method || rt.Op == "FindUser" && !query.Has("name") {
			continue
		}
		serve := func(c *call) reply { return rt.serve(s, c) }
		return s.serving(fakehttp.Operation{Name: rt.Op}, serve, call{id: id, query: query})
	}
	refuse := notFound
	if known {
		refuse = methodNotAllowed
	}
	return s.serving(fakehttp.Operation{}, func(*call) reply { return refuse() }, call{query: query})
}

// serving completes the operation: whatever it does, the service looks at the token and the rate
// first.
func (s *Server) serving(op fakehttp.Operation, serve func(*call) reply, c call) fakehttp.Operation {
	op.Serve = func(w http.ResponseWriter, r *http.Request) {
		c.request, c.body = r, fakehttp.Body(r)
		s.mu.Lock()
		answer, ok := s.admit(r)
		if ok {
			answer = serve(&c)
		}
		s.mu.Unlock()
		s.send(w, answer)
	}
	return op
}
