package rocketchattest

import (
	"net/http"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
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
	unlimited   bool      // has no rate limit
	limit       rateLimit // its own; zero means the common one
	twoFactor   version   // requires a second factor since this version; zero means never
	act         func(*Server, *call) (document, *failure)
}

// routes returns the routes of the fake, in the order of the documentation.
func routes() []route {
	const get, post = http.MethodGet, http.MethodPost
	someUser := &schema{fields: map[string]field{"userId": text, "username": text, "user": text}}
	pages := map[string]field{"offset": text, "count": text, "sort": text, "fields": text, "query": text}
	return []route{
		{name: "Ping", method: get, path: "api/info", open: true, unlimited: true, act: (*Server).info},
		{name: "CheckCredentials", method: get, path: "api/v1/me", act: (*Server).me},
		{name: "CreateUser", method: post, path: "api/v1/users.create", twoFactor: version{8, 7}, act: (*Server).createUser, body: createSchema()},
		{name: "GetUser", method: get, path: "api/v1/users.info", act: (*Server).userInfo, query: &schema{
			fields: map[string]field{"userId": text, "username": text, "importId": text, "email": {kind: aText, since: version{8, 4}}, "includeUserRooms": text},
			anyOf:  []string{"userId", "username", "importId", "email"},
		}},
		{name: "UpdateUser", method: post, path: "api/v1/users.update", twoFactor: version{1, 0}, act: (*Server).updateUser, body: updateSchema()},
		{
			name: "DeleteUser", method: post, path: "api/v1/users.delete", permissions: []string{"delete-user"}, act: (*Server).deleteUser,
			body: &schema{
				fields: map[string]field{"userId": text, "username": text, "user": text, "confirmRelinquish": maybeFlag},
				anyOf:  []string{"userId", "username", "user"},
			},
		},
		{
			name: "BlockUser", method: post, path: "api/v1/users.setActiveStatus", act: (*Server).setActiveStatus,
			permissions: []string{"edit-other-user-active-status", "manage-moderation-actions"},
			body: &schema{
				fields:   map[string]field{"userId": text, "activeStatus": flag, "confirmRelinquish": maybeFlag},
				required: []string{"userId", "activeStatus"},
			},
		},
		{
			name: "ListUsers", method: get, path: "api/v1/users.list", permissions: []string{"view-d-room"}, act: (*Server).listUsers,
			query: &schema{fields: with(pages, "email")},
		},
		{
			name: "ListUsersByStatus", method: get, path: "api/v1/users.listByStatus", permissions: []string{"view-d-room"}, act: (*Server).listByStatus,
			query: &schema{fields: with(pages, "status", "hasLoggedIn", "type", "roles", "searchTerm", "inactiveReason")},
		},
		{name: "CreateAccessToken", method: post, path: "api/v1/users.createToken", twoFactor: version{8, 7}, act: (*Server).createToken},
		{name: "LogoutUser", method: post, path: "api/v1/users.logout", act: (*Server).logoutUser, body: &schema{fields: map[string]field{"userId": text}}},
		{name: "SetUserPicture", method: post, path: "api/v1/users.setAvatar", act: (*Server).setAvatar},
		{name: "GetUserPicture", method: get, path: "api/v1/users.getAvatar", act: (*Server).getAvatar, query: someUser},
		{name: "GetPresence", method: get, path: "api/v1/users.getPresence", act: (*Server).getPresence, query: someUser},
		{name: "FindUser", method: get, path: "api/v1/users.getStatus", act: (*Server).getStatus, query: someUser},
		{
			name: "WatchPresence", method: get, path: "api/v1/users.presence", act: (*Server).presences,
			query: &schema{fields: map[string]field{"ids": text, "from": maybeText}},
		},
		{
			name: "SetPresence", method: post, path: "api/v1/users.setStatus", act: (*Server).setStatus, limit: setStatusLimit,
			body: &schema{fields: map[string]field{
				"status":  {kind: aText, enum: []string{"online", "away", "offline", "busy"}},
				"message": maybeText, "expiresAt": {kind: aText, nullable: true, since: version{8, 6}}, "userId": text, "username": text, "user": text,
			}},
		},
	}
}

func with(fields map[string]field, more ...string) map[string]field {
	all := map[string]field{}
	for name, f := range fields {
		all[name] = f
	}
	for _, name := range more {
		all[name] = text
	}
	return all
}

// table maps method and path to a route.
var table = func() map[string]*route {
	found := map[string]*route{}
	for _, r := range routes() {
		found[r.method+" "+r.path] = &r
	}
	return found
}()

// sends maps client methods that have no route of their own, or do not use it, to what they send.
var sends = map[string]string{
	"Users": "ListUsers", "EnsureUser": "CreateUser", "ImportUsers": "CreateUser", "ModifyUser": "UpdateUser", "UnblockUser": "BlockUser",
	"GetPresence": "GetUser",
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
