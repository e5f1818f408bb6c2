package chatkittytest

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// A route is an operation of the fake with its handler. Paths are below the base path.
type route struct {
	fakeserver.Route
	serve func(*Server, *call) reply
}

// routes lists operations that share a method and a path next to each other:
// FindUser is ListUsers with a name.
var routes = []route{
	{fakeserver.Route{Op: "Ping", Method: "HEAD", Path: "/application"}, (*Server).getApplication},
	{fakeserver.Route{Op: "CheckCredentials", Method: "GET", Path: "/application"}, (*Server).getApplication},
	{fakeserver.Route{Op: "CreateUser", Method: "POST", Path: "/users"}, (*Server).createUser},
	{fakeserver.Route{Op: "UserExists", Method: "HEAD", Path: "/users"}, (*Server).userExists},
	{fakeserver.Route{Op: "FindUser", Method: "GET", Path: "/users"}, (*Server).listUsers},
	{fakeserver.Route{Op: "ListUsers", Method: "GET", Path: "/users"}, (*Server).listUsers},
	{fakeserver.Route{Op: "GetUser", Method: "GET", Path: "/users/:id"}, (*Server).getUser},
	{fakeserver.Route{Op: "GetUser", Method: "GET", Path: "/applications/:application/users/:id"}, (*Server).getUser},
	{fakeserver.Route{Op: "UpdateUser", Method: "PATCH", Path: "/users/:id"}, (*Server).updateUser},
	{fakeserver.Route{Op: "DeleteUser", Method: "DELETE", Path: "/users/:id"}, (*Server).deleteUser},
	{fakeserver.Route{Op: "SetUserPicture", Method: "POST", Path: "/users/:id/display-picture"}, (*Server).setPicture},
	{fakeserver.Route{Op: "ListUserSessions", Method: "GET", Path: "/user-sessions"}, (*Server).listSessions},
}

// operations returns the routes, beginning with the token endpoint, whose path
// is not below the base path.
func operations() []fakeserver.Route {
	out := []fakeserver.Route{{Op: "Token", Method: "POST", Path: tokenPath}}
	for _, rt := range routes {
		out = append(out, rt.Route)
	}
	return out
}

// sends maps SDK methods without a route of their own to what they send.
var sends = map[string]string{
	"Users": "ListUsers", "EnsureUser": "CreateUser", "ImportUsers": "CreateUser", "ModifyUser": "UpdateUser",
	"GetPresence": "GetUser", "WatchPresence": "GetUser", "WatchUsers": "GetUser", "SyncUsers": "CreateUser",
}

// A call is a request that has found its route.
type call struct {
	request *http.Request
	id      string // from the path, decoded
	query   url.Values
	body    []byte
	dialect dialect // of the response
}

// ownType is the newer client's type of JSON.
const ownType = "application/vnd.chatkitty+json"

// hasType reports whether the request's body is of one of the types.
func (c *call) hasType(types ...string) bool {
	kind, _, _ := mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	return slices.Contains(types, kind)
}

// operation tells [fakehttp.Server] what a request is.
func (s *Server) operation(r *http.Request) fakehttp.Operation {
	path, rawQuery, _ := strings.Cut(fakehttp.Target(r), "?")
	if path == tokenPath {
		return fakehttp.Operation{Name: "Token", SecretBody: true, Serve: s.serveToken}
	}
	inside, documented := strings.CutPrefix(path, basePath+"/")
	if documented {
		inside = "/" + inside
	}
	spoken := s.guesses.dialect || dialect(!documented)
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return s.serving(fakehttp.Operation{}, func(*call) reply { return notFound() }, call{})
	}
	known := false
	for _, rt := range routes {
		id, ok := fakehttp.MatchPath(rt.Path, inside)
		if !ok {
			continue
		}
		known = true
		if rt.Method != r.Method || rt.Op == "FindUser" && !query.Has("name") {
			continue
		}
		serve := func(c *call) reply { return rt.serve(s, c) }
		return s.serving(fakehttp.Operation{Name: rt.Op}, serve, call{id: id, query: query, dialect: spoken})
	}
	refuse := notFound
	if known {
		refuse = methodNotAllowed
	}
	return s.serving(fakehttp.Operation{}, func(*call) reply { return refuse() }, call{query: query})
}

// serving completes the operation: every operation checks the token and the rate limit first.
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
