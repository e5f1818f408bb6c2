package rightech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// Credentials are an API token from the service's project settings. fmt and
// slog do not show it.
type Credentials struct {
	Token string
}

// String hides the token.
func (c Credentials) String() string { return adapter.Redacted(c) }

// Format hides the token from every verb of fmt.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, c.String()) }

// LogValue hides the token from slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// New returns a client for the service at baseURL, its root without /api/v1; a
// path prefix is kept. New sends nothing; any mistake in its arguments is
// ErrInvalidArgument.
func New(baseURL string, cred Credentials, opts ...messembed.Option) (*messembed.Client, error) {
	authorization := ""
	if cred.Token != "" {
		authorization = "Bearer " + cred.Token
	}
	own := []messembed.Option{
		messembed.WithPlatform(&platform{}),
		// Not WithTokenSource: after a 401 no other token is available.
		messembed.WithAuthHeaders(map[string]string{"Authorization": authorization}),
	}
	return adapter.New(baseURL, own, opts,
		"WithAuthHeaders: Authorization", "Credentials.Token", "WithAuthHeaders: header Authorization", "Credentials.Token")
}

// platform implements messembed.Platform for Rightech.
type platform struct{ tokenShape TokenShape }

var _ interface {
	messembed.Platform
	messembed.PlatformBlocking
	messembed.PlatformTokens
} = (*platform)(nil)

const usersRoute = "api/v1/users"

var (
	opPing              = messembed.Operation{Name: "Ping", Method: http.MethodHead, Route: usersRoute, Repeatable: true}
	opCreateUser        = messembed.Operation{Name: "CreateUser", Method: http.MethodPost, Route: usersRoute, Write: true, Repeatable: true}
	opListUsers         = messembed.Operation{Name: "ListUsers", Method: http.MethodGet, Route: usersRoute, Repeatable: true}
	opGetUser           = messembed.Operation{Name: "GetUser", Method: http.MethodGet, Route: usersRoute + "/{id}", Repeatable: true}
	opUpdateUser        = messembed.Operation{Name: "UpdateUser", Method: http.MethodPatch, Route: usersRoute + "/{id}", Write: true, Repeatable: true}
	opDeleteUser        = messembed.Operation{Name: "DeleteUser", Method: http.MethodDelete, Route: usersRoute + "/{id}", Write: true, Repeatable: true}
	opCreateAccessToken = messembed.Operation{
		Name: "CreateAccessToken", Method: http.MethodPost, Route: usersRoute + "/tokens", Write: true, Repeatable: true,
	}
)

func (*platform) Operations() []messembed.Operation {
	return []messembed.Operation{
		opPing, opCreateUser, opListUsers, opGetUser, opUpdateUser, opDeleteUser, opCreateAccessToken,
	}
}

// Ping accepts any HTTP response, including error statuses, since the service
// has no route for it.
func (*platform) Ping(ctx context.Context, call *messembed.Call) error {
	_, err := call.Send(ctx, opPing, messembed.Request{Query: "limit=1"})
	if e, ok := errors.AsType[*messembed.Error](err); ok && e.StatusCode != 0 {
		return nil
	}
	return err
}

// CheckCredentials requests a list of one user.
func (*platform) CheckCredentials(ctx context.Context, call *messembed.Call) error {
	var list []json.RawMessage
	answer, err := call.Decode(ctx, opListUsers, messembed.Request{Query: "limit=1"}, &list)
	if err == nil && list == nil {
		err = call.Unreadable(opListUsers, answer, errNoList)
	}
	return err
}
