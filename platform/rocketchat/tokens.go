package rocketchat

import (
	"context"
	"errors"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// CreateAccessToken sends what the server's version requires: since 8.0 a
// secret that its operator has set, before that only the id. The service does
// not report when the token expires; by default it does so after 90 days, and a
// user has at most 50 tokens.
func (p *platform) CreateAccessToken(ctx context.Context, call *messembed.Call, userID string) (*messembed.AccessToken, error) {
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
	case token.UserID != userID:
		return nil, call.Unreadable(opCreateAccessToken, answer, adapter.ErrAnotherUser)
	}
	return token, nil
}

// explainToken adds what the operator has to set: the service only reports "not
// authorized", or the key missing from the body.
func (p *platform) explainToken(err error) error {
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok {
		return err
	}
	switch {
	case e.Code == "error-not-authorized":
		e.Message += ": servers since 8.0 need CREATE_TOKENS_FOR_USERS_SECRET set to the same value as Credentials.TokenSecret," +
			" older ones CREATE_TOKENS_FOR_USERS; the caller may need the permission user-generate-access-token"
	case p.cred.TokenSecret == "" && errors.Is(e, messembed.ErrInvalidArgument) && e.StatusCode != 0:
		e.Message += ": servers since 8.0 need Credentials.TokenSecret"
	}
	return err
}
