package rightechtest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

const usersPath = "/api/v1/users"

// A route is an operation of the fake with its handler.
type route struct {
	fakeserver.Route
	serve func(*Server, *call) reply
}

var routes = []route{
	{fakeserver.Route{Op: "Ping", Method: "HEAD", Path: usersPath}, (*Server).listUsers},
	{fakeserver.Route{Op: "CreateUser", Method: "POST", Path: usersPath}, (*Server).createUser},
	{fakeserver.Route{Op: "ListUsers", Method: "GET", Path: usersPath}, (*Server).listUsers},
	{fakeserver.Route{Op: tokenOp, Method: "POST", Path: usersPath + "/tokens"}, (*Server).createToken},
	{fakeserver.Route{Op: "GetUser", Method: "GET", Path: usersPath + "/:id"}, (*Server).getUser},
	{fakeserver.Route{Op: "UpdateUser", Method: "PATCH", Path: usersPath + "/:id"}, (*Server).updateUser},
	{fakeserver.Route{Op: "DeleteUser", Method: "DELETE", Path: usersPath + "/:id"}, (*Server).deleteUser},
}

const tokenOp = "CreateAccessToken"

func operations() []fakeserver.Route {
	out := make([]fakeserver.Route, len(routes))
	for i, rt := range routes {
		out[i] = rt.Route
	}
	return out
}

// sends maps SDK methods without a route of their own to what they send.
var sends = map[string]string{
	"CheckCredentials": "ListUsers", "Users": "ListUsers", "EnsureUser": "CreateUser", "ImportUsers": "CreateUser",
	"ModifyUser": "UpdateUser", "BlockUser": "UpdateUser", "UnblockUser": "UpdateUser",
	"WatchUsers": "GetUser", "SyncUsers": "CreateUser",
}

// A call is a request that has found its route.
type call struct {
	id    string // from the path, decoded
	query url.Values
	body  []byte
}

// operation tells [fakehttp.Server] what a request is.
func (s *Server) operation(r *http.Request) fakehttp.Operation {
	path, rawQuery, _ := strings.Cut(fakehttp.Target(r), "?")
	query, _ := url.ParseQuery(rawQuery)
	for _, rt := range routes {
		id, ok := fakehttp.MatchPath(rt.Path, path)
		if !ok || rt.Method != r.Method {
			continue
		}
		return fakehttp.Operation{Name: rt.Op, Serve: func(w http.ResponseWriter, r *http.Request) {
			c := &call{id: id, query: query, body: fakehttp.Body(r)}
			s.mu.Lock()
			answer, admitted := s.admit(rt.Op, r)
			if admitted {
				answer = rt.serve(s, c)
			}
			s.mu.Unlock()
			s.send(w, answer)
		}}
	}
	return fakehttp.Operation{Serve: func(w http.ResponseWriter, _ *http.Request) {
		s.send(w, ricError(http.StatusNotFound, tagOf(http.StatusNotFound)))
	}}
}
