package rocketchat

import (
	"net/http"

	messembed "github.com/messembed/messembed-go"
)

// All requests the client sends. Creating is repeatable because usernames are
// unique; the other writes replace.
var (
	opPing              = messembed.Operation{Name: "Ping", Method: http.MethodGet, Route: "api/info", Repeatable: true}
	opCheckCredentials  = messembed.Operation{Name: "CheckCredentials", Method: http.MethodGet, Route: "api/v1/me", Repeatable: true}
	opCreateUser        = messembed.Operation{Name: "CreateUser", Method: http.MethodPost, Route: "api/v1/users.create", Write: true, Repeatable: true}
	opGetUser           = messembed.Operation{Name: "GetUser", Method: http.MethodGet, Route: "api/v1/users.info", Repeatable: true}
	opFindUser          = messembed.Operation{Name: "FindUser", Method: http.MethodGet, Route: "api/v1/users.getStatus", Repeatable: true}
	opUpdateUser        = messembed.Operation{Name: "UpdateUser", Method: http.MethodPost, Route: "api/v1/users.update", Write: true, Repeatable: true}
	opDeleteUser        = messembed.Operation{Name: "DeleteUser", Method: http.MethodPost, Route: "api/v1/users.delete", Write: true, Repeatable: true}
	opListUsers         = messembed.Operation{Name: "ListUsers", Method: http.MethodGet, Route: "api/v1/users.list", Repeatable: true}
	opBlockUser         = messembed.Operation{Name: "BlockUser", Method: http.MethodPost, Route: "api/v1/users.setActiveStatus", Write: true, Repeatable: true}
	opSetUserPicture    = messembed.Operation{Name: "SetUserPicture", Method: http.MethodPost, Route: "api/v1/users.setAvatar", Write: true, Repeatable: true}
	opCreateAccessToken = messembed.Operation{Name: "CreateAccessToken", Method: http.MethodPost, Route: "api/v1/users.createToken", Write: true, Repeatable: true}
	opSetPresence       = messembed.Operation{Name: "SetPresence", Method: http.MethodPost, Route: "api/v1/users.setStatus", Write: true, Repeatable: true}
	opWatchPresence     = messembed.Operation{Name: "WatchPresence", Method: http.MethodGet, Route: "api/v1/users.presence", Repeatable: true}
	opPresenceStream    = messembed.Operation{Name: "PresenceStream", Method: http.MethodGet, Route: "websocket", Repeatable: true}
)

// Operations includes the websocket. GetPresence sends GetUser's request, since
// the response of users.getPresence has no text.
func (*platform) Operations() []messembed.Operation {
	return []messembed.Operation{
		opPing, opCheckCredentials, opCreateUser, opGetUser, opFindUser, opUpdateUser, opDeleteUser, opListUsers, opBlockUser,
		opSetUserPicture, opCreateAccessToken, opSetPresence, opWatchPresence, opPresenceStream,
	}
}
