package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// Credentials are those of an administrator of the workspace. fmt and slog show
// them redacted.
type Credentials struct {
	UserID    string
	AuthToken string // a login token or, better, a personal access token that bypasses two-factor authentication
	// TokenSecret is the server's CREATE_TOKENS_FOR_USERS_SECRET, which
	// CreateAccessToken needs on servers since 8.0; leave it empty for older
	// ones.
	TokenSecret string
}

// String hides the secrets.
func (c Credentials) String() string { return adapter.Redacted(c, "UserID") }

// Format hides the secrets from every verb of fmt.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, c.String()) }

// LogValue hides the secrets from slog.
func (c Credentials) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user_id", c.UserID))
}

// New returns a client for the workspace at baseURL, its root without /api/v1;
// a path prefix is kept. New sends nothing; any mistake in its arguments is
// ErrInvalidArgument.
func New(baseURL string, cred Credentials, opts ...messembed.Option) (*messembed.Client, error) {
	p := &platform{cred: cred, root: strings.TrimSuffix(baseURL, "/")}
	own := []messembed.Option{
		messembed.WithPlatform(p),
		messembed.WithAuthHeaders(map[string]string{"X-User-Id": cred.UserID, "X-Auth-Token": cred.AuthToken}),
	}
	return adapter.New(baseURL, own, opts,
		"WithAuthHeaders: X-User-Id", "Credentials.UserID", "WithAuthHeaders: header X-User-Id", "Credentials.UserID",
		"WithAuthHeaders: X-Auth-Token", "Credentials.AuthToken", "WithAuthHeaders: header X-Auth-Token", "Credentials.AuthToken")
}

// platform implements messembed.Platform for Rocket.Chat.
type platform struct {
	root string // the base URL without a trailing slash
	cred Credentials
}

// What Rocket.Chat has. What the server's version or settings do not allow
// shows only when it is used.
var _ interface {
	messembed.Platform
	messembed.PlatformBlocking
	messembed.PlatformTokens
	messembed.PlatformPictures
	messembed.PlatformPresence
} = (*platform)(nil)

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

// Ping requests the server's version, which needs no credentials. Even a
// refusal shows that the service responds.
func (*platform) Ping(ctx context.Context, call *messembed.Call) error {
	_, err := call.Decode(ctx, opPing, messembed.Request{}, &struct{}{})
	e, ok := errors.AsType[*messembed.Error](err)
	if ok && e.StatusCode/100 == 4 && !errors.Is(e, messembed.ErrUnsupported) {
		return nil
	}
	return err
}

func (*platform) CheckCredentials(ctx context.Context, call *messembed.Call) error {
	var me struct {
		ID string `json:"_id"`
	}
	answer, err := call.Decode(ctx, opCheckCredentials, messembed.Request{}, &me)
	if err == nil && me.ID == "" {
		err = call.Unreadable(opCheckCredentials, answer, messembed.BadField("_id", "missing from the response"))
	}
	return err
}

// done sends an operation whose response only says that it was carried out.
func done(ctx context.Context, call *messembed.Call, op messembed.Operation, r messembed.Request) error {
	var said struct {
		Success adapter.Loose[bool] `json:"success"`
	}
	answer, err := call.Decode(ctx, op, r, &said)
	if err == nil && !said.Success.Value {
		err = call.Unreadable(op, answer, messembed.BadField("success", "not true"))
	}
	return err
}
