package messembed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A TokenSigner mints and verifies Messembed's access tokens without a request,
// as the service itself does: JWT, HS256, `{"sub": <user id>, "iat":
// <seconds>}`. Make one with [NewTokenSigner]; the zero TokenSigner is not
// usable. It is safe for concurrent use.
type TokenSigner struct {
	secret func() []byte // fmt does not print what is behind a function
	parser *jwt.Parser
}

// NewTokenSigner returns a signer for the service's secret,
// AUTH__JWT_STRATEGY__JWT_SECRET. An empty secret is ErrInvalidArgument.
func NewTokenSigner(secret []byte) (*TokenSigner, error) {
	if len(secret) == 0 {
		return nil, newInvalid("NewTokenSigner", "secret: must not be empty")
	}
	own := bytes.Clone(secret)
	return &TokenSigner{
		secret: func() []byte { return own },
		parser: jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithStrictDecoding()),
	}, nil
}

// Format keeps the secret out of every verb of fmt.
func (s TokenSigner) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprint(f, "messembed.TokenSigner{[redacted]}")
}

// Sign mints a token for userID that is valid for ttl, rounded down to whole
// seconds; 0 means that it does not expire, like the tokens of the service.
// Sign does not check whether the user exists. It returns ErrInvalidArgument
// for an invalid userID, a negative ttl, or one between 0 and 1 s.
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
		return nil, &Error{Op: op, Message: "cannot sign the token", Kind: ErrInvalidArgument}
	}
	token.AccessToken = signed
	return token, nil
}

// Verify returns the id of the user that a token was minted for. A token that
// is malformed, expired, not signed with this secret using HS256, or without a
// user is ErrUnauthenticated. It is as strict as the service: each token has
// one spelling, and a critical extension is refused.
func (s *TokenSigner) Verify(token string) (userID string, err error) {
	var claims tokenClaims
	err = jwt.ErrTokenMalformed
	if !strings.ContainsAny(token, "\r\n") { // which base64 would pass over
		_, err = s.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
			if _, critical := t.Header["crit"]; critical {
				return nil, errors.New("a critical extension")
			}
			return s.secret(), nil
		})
	}
	if err == nil && claims.Subject == "" {
		err = errors.New("no user")
	}
	if err != nil {
		return "", &Error{Op: "TokenSigner.Verify", Message: "access token " + tokenProblem(err), Kind: ErrUnauthenticated}
	}
	return claims.Subject, nil
}

// tokenProblem says what is wrong with a token, without quoting it.
func tokenProblem(err error) string {
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return "has expired"
	case errors.Is(err, jwt.ErrTokenNotValidYet), errors.Is(err, jwt.ErrTokenUsedBeforeIssued):
		return "is not valid yet"
	case errors.Is(err, jwt.ErrTokenMalformed):
		return "is not a JWT"
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return "is not signed with this secret using HS256"
	}
	return "is not valid"
}

// tokenClaims are the claims of the service's tokens, in its order.
type tokenClaims struct {
	Subject   string           `json:"sub"`
	IssuedAt  *jwt.NumericDate `json:"iat,omitempty"`
	ExpiresAt *jwt.NumericDate `json:"exp,omitempty"`
	NotBefore *jwt.NumericDate `json:"nbf,omitempty"`
}

// UnmarshalJSON reads the claims by their exact names, and none that is null;
// encoding/json by itself would take "SUB" for "sub", and null for a claim that is
// not there.
func (c *tokenClaims) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	for name, to := range map[string]any{"sub": &c.Subject, "iat": &c.IssuedAt, "exp": &c.ExpiresAt, "nbf": &c.NotBefore} {
		if value, given := fields[name]; given {
			if string(value) == "null" {
				return errors.New(name + " is null")
			}
			if err := json.Unmarshal(value, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// These methods implement jwt.Claims.

func (c tokenClaims) GetSubject() (string, error)                  { return c.Subject, nil }
func (c tokenClaims) GetIssuer() (string, error)                   { return "", nil }
func (c tokenClaims) GetAudience() (jwt.ClaimStrings, error)       { return nil, nil }
func (c tokenClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.IssuedAt, nil }
func (c tokenClaims) GetExpirationTime() (*jwt.NumericDate, error) { return c.ExpiresAt, nil }
func (c tokenClaims) GetNotBefore() (*jwt.NumericDate, error)      { return c.NotBefore, nil }
