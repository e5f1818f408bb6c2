package chatkitty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// BaseURL is the base URL of the service.
const BaseURL = "https://api.chatkitty.com/v1"

// tokenURL is the service's token endpoint.
const tokenURL = "https://authorization.chatkitty.com/oauth/token"

// Credentials are those of an application, from ChatKitty's dashboard. fmt and
// slog show them without the secret.
type Credentials struct {
	ClientID     string
	ClientSecret string
	TokenURL     string // "" means the service's own
}

// String hides the secret.
func (c Credentials) String() string { return adapter.Redacted(c, "ClientID", "TokenURL") }

// Format hides the secret from every verb of fmt.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, c.String()) }

// LogValue hides the secret from slog.
func (c Credentials) LogValue() slog.Value {
	return slog.GroupValue(slog.String("client_id", c.ClientID), slog.String("token_url", c.TokenURL))
}

// New returns a client for ChatKitty at baseURL, which is [BaseURL] except for
// a proxy or a fake. Tokens come from the OAuth2 client-credentials grant:
// concurrent calls share one request for a token, and an expired token is
// renewed. New sends nothing; any mistake in its arguments is
// ErrInvalidArgument.
func New(baseURL string, cred Credentials, opts ...messembed.Option) (*messembed.Client, error) {
	if cred.TokenURL == "" {
		cred.TokenURL = tokenURL
	}
	own := []messembed.Option{
		messembed.WithPlatform(&platform{}),
		messembed.WithClientCredentials(clientcredentials.Config{
			ClientID:     cred.ClientID,
			ClientSecret: cred.ClientSecret,
			TokenURL:     cred.TokenURL,
			AuthStyle:    oauth2.AuthStyleInHeader,
		}),
	}
	return adapter.New(baseURL, own, opts, "WithClientCredentials: ", "Credentials.")
}

// platform implements messembed.Platform for ChatKitty.
type platform struct{}

var _ interface {
	messembed.Platform
	messembed.PlatformPictures
	messembed.PlatformPresence
} = (*platform)(nil)

var (
	opPing             = messembed.Operation{Name: "Ping", Method: http.MethodHead, Route: "application", Repeatable: true}
	opCheckCredentials = messembed.Operation{Name: "CheckCredentials", Method: http.MethodGet, Route: "application", Repeatable: true}
	opCreateUser       = messembed.Operation{Name: "CreateUser", Method: http.MethodPost, Route: "users", Write: true, Repeatable: true}
	opUserExists       = messembed.Operation{Name: "UserExists", Method: http.MethodHead, Route: "users", Repeatable: true}
	opFindUser         = messembed.Operation{Name: "FindUser", Method: http.MethodGet, Route: "users", Repeatable: true}
	opListUsers        = messembed.Operation{Name: "ListUsers", Method: http.MethodGet, Route: "users", Repeatable: true}
	opGetUser          = messembed.Operation{Name: "GetUser", Method: http.MethodGet, Route: "users/{id}", Repeatable: true}
	opUpdateUser       = messembed.Operation{Name: "UpdateUser", Method: http.MethodPatch, Route: "users/{id}", Write: true, Repeatable: true}
	opDeleteUser       = messembed.Operation{Name: "DeleteUser", Method: http.MethodDelete, Route: "users/{id}", Write: true, Repeatable: true}
	opSetUserPicture   = messembed.Operation{
		Name: "SetUserPicture", Method: http.MethodPost, Route: "users/{id}/display-picture", Write: true, Repeatable: true,
	}
)

func (*platform) Operations() []messembed.Operation {
	return []messembed.Operation{
		opPing, opCheckCredentials, opCreateUser, opUserExists, opFindUser, opListUsers, opGetUser, opUpdateUser, opDeleteUser,
		opSetUserPicture,
	}
}

// Ping accepts any HTTP response, including error statuses and a refusal of the
// token endpoint, since the service has no route that needs no credentials.
func (*platform) Ping(ctx context.Context, call *messembed.Call) error {
	_, err := call.Send(ctx, opPing, messembed.Request{})
	if e, ok := errors.AsType[*messembed.Error](err); ok && e.StatusCode != 0 || errors.Is(err, messembed.ErrUnauthenticated) {
		return nil
	}
	return err
}

// CheckCredentials reads the application of the credentials.
func (*platform) CheckCredentials(ctx context.Context, call *messembed.Call) error {
	var application struct {
		ID json.RawMessage `json:"id"`
	}
	answer, err := call.Decode(ctx, opCheckCredentials, messembed.Request{}, &application)
	if e, ok := errors.AsType[*messembed.Error](err); ok && errors.Is(err, messembed.ErrNotFound) {
		// There always is one, so the response is not from the service.
		return call.Fail(messembed.ErrUnsupported, messembed.Answer{StatusCode: e.StatusCode, Attempts: e.Attempts},
			"check the base URL, including its path")
	}
	if err == nil && application.ID == nil {
		err = call.Unreadable(opCheckCredentials, answer, messembed.BadField("id", "missing from the response"))
	}
	return err
}
