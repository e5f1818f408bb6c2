package messembed

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// AccessToken lets the front end of one user log in. fmt and slog show it
// redacted, but json.Marshal writes it in full, since it is meant to be handed
// on; so does slog's JSON handler if the token is inside a slice or a map.
type AccessToken struct {
	AccessToken string    `json:"accessToken"`
	UserID      string    `json:"userId,omitempty"`
	ExpiresAt   time.Time `json:"expiresAt,omitzero"` // zero if it does not expire or the service does not report it
}

// String returns the token's user and expiry, without the token itself.
func (t AccessToken) String() string {
	return fmt.Sprintf("{AccessToken:[redacted] UserID:%s ExpiresAt:%s}", t.UserID, t.expiry())
}

// Format hides the token from every verb of fmt.
func (t AccessToken) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, t.String()) }

// LogValue hides the token from slog.
func (t AccessToken) LogValue() slog.Value {
	return slog.GroupValue(slog.String("user_id", t.UserID), slog.String("expires_at", t.expiry()))
}

func (t AccessToken) expiry() string {
	if t.ExpiresAt.IsZero() {
		return "never"
	}
	return t.ExpiresAt.Format(time.RFC3339)
}

// CreateAccessToken makes the service mint an access token for a user. An
// unknown user is ErrNotFound. The tokens of Messembed never expire and cannot
// be taken back one by one: where that matters, mint them with a lifetime by
// [TokenSigner]. It is safe to retry: each token is valid on its own. On
// Messembed it does not check whether the user is marked as deleted; see
// [FeatureDeleteUser].
//
// If the application knows the service's JWT secret, [TokenSigner] does the
// same without a request.
//
// Server: POST /admin-api/users/{id}/access-tokens
func (c *Client) CreateAccessToken(ctx context.Context, userID string, opts ...RequestOption) (*AccessToken, error) {
	call, err := c.begin(ctx, "CreateAccessToken", opts)
	if err != nil {
		return nil, err
	}
	if err := call.requireID("userID", userID); err != nil {
		return nil, err
	}
	tokens, err := feature[PlatformTokens](call)
	if err != nil {
		return nil, err
	}
	return tokens.CreateAccessToken(ctx, call, userID)
}
