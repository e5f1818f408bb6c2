package messembed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// AccessToken lets one user's front end log in. fmt and slog show it redacted;
// json.Marshal gives it in full, for it is made to be handed on.
type AccessToken struct {
	AccessToken string    `json:"accessToken"`
	UserID      string    `json:"userId,omitempty"`
	ExpiresAt   time.Time `json:"expiresAt,omitzero"` // zero: it does not expire, or the service does not say
}

// String hides the token.
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

// CreateAccessToken has the service mint a token for a user. An unknown user is
// ErrNotFound. It is safe to send twice: each token is good by itself.
//
// Where the application knows the service's JWT secret, [TokenSigner] does the
// same without a call.
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
	return c.platform.CreateAccessToken(ctx, call, userID)
}

// TokenSigner mints and checks Messembed's access tokens without a call, as the
// service itself does: JWT, HS256, `{"sub": <user id>, "iat": <seconds>}`. It is
// safe for concurrent use.
type TokenSigner struct {
	secret func() []byte // fmt prints no function
	parser *jwt.Parser
}

// NewTokenSigner takes the service's AUTH__JWT_STRATEGY__JWT_SECRET.
func NewTokenSigner(secret []byte) (*TokenSigner, error) {
	if len(secret) == 0 {
		return nil, newInvalid("NewTokenSigner", "secret: must not be empty")
	}
	own := bytes.Clone(secret)
	return &TokenSigner{
		secret: func() []byte { return own },
		parser: jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()})),
	}, nil
}

// Format keeps the secret out of every verb of fmt.
func (s TokenSigner) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprint(f, "messembed.TokenSigner{[redacted]}")
}

// Sign mints a token for userID that is good for ttl, rounded down to whole
// seconds as JWT has them; 0 means without end, as the service mints. Whether the
// user exists is not looked at.
func (s *TokenSigner) Sign(userID string, ttl time.Duration) (*AccessToken, error) {
	const op = "TokenSigner.Sign"
	if problem := idProblem("userID", userID); problem != "" {
		return nil, newInvalid(op, problem)
	}
	if ttl < 0 || ttl > 0 && ttl < time.Second {
		return nil, newInvalid(op, "ttl: must be 0 or at least a second")
	}
	now := time.Now().Truncate(time.Second)
	claims := tokenClaims{Subject: userID, IssuedAt: jwt.NewNumericDate(now)}
	token := &AccessToken{UserID: userID}
	if ttl > 0 {
		token.ExpiresAt = now.Add(ttl.Truncate(time.Second))
		claims.ExpiresAt = jwt.NewNumericDate(token.ExpiresAt)
	}
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(s.secret())
	if err != nil {
		return nil, &Error{Op: op, Message: "the token cannot be signed", kind: ErrInvalidArgument}
	}
	token.AccessToken = signed
	return token, nil
}

// Verify gives the id of the user that a token was minted for. A token that was
// signed with another secret or algorithm, has expired or names nobody is
// ErrUnauthenticated.
func (s *TokenSigner) Verify(token string) (userID string, err error) {
	var claims tokenClaims
	_, err = s.parser.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return s.secret(), nil })
	if err == nil && claims.Subject == "" {
		err = errors.New("it names no user")
	}
	if err != nil {
		return "", &Error{Op: "TokenSigner.Verify", Message: "access token: " + tokenProblem(err), kind: ErrUnauthenticated}
	}
	return claims.Subject, nil
}

// tokenProblem says what is wrong without a word of the token.
func tokenProblem(err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return "has expired"
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return "is not valid yet"
	case errors.Is(err, jwt.ErrTokenMalformed):
		return "is no JWT"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return "is not signed with this secret by HS256"
	}
	return "is not valid"
}

// tokenClaims are the service's, in its order.
type tokenClaims struct {
	Subject   string           `json:"sub"`
	IssuedAt  *jwt.NumericDate `json:"iat,omitempty"`
	ExpiresAt *jwt.NumericDate `json:"exp,omitempty"`
	NotBefore *jwt.NumericDate `json:"nbf,omitempty"`
}

// The methods make it a jwt.Claims.

func (c tokenClaims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c tokenClaims) GetIssuer() (string, error)                   { return "", nil }
func (c tokenClaims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }
func (c tokenClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.IssuedAt, nil }
func (c tokenClaims) GetExpirationTime() (*jwt.NumericDate, error) { return c.ExpiresAt, nil }
func (c tokenClaims) GetNotBefore() (*jwt.NumericDate, error)      { return c.NotBefore, nil }
