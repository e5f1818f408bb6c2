package messembed

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

var (
	opCreateUser        = Operation{Name: "CreateUser", Method: http.MethodPost, Route: "admin-api/users", Write: true, Repeatable: true, MaxBody: maxBody}
	opGetUser           = Operation{Name: "GetUser", Method: http.MethodGet, Route: "users/{id}", Repeatable: true}
	opUpdateUser        = Operation{Name: "UpdateUser", Method: http.MethodPatch, Route: "admin-api/users/{id}", Write: true, Repeatable: true, MaxBody: maxBody}
	opDeleteUser        = Operation{Name: "DeleteUser", Method: http.MethodDelete, Route: "admin-api/users/{id}", Write: true, Repeatable: true}
	opListUsers         = Operation{Name: "ListUsers", Method: http.MethodGet, Route: "admin-api/users", Repeatable: true, WholeList: true}
	opCreateAccessToken = Operation{Name: "CreateAccessToken", Method: http.MethodPost, Route: "admin-api/users/{id}/access-tokens", Write: true, Repeatable: true}

	userOperations = []Operation{opCreateUser, opGetUser, opUpdateUser, opDeleteUser, opListUsers, opCreateAccessToken}
)

func (*adminAPI) UserKey(p CreateUserParams) string { return p.ID }

func (*adminAPI) CheckCreateUser(call *Call, p CreateUserParams) error {
	var problems problems
	problems.add(idProblem("ID", p.ID))
	if slices.Contains(namesOfObjects, p.ID) {
		problems.add("ID: must not be the name of a property of every JavaScript object: the server could not show this user's chats")
	}
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnCreate)
	problems.add(blockStatusProblem(p.BlockStatus))
	if !p.Profile.IsZero() {
		problems.add("Profile: Messembed has no profile fields; put Profile.Metadata() into ExternalMetadata")
	}
	if p.Password != "" {
		problems.add("Password: not supported by Messembed")
	}
	if err := call.Invalid(problems...); err != nil || !call.checkSize {
		return err
	}
	_, err := call.marshal(opCreateUser, createUserJSON(p))
	return err
}

// namesOfObjects break the server's chats as ids of users: it looks users up in
// plain objects, where these names are taken.
var namesOfObjects = []string{
	"__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__", "constructor",
	"hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
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
	return sendForOne(ctx, call, opCreateUser, Request{Body: createUserJSON(p)}, readUser, subject{id: p.ID})
}

func (*adminAPI) GetUser(ctx context.Context, call *Call, id string) (*User, error) {
	return sendForOne(ctx, call, opGetUser, Request{Args: []string{id}}, readUser, subject{id: id})
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
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata, keysOnCreate)
	problems.add(blockStatusProblem(p.BlockStatus))
	if p.Profile != nil {
		problems.add("Profile: Messembed has no profile fields; put Profile.Metadata() into ExternalMetadata")
	}
	if len(problems) > 0 {
		return nil, call.Invalid(problems...)
	}
	return sendForOne(ctx, call, opUpdateUser, Request{Args: []string{id}, Body: updateUserBody{
		p.ExternalMetadata, p.PrivateExternalMetadata, p.BlockStatus, p.RemoveBlockStatus,
	}}, readUser, subject{id: id})
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
	maybeDeleted := false // by the route, on an attempt before the one that found none
	if !a.noDeleteRoute.Load() {
		answer, err := call.Send(ctx, opDeleteUser, Request{Args: []string{id}})
		if err == nil {
			return checkDeleted(call, answer)
		}
		if !hasNoRoute(err) {
			return err
		}
		e, _ := errors.AsType[*Error](err)
		maybeDeleted = e.MaybeApplied
	}
	_, err := sendForOne(ctx, call, opUpdateUser, Request{Args: []string{id}, Body: updateUserBody{
		ExternalMetadata:        Metadata{},
		PrivateExternalMetadata: Metadata{tombstoneKey: time.Now().UTC().Format(time.RFC3339)},
		BlockStatus:             BlockCantSendAndReceive,
	}}, readUser, subject{id: id})
	notFound := errors.Is(err, ErrNotFound)
	if !maybeDeleted && (err == nil || notFound) {
		a.noDeleteRoute.Store(true) // and the base URL is not wrong
	}
	if e, ok := errors.AsType[*Error](err); ok && maybeDeleted {
		if notFound {
			return nil
		}
		e.MaybeApplied = true
	}
	return err
}

// checkDeleted checks the response of a delete route. No released server has
// one, so it accepts whatever another service would hardly send: nothing, or an
// object that is no refusal.
func checkDeleted(call *Call, answer Answer) error {
	var object map[string]json.RawMessage
	if len(bytes.TrimSpace(answer.Body)) == 0 {
		return nil
	}
	if json.Unmarshal(answer.Body, &object) == nil && object != nil && !isRefusal(object) {
		return nil
	}
	return call.Unreadable(opDeleteUser, answer, BadField("response", "unexpected for a delete"))
}

// isRefusal reports whether a body is the server's for an error, which a proxy
// may have sent on with another status.
func isRefusal(object map[string]json.RawMessage) bool {
	var status int
	_, failed := object["error"]
	return failed || json.Unmarshal(object["statusCode"], &status) == nil && status/100 != 2
}

func hasNoRoute(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == "" && (e.Kind == ErrUnsupported || e.Kind == ErrInvalidArgument && e.StatusCode == http.StatusMethodNotAllowed)
}

// ListUsers cuts a page out of the service's single response.
func (*adminAPI) ListUsers(ctx context.Context, call *Call, p ListUsersParams) (*UserPage, error) {
	after, err := parseUserCursor(call, p.Cursor)
	if err != nil {
		return nil, err
	}
	answer, err := call.Send(ctx, opListUsers, Request{})
	if err != nil {
		return nil, err
	}
	all, err := decodeList(answer.Body, "data", readUser, nil)
	if err != nil {
		return nil, call.Unreadable(opListUsers, answer, err)
	}
	users := make([]*User, 0, len(all))
	start := 0 // where the page begins
	for _, u := range all {
		passed := after.passed(u)
		if !u.Deleted() || p.IncludeDeleted {
			users = append(users, u)
		}
		if passed {
			start = len(users)
		}
	}
	page := &UserPage{TotalCount: len(users), Users: users[start:]}
	if p.Limit > 0 && len(page.Users) > p.Limit {
		page.Users = page.Users[:p.Limit:p.Limit]
		page.NextCursor = userCursorAfter(page.Users[p.Limit-1]).String()
	}
	return page, nil
}

// userCursor identifies the last user of a page, by its id and, in case it is
// gone when the next page is requested, by its creation time.
type userCursor struct {
	id        string
	createdAt time.Time
	found     bool
}

func userCursorAfter(u *User) userCursor { return userCursor{id: u.ID, createdAt: u.CreatedAt} }

func (c userCursor) String() string { return c.createdAt.UTC().Format(time.RFC3339Nano) + " " + c.id }

func parseUserCursor(call *Call, s string) (userCursor, error) {
	if s == "" {
		return userCursor{found: true}, nil
	}
	at, id, _ := strings.Cut(s, " ")
	createdAt, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return userCursor{}, call.Invalid("Cursor: not a NextCursor of this list")
	}
	return userCursor{id: id, createdAt: createdAt}, nil
}

// passed reports whether u is on an earlier page. It is called in list order.
func (c *userCursor) passed(u *User) bool {
	switch {
	case c.found:
		return false
	case u.ID == c.id && u.CreatedAt.Equal(c.createdAt):
		c.found = true
		return true
	}
	// If the user is gone, those of its millisecond come again rather than not
	// at all.
	return u.CreatedAt.Before(c.createdAt)
}

func (*adminAPI) Users(ctx context.Context, call *Call, yield func(*User) bool) error {
	return eachParsed(ctx, call, opListUsers, Request{}, "data", readUser, yield)
}

func (*adminAPI) usersToCompare(ctx context.Context, call *Call, yield func(*syncUser) bool) error {
	var u syncUser
	read := func(p *jsonstream.Parser) (*syncUser, error) { return &u, readUserToCompare(p, &u) }
	return eachParsed(ctx, call, opListUsers, Request{}, "data", read, yield)
}

func (*adminAPI) CreateAccessToken(ctx context.Context, call *Call, userID string) (*AccessToken, error) {
	var token struct {
		AccessToken string `json:"accessToken"`
	}
	answer, err := call.Decode(ctx, opCreateAccessToken, Request{Args: []string{userID}}, &token)
	if err != nil {
		return nil, unknownUser(ctx, call, userID, err)
	}
	if token.AccessToken == "" {
		return nil, call.Unreadable(opCreateAccessToken, answer, BadField("accessToken", "missing from the response"))
	}
	if isTokenOfAnother(token.AccessToken, userID) {
		return nil, call.Unreadable(opCreateAccessToken, answer, errSomethingElse)
	}
	return &AccessToken{AccessToken: token.AccessToken, UserID: userID}, nil
}

// isTokenOfAnother reports whether a token says that it is for another user, who
// would then be logged in. What is no JWT says nothing.
func isTokenOfAnother(token, userID string) bool {
	_, payload, _ := strings.Cut(token, ".")
	payload, _, _ = strings.Cut(payload, ".")
	var claims struct {
		Subject *string `json:"sub"`
	}
	data, err := base64.RawURLEncoding.DecodeString(payload)
	return err == nil && json.Unmarshal(data, &claims) == nil && claims.Subject != nil && *claims.Subject != userID
}

// unknownUser turns the 500 that the server answers for an unknown user into
// ErrNotFound.
func unknownUser(ctx context.Context, call *Call, userID string, err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.StatusCode != http.StatusInternalServerError {
		return err
	}
	_, lookupErr := sendForOne(ctx, call.Lookup(), opGetUser, Request{Args: []string{userID}}, readUser, subject{id: userID})
	if !errors.Is(lookupErr, ErrNotFound) {
		return err
	}
	found, _ := errors.AsType[*Error](lookupErr)
	e.Kind, e.Code, e.Message, e.MaybeApplied = ErrNotFound, found.Code, found.Message, false
	return e
}

// readUser reads a user as the server writes it.
func readUser(p *jsonstream.Parser) (*User, error) {
	u, hasID := new(User), false
	start := p.Begin()
	err := p.Object(func(name []byte) error {
		switch string(name) {
		case "_id":
			hasID = true
			return readText(p, &u.ID)
		case "createdAt":
			return readTime(p, &u.CreatedAt)
		case "updatedAt":
			return readTime(p, &u.UpdatedAt)
		case "deletedAt":
			return readTime(p, &u.DeletedAt)
		case "externalMetadata":
			return readMetadata(p, &u.ExternalMetadata)
		case "privateExternalMetadata":
			return readMetadata(p, &u.PrivateExternalMetadata)
		case "blockStatus":
			return readText(p, (*string)(&u.BlockStatus))
		case "blockStatusUpdatedAt":
			return readTime(p, &u.BlockStatusUpdatedAt)
		}
		return p.Skip()
	})
	if u.Raw, err = rawOf(p, start, hasID, err); err != nil {
		return nil, err
	}
	if u.DeletedAt.IsZero() {
		u.DeletedAt = tombstoneTime(u.PrivateExternalMetadata)
	}
	return u, nil
}

// readUserToCompare reads a user as readUser does, but keeps no more of it than a
// sync compares. That takes half the time.
func readUserToCompare(p *jsonstream.Parser, u *syncUser) error {
	*u = syncUser{}
	var (
		hasID             bool
		external, private uint64
		tombstone         Metadata
		block             string
		deletedAt         time.Time
	)
	err := p.Object(func(name []byte) error {
		switch string(name) {
		case "_id":
			hasID = true
			return readText(p, &u.id)
		case "deletedAt":
			return readTime(p, &deletedAt)
		case "externalMetadata":
			return readMetadataHash(p, &external)
		case "privateExternalMetadata":
			start := p.Begin()
			err := readMetadataHash(p, &private)
			if raw := p.Since(start); err == nil && bytes.Contains(raw, []byte(tombstoneKey)) {
				err = readMetadata(jsonstream.NewParser(raw), &tombstone)
			}
			return err
		case "blockStatus":
			return readText(p, &block)
		}
		return p.Skip()
	})
	switch {
	case err != nil:
		return err
	case !hasID:
		return BadField("_id", "missing from the response")
	}
	u.fields.set(fieldExternal, external)
	u.fields.set(fieldPrivate, private)
	u.fields.set(fieldBlock, hashText(block))
	switch {
	case !deletedAt.IsZero(), !tombstoneTime(tombstone).IsZero():
		u.state = userDeleted
	case block != "":
		u.state = userBlocked
	}
	return nil
}

// tombstoneTime returns when the SDK deleted the user that has this private
// metadata; zero if it did not.
func tombstoneTime(private Metadata) time.Time {
	text, _ := private[tombstoneKey].(string)
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at
}
