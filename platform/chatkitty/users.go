package chatkitty

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// user sends an operation whose answer is one user.
func (platform) user(
	ctx context.Context, call *messembed.Caller, op messembed.Operation, r messembed.Request,
) (*messembed.User, error) {
	answer, err := call.Send(ctx, op, r)
	if err != nil {
		return nil, err
	}
	u, err := readUser(answer.Body)
	if err != nil {
		return nil, call.Unreadable(op, answer, err)
	}
	return u, nil
}

// readUser makes a user of the service's words.
func readUser(raw json.RawMessage) (*messembed.User, error) {
	var said User
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, err
	}
	_, known := said.came["id"]
	unread, there := said.Extra["id"]
	switch {
	case !known && !there:
		return nil, messembed.BadField("id", "the answer has none")
	case !known && string(unread) != "null":
		return nil, messembed.BadField("id", "is no 64-bit integer")
	}
	u := &messembed.User{
		ExternalMetadata: said.Properties,
		Profile: messembed.Profile{
			Username: said.Name, DisplayName: said.DisplayName, AvatarURL: said.DisplayPictureURL,
			Type: messembed.UserType(strings.ToLower(said.Type)), Guest: said.IsGuest,
		},
		Raw: raw,
	}
	if known {
		u.ID = strconv.FormatInt(said.ID, 10)
	}
	if presence := said.came["presence"]; len(presence) > 0 && presence[0] == '{' {
		u.Presence = readPresence(u.ID, said)
	}
	return u, nil
}

// UserKey is the name.
func (platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

// CheckCreateUser refuses what a user of the service has no place for.
func (platform) CheckCreateUser(call *messembed.Caller, p messembed.CreateUserParams) error {
	var problems []string
	refuse := func(bad bool, problem string) {
		if bad {
			problems = append(problems, problem)
		}
	}
	refuse(p.ID != "", "ID: ChatKitty gives the ids; leave it empty and put the name into Profile.Username")
	refuse(p.Profile.Username == "", "Profile.Username: must not be empty")
	refuse(!utf8.ValidString(p.Profile.Username), "Profile.Username: must be valid UTF-8")
	refuse(p.Profile.DisplayName == "", "Profile.DisplayName: must not be empty")
	refuse(!utf8.ValidString(p.Profile.DisplayName), "Profile.DisplayName: must be valid UTF-8")
	refuse(p.Profile.AvatarURL != "", "Profile.AvatarURL: is set with SetUserPicture")
	refuse(p.Profile.Phone != "", "Profile.Phone: ChatKitty has none")
	refuse(p.Profile.Locale != "", "Profile.Locale: ChatKitty has none")
	refuse(len(p.Profile.Emails) > 0, "Profile.Emails: ChatKitty has none")
	refuse(len(p.Profile.Roles) > 0, "Profile.Roles: ChatKitty has none")
	refuse(p.Profile.Type != "" && p.Profile.Type != messembed.UserPerson, "Profile.Type: only persons can be created")
	if p.ExternalMetadata != nil {
		_, problem := plainObject("externalMetadata", p.ExternalMetadata)
		refuse(problem != "", problem)
	}
	refuse(len(p.PrivateExternalMetadata) > 0, "PrivateExternalMetadata: ChatKitty has none")
	refuse(p.BlockStatus != "", "BlockStatus: ChatKitty cannot block a user")
	refuse(p.Password != "", "Password: ChatKitty's users have none")
	return call.Invalid(problems...)
}

type createUserBody struct {
	Name        string             `json:"name"`
	DisplayName string             `json:"displayName"`
	IsGuest     bool               `json:"isGuest"`
	Properties  messembed.Metadata `json:"properties,omitzero"`
}

// CreateUser asks, when the service refuses, whether that is because the name is taken: its status
// does not tell.
func (p platform) CreateUser(
	ctx context.Context, call *messembed.Caller, params messembed.CreateUserParams,
) (*messembed.User, error) {
	u, err := p.user(ctx, call, opCreateUser, messembed.Request{Body: createUserBody{
		params.Profile.Username, params.Profile.DisplayName, params.Profile.Guest, params.ExternalMetadata,
	}})
	refused, ok := errors.AsType[*messembed.Error](err)
	if !ok || refused.StatusCode != http.StatusBadRequest && refused.StatusCode != http.StatusConflict {
		return u, err
	}
	taken, err := p.nameTaken(ctx, call.Lookup(), params.Profile.Username)
	switch {
	case err != nil && refused.Attempts > 1:
		return nil, unsettled(refused, err)
	case err != nil:
		return nil, refused
	case taken:
		return nil, reclassified(call, messembed.ErrAlreadyExists, refused)
	}
	return nil, reclassified(call, messembed.ErrInvalidArgument, refused)
}

func (platform) nameTaken(ctx context.Context, call *messembed.Caller, name string) (bool, error) {
	_, err := call.Send(ctx, opUserExists, messembed.Request{Query: url.Values{"name": {name}}.Encode()})
	if e, ok := errors.AsType[*messembed.Error](err); ok && e.StatusCode == http.StatusNotFound {
		return false, nil // an answer to HEAD has no body that could say more
	}
	return err == nil, err
}

// reclassified is the same refusal, of another kind.
func reclassified(call *messembed.Caller, kind error, refused *messembed.Error) error {
	if errors.Is(refused, kind) {
		return refused
	}
	err := call.Fail(kind, messembed.Answer{StatusCode: refused.StatusCode, Attempts: refused.Attempts}, refused.Message)
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.Code, e.Details, e.RetryAfter, e.MaybeApplied = refused.Code, refused.Details, refused.RetryAfter, refused.MaybeApplied
	}
	return err
}

// unsettled is the error for a create that was sent twice and then refused, of which it cannot be
// told whether the first had been carried out.
func unsettled(refused *messembed.Error, err error) error {
	failed, ok := errors.AsType[*messembed.Error](err)
	if !ok {
		return err
	}
	e := *failed
	e.Attempts, e.MaybeApplied = refused.Attempts, true
	e.Message = "an answer was lost, and looking whether the name is taken failed too"
	return &e
}

func (p platform) GetUser(ctx context.Context, call *messembed.Caller, id string) (*messembed.User, error) {
	if err := checkID(call, "id", id); err != nil {
		return nil, err
	}
	return p.user(ctx, call, opGetUser, messembed.Request{Args: []string{id}})
}

// DeleteUser does not read the answer, which is the application and not the user.
func (platform) DeleteUser(ctx context.Context, call *messembed.Caller, id string) error {
	if err := checkID(call, "id", id); err != nil {
		return err
	}
	_, err := call.Send(ctx, opDeleteUser, messembed.Request{Args: []string{id}})
	return err
}
