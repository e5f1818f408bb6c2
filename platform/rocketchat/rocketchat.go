package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
func (c Credentials) String() string {
	return "{UserID:" + c.UserID + " AuthToken:[redacted] TokenSecret:[redacted]}"
}

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

// ConfirmRelinquish lets DeleteUser, BlockUser and UpdateUser proceed even if
// the user is the last owner of a room, which is otherwise ErrPermissionDenied
// with the code user-last-owner. The service then gives the room to another
// member, or deletes it if there is none.
func ConfirmRelinquish() messembed.RequestOption {
	return messembed.WithPlatformFlag(confirmRelinquish{})
}

type confirmRelinquish struct{}

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
