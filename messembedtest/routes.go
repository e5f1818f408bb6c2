package messembedtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// A guard determines who may use a route.
type guard int

const (
	everybody guard = iota
	admins          // with the service's password
	users           // with an access token
)

// A route is a Route and its handler. A success is 201 for POST and 200 for the
// other methods, as in the framework.
type route struct {
	Route
	also  []string // the SDK's other methods whose faults hit this route
	guard guard
	serve func(*Server, *call) (js.Value, *failure) // nil: the server has no such route

	segments []string // of Path
}

// A call is one request that has passed its route's guard.
type call struct {
	request   *http.Request
	parameter string // of the path, decoded
	query     string
	body      js.Value
	user      *js.Object // the owner of the access token
}

// field returns a field of the body as JavaScript does: undefined if there is
// none, or if the body is an array.
func (c *call) field(key string) js.Value {
	if o, ok := c.body.(*js.Object); ok {
		return o.Get(key)
	}
	return js.Undefined{}
}

func at(op, method, path string) Route { return Route{Op: op, Method: method, Path: path} }

// frontEndRoutes are not for an administrator, and the fake knows only that
// they require an access token.
func frontEndRoutes() []*route {
	return []*route{
		{Route: at("", "POST", "/user/personal-chats"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "GET", "/user/personal-chats"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "GET", "/user/unread-personal-chats-count"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "GET", "/user/personal-chats/:chatId"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "POST", "/user/personal-chats/:chatId/read-status"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "POST", "/chats/:chatId/messages"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "GET", "/chats/:chatId/messages"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "GET", "/chats/:chatId/messages-with-attachments"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "DELETE", "/chats/:chatId/messages"), guard: users, serve: (*Server).notFaked},
		{Route: at("", "GET", "/updates"), guard: users, serve: (*Server).notFaked},
	}
}

// notFaked fails visibly where the real server would do something that the fake
// cannot.
func (s *Server) notFaked(*call) (js.Value, *failure) {
	return nil, &failure{http.StatusNotImplemented, js.NewObject("statusCode", 501.0,
		"message", js.String("messembedtest does not fake this front-end route"), "error", js.String("Not Implemented"))}
}

func (s *Server) prepareRoutes() {
	s.routes = slices.Concat(userRoutes(), chatRoutes(), messageRoutes(), frontEndRoutes())
	for _, rt := range s.routes {
		rt.segments = strings.Split(rt.Path[1:], "/")
		if rt.Op == "DeleteUser" && !s.withDeleteRoute {
			rt.serve = nil
		}
	}
}

// operations returns the routes that have a name. One of them is DeleteUser, which without
// [WithDeleteRoute] is only a name for the log and for faults.
func (s *Server) operations() []Route {
	var out []Route
	for _, rt := range s.routes {
		if rt.Op != "" {
			out = append(out, rt.Route)
		}
	}
	return out
}

// sentAs maps the SDK's methods without a route of their own to the operation that they send.
func (s *Server) sentAs() map[string]string {
	sentAs := map[string]string{}
	for _, rt := range s.routes {
		for _, method := range rt.also {
			sentAs[method] = rt.Op
		}
	}
	return sentAs
}

// matches reports whether the path is the route's, and returns its undecoded
// parameter. Like express, it ignores case and allows one slash at the end.
func (rt *route) matches(path string) (parameter string, ok bool) {
	rest := strings.TrimSuffix(path[1:], "/")
	for i, segment := range rt.segments {
		part, after, more := strings.Cut(rest, "/")
		if more != (i < len(rt.segments)-1) {
			return "", false
		}
		switch {
		case segment[0] == ':' && part != "":
			parameter = part
		case !strings.EqualFold(segment, part):
			return "", false
		}
		rest = after
	}
	return parameter, true
}

// A match is the result of looking up a request in the route table.
type match struct {
	route     *route // nil: no such route
	parameter string
	broken    bool   // the path cannot be decoded
	target    string // without the base path
	query     string
}

// match finds the request's route. A path that cannot be decoded is an error on
// every route and without one: the server's logger is mounted on all paths, and
// express decodes its match first.
func (s *Server) match(method, target string) match {
	path, query, _ := strings.Cut(target, "?")
	path, _, _ = strings.Cut(path, "#")
	m := match{target: target, query: query}
	if _, ok := js.DecodeURIComponent(path); !ok {
		m.broken = true
		return m
	}
	for _, rt := range s.routes {
		if rt.Method != method && (rt.Method != http.MethodGet || method != http.MethodHead) {
			continue
		}
		if raw, ok := rt.matches(path); ok {
			m.route = rt
			m.parameter, _ = js.DecodeURIComponent(raw) // it cannot fail, since the whole path was decoded
			return m
		}
	}
	return m
}

// operation is the fake's [fakehttp.Config] Route.
func (s *Server) operation(r *http.Request) fakehttp.Operation {
	target := node.OriginForm(node.Latin1(fakehttp.Target(r)))
	if s.isTokenRequest(target) {
		return fakehttp.Operation{Name: "Token", SecretBody: true, SecretAnswer: true, Serve: s.serveToken}
	}
	if status := node.Refused(r, target); status != 0 {
		return fakehttp.Operation{Serve: func(w http.ResponseWriter, _ *http.Request) { node.SendRefusal(w, status) }}
	}
	if r.Method == http.MethodConnect { // node leaves it to an application that expects it
		return fakehttp.Operation{Takeover: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}
	}
	inside, ok := s.withoutBasePath(target)
	switch {
	case !ok:
		return fakehttp.Operation{Serve: s.serveOutside}
	case strings.HasPrefix(inside, socketPath):
		return s.liveOperation()
	}
	m := s.match(r.Method, inside)
	op := fakehttp.Operation{Serve: func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, m) }}
	if m.route != nil {
		op.Name = m.route.Op
		op.SecretAnswer = m.route.Op == "CreateAccessToken"
	}
	if node.IsUpgrade(r) {
		op.Serve, op.Takeover = nil, s.liveEvents.LeaveUpgrade
	}
	return op
}

// socketPath is where engine.io listens. It is case-sensitive, and the last
// slash is required.
const socketPath = "/socket.io/"

// withoutBasePath returns the target that the server sees behind a proxy that
// removes the base path.
func (s *Server) withoutBasePath(target string) (string, bool) {
	rest, ok := strings.CutPrefix(target, s.basePath)
	if !ok {
		return "", false
	}
	switch {
	case strings.HasPrefix(rest, "/"):
		return rest, true
	case rest == "" || rest[0] == '?':
		return "/" + rest, true
	default:
		return "", false
	}
}

// serveOutside responds to requests outside the base path, as the application
// around the service would.
func (s *Server) serveOutside(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Date", node.HTTPDate(s.now()))
	http.Error(w, "404 page not found", http.StatusNotFound)
}

// serve handles one request in the order of the real server: CORS, body, route,
// guard, operation.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, m match) {
	if s.isGated(m.target) && !s.hasGatewayToken(r) {
		s.refuseAtGateway(w)
		return
	}
	if r.Method == http.MethodOptions {
		node.Preflight(w, r, s.now())
		return
	}
	status, answer, failed := s.answer(r, m)
	if failed != nil {
		node.SendJSON(w, r, s.now(), failed.status, failed.body)
		return
	}
	if plain, ok := answer.(js.String); ok {
		node.Send(w, r, s.now(), status, "text/html; charset=utf-8", []byte(plain))
		return
	}
	node.SendJSON(w, r, s.now(), status, answer)
}

func (s *Server) answer(r *http.Request, m match) (int, js.Value, *failure) {
	body, err := node.ReadBody(r, fakehttp.Body(r))
	switch {
	case err != nil:
		return 0, nil, unreadable(err)
	case m.broken:
		return 0, nil, internalError()
	case m.route == nil || m.route.serve == nil:
		return 0, nil, noRoute(r.Method, m.target)
	}
	c := &call{request: r, parameter: m.parameter, query: m.query, body: body}
	if failed := s.admit(m.route.guard, c); failed != nil {
		return 0, nil, failed
	}
	answer, failed := m.route.serve(s, c)
	if failed != nil {
		return 0, nil, failed
	}
	if r.Method == http.MethodPost {
		return http.StatusCreated, answer, nil
	}
	return http.StatusOK, answer, nil
}

// admit returns nil if the route's guard lets the call pass, otherwise the
// failure.
func (s *Server) admit(g guard, c *call) *failure {
	switch g {
	case admins:
		if s.gateway == nil && !s.isAdmin(c.request) {
			return unauthorized()
		}
	case users:
		subject, ok := s.tokenSubject(c.request)
		if !ok {
			return unauthorized()
		}
		if c.user = s.tokenUser(subject); c.user == nil {
			return internalError() // a valid token for a user who does not exist
		}
	}
	return nil
}
