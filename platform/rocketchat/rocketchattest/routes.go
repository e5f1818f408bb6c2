package rocketchattest

import (
	"net/http"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/internal/fake"
)

// route is a route of the server.
type route struct {
	name   string // of the operation, which is the client's method
	method string
	path   string // below the base path

	open        bool     // needs no credentials
	permissions []string // one of them is required
	body        *schema
	query       *schema
	unlimited   bool           // has no rate limit
	limit       fake.RateLimit // its own; zero means the common one
	twoFactor   version        // requires a second factor since this version; zero means never
	act         func(*Server, *call) (document, *failure)
}

// routes returns the routes of the fake, in the order of the documentation.
func routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	return []route{
		{name: "Ping", method: get, path: "api/info", open: true, unlimited: true, act: (*Server).info},
		{name: "CheckCredentials", method: get, path: "api/v1/me", act: (*Server).me},
		{name: "CreateUser", method: post, path: "api/v1/users.create", twoFactor: version{8, 7, 0}, act: (*Server).createUser, body: createSchema()},
		{name: "GetUser", method: get, path: "api/v1/users.info", act: (*Server).userInfo, query: infoSchema()},
		{name: "UpdateUser", method: post, path: "api/v1/users.update", twoFactor: version{1, 0, 0}, act: (*Server).updateUser, body: updateSchema()},
		{name: "DeleteUser", method: post, path: "api/v1/users.delete", permissions: []string{"delete-user"}, act: (*Server).deleteUser, body: deleteSchema()},
		{
			name: "BlockUser", method: post, path: "api/v1/users.setActiveStatus", act: (*Server).setActiveStatus, body: activeStatusSchema(),
			permissions: []string{"edit-other-user-active-status", "manage-moderation-actions"},
		},
		{name: "ListUsers", method: get, path: "api/v1/users.list", permissions: []string{"view-d-room"}, act: (*Server).listUsers, query: listSchema()},
		{
			name: "ListUsersByStatus", method: get, path: "api/v1/users.listByStatus", permissions: []string{"view-d-room"}, act: (*Server).listByStatus,
			query: listByStatusSchema(),
		},
		{name: "CreateAccessToken", method: post, path: "api/v1/users.createToken", twoFactor: version{8, 7, 0}, act: (*Server).createToken},
		{name: "LogoutUser", method: post, path: "api/v1/users.logout", act: (*Server).logoutUser, body: logoutSchema()},
		{name: "SetUserPicture", method: post, path: "api/v1/users.setAvatar", act: (*Server).setAvatar},
		{name: "GetUserPicture", method: get, path: "api/v1/users.getAvatar", act: (*Server).getAvatar, query: someUserSchema()},
		{name: "GetPresence", method: get, path: "api/v1/users.getPresence", act: (*Server).getPresence, query: someUserSchema()},
		{name: "FindUser", method: get, path: "api/v1/users.getStatus", act: (*Server).getStatus, query: someUserSchema()},
		{name: "WatchPresence", method: get, path: "api/v1/users.presence", act: (*Server).presences, query: presenceSchema()},
		{name: "SetPresence", method: post, path: "api/v1/users.setStatus", act: (*Server).setStatus, limit: setStatusLimit, body: setStatusSchema()},
	}
}

// table maps method and path to a route.
var table = func() map[string]*route {
	found := map[string]*route{}
	for _, r := range routes() {
		found[r.method+" "+r.path] = &r
	}
	return found
}()

// sends maps client methods that have no route of their own, or do not use it,
// to what they send.
var sends = map[string]string{
	"Users": "ListUsers", "EnsureUser": "CreateUser", "ImportUsers": "CreateUser", "ModifyUser": "UpdateUser", "UnblockUser": "BlockUser",
	"GetPresence": "GetUser", "WatchUsers": "GetUser", "SyncUsers": "CreateUser",
}

// operations returns the routes under their public type.
func operations() (all []fakeserver.Route) {
	for _, r := range routes() {
		all = append(all, fakeserver.Route{Op: r.name, Method: r.method, Path: "/" + r.path})
	}
	return all
}

const streamOp = "PresenceStream"

// socketPath is the path of the websocket.
const socketPath = "websocket"
