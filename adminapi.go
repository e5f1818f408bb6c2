package messembed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// adminAPI is the Platform of Messembed, for its server of August 2022: users
// and access tokens here, chats and messages in adminapi_chats.go, live events
// in events_stream.go.
type adminAPI struct {
	noDeleteRoute atomic.Bool // learned from the service
}

var _ interface {
	Platform
	PlatformBlocking
	PlatformTokens
	PlatformChats
	PlatformEvents
	PlatformSupports
} = (*adminAPI)(nil)

func newAdminAPI() *adminAPI { return new(adminAPI) }

// maxBody is the largest body in bytes that the server's parser accepts; to a
// larger one it answers 500.
const maxBody = 102_400

var (
	opPing              = Operation{Name: "Ping", Method: http.MethodGet, Route: "ping", Repeatable: true}
	opCreateUser        = Operation{Name: "CreateUser", Method: http.MethodPost, Route: "admin-api/users", Write: true, Repeatable: true, MaxBody: maxBody}
	opGetUser           = Operation{Name: "GetUser", Method: http.MethodGet, Route: "users/{id}", Repeatable: true}
	opUpdateUser        = Operation{Name: "UpdateUser", Method: http.MethodPatch, Route: "admin-api/users/{id}", Write: true, Repeatable: true, MaxBody: maxBody}
	opDeleteUser        = Operation{Name: "DeleteUser", Method: http.MethodDelete, Route: "admin-api/users/{id}", Write: true, Repeatable: true}
	opListUsers         = Operation{Name: "ListUsers", Method: http.MethodGet, Route: "admin-api/users", Repeatable: true}
	opCreateAccessToken = Operation{Name: "CreateAccessToken", Method: http.MethodPost, Route: "admin-api/users/{id}/access-tokens", Write: true, Repeatable: true}
)

func (*adminAPI) Operations() []Operation {
	return []Operation{
		opPing, opCreateUser, opGetUser, opUpdateUser, opDeleteUser, opListUsers, opCreateAccessToken,
		opCreateChat, opGetChat, opUpdateChat, opListChats, opCreateMessage, opListMessages, opListAllMessages,
	}
}

// Supports tells that DeleteUser is not the service's own.
func (*adminAPI) Supports(f Feature) bool { return f != FeatureDeleteUser }

// ReadRefusal reads the server's error bodies: a business error has a code, a
// validation error has a list as its message, any other has neither.
func (*adminAPI) ReadRefusal(status int, _ http.Header, body []byte) Refusal {
	var said struct {
		Code             string          `json:"code"`
		Message          json.RawMessage `json:"message"`
		ValidationErrors json.RawMessage `json:"validationErrors"`
	}
	if json.Unmarshal(body, &said) != nil {
		return Refusal{}
	}
	r := Refusal{Code: said.Code}
	if json.Unmarshal(said.Message, &r.Message) != nil {
		r.Details = textsOf(said.Message)
	}
	r.Details = append(r.Details, textsOf(said.ValidationErrors)...)
	switch {
	case r.Code == "BLOCK_STATUS_DOES_NOT_ALLOW":
		r.Kind = ErrUserBlocked
	case status == http.StatusUnauthorized && r.Code != "" && r.Code != "UNAUTHORIZED":
		r.Kind = ErrPermissionDenied // CHAT_CREATION_IS_DISALLOWED: not about the credentials
	case r.Code == "CHAT_IS_INACTIVE":
		r.Kind = ErrChatInactive
	}
	return r
}

// textsOf reads a list of strings, or of class-validator's objects with their
// constraints.
func textsOf(data json.RawMessage) []string {
	var elements []json.RawMessage
	if json.Unmarshal(data, &elements) != nil {
		return nil
	}
	var texts []string
	for _, element := range elements {
		var text string
		var found struct {
			Property    string            `json:"property"`
			Constraints map[string]string `json:"constraints"`
		}
		switch {
		case json.Unmarshal(element, &text) == nil:
			texts = append(texts, text)
		case json.Unmarshal(element, &found) == nil && len(found.Constraints) > 0:
			for _, name := range sortedKeys(found.Constraints) {
				texts = append(texts, found.Constraints[name])
			}
		case found.Property != "":
			texts = append(texts, found.Property)
		}
	}
	return texts
}

func (*adminAPI) Ping(ctx context.Context, call *Call) error {
	answer, err := call.Send(ctx, opPing, Request{})
	if err != nil {
		return err
	}
	if string(bytes.TrimSpace(answer.Body)) != "pong" {
		return call.Unreadable(opPing, answer, BadField("ping", "the response is not pong; check the base URL"))
	}
	return nil
}

func (*adminAPI) CheckCredentials(ctx context.Context, call *Call) error {
	var page struct {
		Messages []json.RawMessage `json:"messages"`
	}
	answer, err := call.Decode(ctx, opListAllMessages, Request{Query: "limit=1"}, &page)
	if err == nil && page.Messages == nil {
		err = call.Unreadable(opListAllMessages, answer, BadField("messages", "missing from the response"))
	}
	return err
}

func (*adminAPI) UserKey(p CreateUserParams) string { return p.ID }

func (*adminAPI) CheckCreateUser(call *Call, p CreateUserParams) error {
	var problems problems
	problems.add(idProblem("ID", p.ID))
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnCreate)
	problems.add(blockStatusProblem(p.BlockStatus))
	if !p.Profile.IsZero() {
		problems.add("Profile: Messembed has no profile fields; put Profile.Metadata() into ExternalMetadata")
	}
	if p.Password != "" {
		problems.add("Password: not supported by Messembed")
	}
	if err := call.Invalid(problems...); err != nil || !call.thorough {
		return err
	}
	_, err := call.marshal(opCreateUser, createUserJSON(p))
	return err
}

func blockStatusProblem(s BlockStatus) string {
	if s == "" || s == BlockCantSendAndReceive {
		return ""
	}
	return "BlockStatus: must be " + string(BlockCantSendAndReceive)
}

type createUserBody struct {
	ID                      string      `json:"id"`
	ExternalMetadata        Metadata    `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata    `json:"privateExternalMetadata,omitzero"`
	BlockStatus             BlockStatus `json:"blockStatus,omitempty"`
}

func createUserJSON(p CreateUserParams) createUserBody {
	return createUserBody{p.ID, p.ExternalMetadata, p.PrivateExternalMetadata, p.BlockStatus}
}

func (*adminAPI) CreateUser(ctx context.Context, call *Call, p CreateUserParams) (*User, error) {
	return sendForOne(ctx, call, opCreateUser, Request{Body: createUserJSON(p)}, readUser)
}

func (*adminAPI) GetUser(ctx context.Context, call *Call, id string) (*User, error) {
	return sendForOne(ctx, call, opGetUser, Request{Args: []string{id}}, readUser)
}

func (a *adminAPI) FindUser(ctx context.Context, call *Call, id string) (*User, error) {
	return a.GetUser(ctx, call, id)
}

type updateUserBody struct {
	ExternalMetadata        Metadata    `json:"externalMetadata,omitzero"`
	PrivateExternalMetadata Metadata    `json:"privateExternalMetadata,omitzero"`
	BlockStatus             BlockStatus `json:"blockStatus,omitempty"`
	RemoveBlockStatus       bool        `json:"removeBlockStatus,omitempty"`
}

func (*adminAPI) UpdateUser(ctx context.Context, call *Call, id string, p UpdateUserParams) (*User, error) {
	var problems problems
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnUpdate)
	problems.add(blockStatusProblem(p.BlockStatus))
	if p.Profile != nil {
		problems.add("Profile: Messembed has no profile fields; put Profile.Metadata() into ExternalMetadata")
	}
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	return sendForOne(ctx, call, opUpdateUser, Request{Args: []string{id}, Body: updateUserBody{
		p.ExternalMetadata, p.PrivateExternalMetadata, p.BlockStatus, p.RemoveBlockStatus,
	}}, readUser)
}

func (a *adminAPI) SetUserBlocked(ctx context.Context, call *Call, id string, blocked bool) (*User, error) {
	if blocked {
		return a.UpdateUser(ctx, call, id, UpdateUserParams{BlockStatus: BlockCantSendAndReceive})
	}
	return a.UpdateUser(ctx, call, id, UpdateUserParams{RemoveBlockStatus: true})
}

// tombstoneKey marks, in the private metadata, a user that the SDK deleted on a
// service without a route for it. Its value is the time in RFC 3339.
const tombstoneKey = "messembedDeletedAt"

// DeleteUser uses the service's route if there is one. If there is none, which
// it remembers, it empties and blocks the user in one PATCH.
func (a *adminAPI) DeleteUser(ctx context.Context, call *Call, id string) error {
	perhaps := false // the route may have deleted it, and something else answered since
	if !a.noDeleteRoute.Load() {
		answer, err := call.Send(ctx, opDeleteUser, Request{Args: []string{id}})
		if err == nil {
			return checkDeleted(call, answer)
		}
		if !hasNoRoute(err) {
			return err
		}
		e, _ := errors.AsType[*Error](err)
		perhaps = e.MaybeApplied
	}
	_, err := sendForOne(ctx, call, opUpdateUser, Request{Args: []string{id}, Body: updateUserBody{
		ExternalMetadata:        Metadata{},
		PrivateExternalMetadata: Metadata{tombstoneKey: time.Now().UTC().Format(time.RFC3339)},
		BlockStatus:             BlockCantSendAndReceive,
	}}, readUser)
	notFound := errors.Is(err, ErrNotFound)
	if !perhaps && (err == nil || notFound) {
		a.noDeleteRoute.Store(true) // and the base URL is not wrong
	}
	if e, ok := errors.AsType[*Error](err); ok && perhaps {
		if notFound {
			return nil
		}
		e.MaybeApplied = true
	}
	return err
}

// checkDeleted checks the response of a delete route. No released server has
// one, so it accepts whatever another service would hardly send: nothing, or an
// object.
func checkDeleted(call *Call, answer Answer) error {
	var object map[string]json.RawMessage
	if len(bytes.TrimSpace(answer.Body)) == 0 || json.Unmarshal(answer.Body, &object) == nil && object != nil {
		return nil
	}
	return call.Unreadable(opDeleteUser, answer, BadField("response", "unexpected for a delete"))
}

func hasNoRoute(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == "" && (e.kind == ErrUnsupported || e.kind == ErrInvalidArgument && e.StatusCode == http.StatusMethodNotAllowed)
}

func (*adminAPI) CreateAccessToken(ctx context.Context, call *Call, userID string) (*AccessToken, error) {
	var said struct {
		AccessToken string `json:"accessToken"`
	}
	answer, err := call.Decode(ctx, opCreateAccessToken, Request{Args: []string{userID}}, &said)
	if err != nil {
		return nil, unknownUser(ctx, call, userID, err)
	}
	if said.AccessToken == "" {
		return nil, call.Unreadable(opCreateAccessToken, answer, BadField("accessToken", "missing from the response"))
	}
	return &AccessToken{AccessToken: said.AccessToken, UserID: userID}, nil
}

// unknownUser turns the 500 that the server answers for an unknown user into
// ErrNotFound.
func unknownUser(ctx context.Context, call *Call, userID string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.StatusCode != http.StatusInternalServerError {
		return err
	}
	_, looked := sendForOne(ctx, call.Lookup(), opGetUser, Request{Args: []string{userID}}, readUser)
	if !errors.Is(looked, ErrNotFound) {
		return err
	}
	found, _ := errors.AsType[*Error](looked)
	e.kind, e.Code, e.Message, e.MaybeApplied = ErrNotFound, found.Code, found.Message, false
	return e
}
