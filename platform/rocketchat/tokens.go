package rocketchat

import (
	"context"
	"errors"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// CreateAccessToken sends what the server's version wants: since 8.0 a secret that
// its operator has set, before that the id alone. The service does not say when
// the token ends; by default that is after 90 days, and a user keeps at most 50.
func (p *platform) CreateAccessToken(ctx context.Context, call *messembed.Caller, userID string) (*messembed.AccessToken, error) {
	body := struct {
		UserID string `json:"userId"`
		Secret string `json:"secret,omitempty"`
	}{userID, p.cred.TokenSecret}
	var said struct {
		Data struct {
			UserID    adapter.Loose[string] `json:"userId"`
			AuthToken adapter.Loose[string] `json:"authToken"`
		} `json:"data"`
	}
	answer, err := call.Decode(ctx, opCreateAccessToken, messembed.Request{Body: body}, &said)
	if err != nil {
		return nil, p.explainToken(err)
	}
	token := &messembed.AccessToken{AccessToken: said.Data.AuthToken.Value, UserID: said.Data.UserID.Value}
	switch {
	case token.AccessToken == "":
		return nil, call.Unreadable(opCreateAccessToken, answer, messembed.BadField("data.authToken", "missing from the response"))
	case token.UserID == "":
		token.UserID = userID
	}
	return token, nil
}

// explainToken says what the operator has to set: the service only says that it is
// not authorized, or which key of the body it misses.
func (p *platform) explainToken(err error) error {
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok {
		return err
	}
	switch {
	case e.Code == "error-not-authorized":
		e.Message += ": since 8.0 the server needs CREATE_TOKENS_FOR_USERS_SECRET and Credentials.TokenSecret the same value," +
			" before that CREATE_TOKENS_FOR_USERS; the caller may need the permission user-generate-access-token"
	case p.cred.TokenSecret == "" && errors.Is(e, messembed.ErrInvalidArgument) && e.StatusCode != 0:
		e.Message += ": servers since 8.0 need Credentials.TokenSecret"
	}
	return err
}
