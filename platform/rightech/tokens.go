package rightech

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// TokenShape is what CreateAccessToken sends and reads. The service documents
// only the route, so the format is a guess; override it with [WithTokenShape]
// if it is wrong. The zero value is the guess: {"user": "<id>"} is sent, and
// the token is read from "token", "accessToken" or "access_token", whichever is
// present, or is the whole response.
type TokenShape struct {
	UserField    string         // request field of the user's id; "" means "user"
	TokenField   string         // response field of the token; "" means as above
	Lifetime     time.Duration  // requested lifetime; if 0, the service decides and nothing is sent
	ExpiresField string         // field of the expiry in request and response, in milliseconds since 1970; "" means "expires"
	Fields       map[string]any // sent in addition
}

// WithTokenShape is an option for [New].
func WithTokenShape(shape TokenShape) messembed.Option {
	return messembed.WithPlatform(&platform{tokenShape: shape})
}

func (s TokenShape) request(userID string) (body map[string]any, expiresAt time.Time) {
	body = make(map[string]any, len(s.Fields)+2)
	for name, value := range s.Fields {
		body[name] = value
	}
	body[cmp.Or(s.UserField, "user")] = userID
	if s.Lifetime > 0 {
		expiresAt = time.Now().Add(s.Lifetime).Truncate(time.Millisecond)
		body[s.expiresField()] = expiresAt.UnixMilli()
	}
	return body, expiresAt
}

// token finds the token in a response.
func (s TokenShape) token(answer []byte) (token string, fields map[string]json.RawMessage) {
	if err := json.Unmarshal(answer, &fields); err != nil {
		if s.TokenField == "" {
			_ = json.Unmarshal(answer, &token)
		}
		return token, nil
	}
	names := []string{"token", "accessToken", "access_token"}
	if s.TokenField != "" {
		names = []string{s.TokenField}
	}
	for _, name := range names {
		if err := json.Unmarshal(fields[name], &token); err == nil && token != "" {
			break
		}
	}
	return token, fields
}

func (s TokenShape) expiresField() string { return cmp.Or(s.ExpiresField, "expires") }

// CreateAccessToken mints a token in the guessed format. If the request fails,
// the user is looked up, since the response for an unknown user may not be a
// 404.
func (p *platform) CreateAccessToken(ctx context.Context, call *messembed.Call, userID string) (*messembed.AccessToken, error) {
	if err := checkID(call, "userID", userID); err != nil {
		return nil, err
	}
	body, expiresAt := p.tokenShape.request(userID)
	answer, err := call.Send(ctx, opCreateAccessToken, messembed.Request{Body: body})
	if err != nil {
		return nil, p.unknownUser(ctx, call, userID, err)
	}
	token, fields := p.tokenShape.token(answer.Body)
	if token == "" {
		problem := messembed.BadField(cmp.Or(p.tokenShape.TokenField, "token"), "missing from the response; see rightech.TokenShape")
		return nil, call.Unreadable(opCreateAccessToken, answer, problem)
	}
	if at, ok := parseTime(fields[p.tokenShape.expiresField()]); ok && !at.IsZero() {
		expiresAt = at
	}
	return &messembed.AccessToken{AccessToken: token, UserID: userID, ExpiresAt: expiresAt}, nil
}

// unknownUser turns a refusal into ErrNotFound if the user does not exist.
func (p *platform) unknownUser(ctx context.Context, call *messembed.Call, userID string, err error) error {
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok || e.StatusCode != http.StatusBadRequest && e.StatusCode != http.StatusInternalServerError {
		return err
	}
	_, looked := p.GetUser(ctx, call.Lookup(), userID)
	if !errors.Is(looked, messembed.ErrNotFound) {
		return err
	}
	found, _ := errors.AsType[*messembed.Error](looked)
	notFound := call.Fail(messembed.ErrNotFound, messembed.Answer{StatusCode: e.StatusCode, Attempts: e.Attempts}, found.Message)
	notFound.Code = found.Code
	return notFound
}
