package rocketchat

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// user sends an operation whose response contains one user.
func (p *platform) user(ctx context.Context, call *messembed.Call, op messembed.Operation, r messembed.Request) (*messembed.User, messembed.Answer, error) {
	return adapter.User(ctx, call, op, r, func(raw json.RawMessage) (*messembed.User, error) {
		var said struct {
			User json.RawMessage `json:"user"`
		}
		if err := json.Unmarshal(raw, &said); err != nil {
			return nil, err
		}
		if len(said.User) == 0 {
			return nil, messembed.BadField("user", "missing from the response")
		}
		return p.readUser(said.User)
	})
}

// done sends an operation whose response only says that it was carried out.
func done(ctx context.Context, call *messembed.Call, op messembed.Operation, r messembed.Request) error {
	var said struct {
		Success adapter.Loose[bool] `json:"success"`
	}
	answer, err := call.Decode(ctx, op, r, &said)
	if err == nil && !said.Success.Value {
		err = call.Unreadable(op, answer, messembed.BadField("success", "not true"))
	}
	return err
}

// phoneBody is an element of the list of phones that servers have since 8.7.
type phoneBody struct {
	Number  string `json:"number"`
	Primary bool   `json:"primary"`
}

func phonesOf(number string) []phoneBody {
	if number == "" {
		return []phoneBody{}
	}
	return []phoneBody{{number, true}}
}

type createBody struct {
	Email             string             `json:"email"`
	Name              string             `json:"name"`
	Password          string             `json:"password"`
	Username          string             `json:"username"`
	Active            *bool              `json:"active,omitempty"`
	Roles             []string           `json:"roles,omitempty"`
	Verified          bool               `json:"verified,omitempty"`
	SetRandomPassword bool               `json:"setRandomPassword,omitempty"`
	CustomFields      messembed.Metadata `json:"customFields,omitempty"`
	Phones            []phoneBody        `json:"phones,omitempty"`
}

// CreateUser creates the user in one request, which the service carries out in
// three steps. It silently drops custom fields it does not know, and leaves the
// user active if the caller is not allowed to deactivate. Both are errors with
// MaybeApplied.
func (p *platform) CreateUser(ctx context.Context, call *messembed.Call, params messembed.CreateUserParams) (*messembed.User, error) {
	body := createBody{
		Email:        params.Profile.Emails[0].Address,
		Name:         params.Profile.DisplayName,
		Password:     params.Password,
		Username:     params.Profile.Username,
		Roles:        withGuest(params.Profile.Roles, params.Profile.Guest),
		Verified:     params.Profile.Emails[0].Verified,
		CustomFields: params.ExternalMetadata,
	}
	if body.Password == "" {
		// The schema requires a password even then; the service generates its
		// own.
		body.Password, body.SetRandomPassword = rand.Text(), true
	}
	if params.BlockStatus != "" {
		body.Active = new(bool)
	}
	if params.Profile.Phone != "" {
		body.Phones = phonesOf(params.Profile.Phone)
	}
	u, answer, err := p.user(ctx, call, opCreateUser, messembed.Request{Body: body})
	if err != nil {
		if e, ok := errors.AsType[*messembed.Error](err); ok && e.Code == "error-not-allowed" && body.Active != nil {
			e.MaybeApplied = true
		}
		return nil, err
	}
	if err := leftOut(call, answer, u, params.ExternalMetadata); err != nil {
		return nil, err
	}
	return u, nil
}

func withGuest(roles []string, guest bool) []string {
	if guest && !slices.Contains(roles, roleGuest) {
		roles = append(slices.Clip(roles), roleGuest)
	}
	return roles
}

// leftOut returns the error for custom fields that the service did not store
// because the workspace does not define them.
func leftOut(call *messembed.Call, answer messembed.Answer, u *messembed.User, asked messembed.Metadata) error {
	var missing []string
	for name, value := range asked {
		if _, stored := u.ExternalMetadata[name]; !stored && value != nil {
			missing = append(missing, strconv.Quote(name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	e := call.Fail(messembed.ErrInvalidArgument, answer,
		"ExternalMetadata: not defined as custom fields by the workspace: "+strings.Join(missing, ", ")+"; everything else was stored")
	e.MaybeApplied = true
	return e
}

// GetUser checks the id of the result, since the service also accepts a
// username as an id.
func (p *platform) GetUser(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	u, answer, err := p.user(ctx, call, opGetUser, messembed.Request{Query: url.Values{"userId": {id}}.Encode()})
	if err != nil {
		return nil, err
	}
	if u.ID != id {
		return nil, call.Fail(messembed.ErrNotFound, answer, "User not found.")
	}
	return u, nil
}

// FindUser looks a user up by username. Usernames are unique regardless of
// case, but users.info matches case exactly. In the other cases users.getStatus
// returns the id.
func (p *platform) FindUser(ctx context.Context, call *messembed.Call, username string) (*messembed.User, error) {
	query := url.Values{"username": {username}}.Encode()
	u, answer, err := p.user(ctx, call, opGetUser, messembed.Request{Query: query})
	if err == nil && u.Profile.Username != username { // the name is another user's id
		err = call.Fail(messembed.ErrNotFound, answer, "User not found.")
	}
	if !errors.Is(err, messembed.ErrNotFound) {
		return u, err
	}
	var other struct {
		ID adapter.Loose[string] `json:"_id"`
	}
	_, looked := call.Lookup().Decode(ctx, opFindUser, messembed.Request{Query: query}, &other)
	if errors.Is(looked, messembed.ErrUnavailable) || errors.Is(looked, messembed.ErrRateLimited) || errors.Is(looked, messembed.ErrUnauthenticated) {
		return nil, looked
	}
	// Any other failure, such as an old server without the route, is not
	// reported.
	if looked != nil || other.ID.Value == "" {
		return nil, err
	}
	return p.GetUser(ctx, call.Lookup(), other.ID.Value)
}

type updateBody struct {
	UserID            string     `json:"userId"`
	Data              updateData `json:"data"`
	ConfirmRelinquish bool       `json:"confirmRelinquish,omitempty"`
}

type updateData struct {
	Email        string             `json:"email,omitempty"`
	Verified     *bool              `json:"verified,omitempty"`
	Name         string             `json:"name,omitempty"`
	Username     string             `json:"username,omitempty"`
	Active       *bool              `json:"active,omitempty"`
	Roles        []string           `json:"roles,omitzero"`
	CustomFields messembed.Metadata `json:"customFields,omitzero"`
	Phones       []phoneBody        `json:"phones,omitzero"`
}

// UpdateUser sends one request, and a second one if the server merges custom
// fields into the stored ones, as the newest do, instead of replacing them.
func (p *platform) UpdateUser(ctx context.Context, call *messembed.Call, id string, params messembed.UpdateUserParams) (*messembed.User, error) {
	if err := checkUpdate(call, params); err != nil {
		return nil, err
	}
	data, err := p.updateData(ctx, call, id, params)
	if err != nil {
		return nil, err
	}
	body := updateBody{UserID: id, Data: data, ConfirmRelinquish: call.Flag(confirmRelinquish{})}
	u, answer, err := p.user(ctx, call, opUpdateUser, messembed.Request{Body: body})
	if err != nil {
		return nil, p.takenUsername(ctx, call, id, data.Username, err)
	}
	if params.ExternalMetadata == nil {
		return u, nil
	}
	if stale := staleFields(u, params.ExternalMetadata); len(stale) > 0 {
		maps.Copy(stale, params.ExternalMetadata)
		body := updateBody{UserID: id, Data: updateData{CustomFields: stale}}
		if u, answer, err = p.user(ctx, call, opUpdateUser, messembed.Request{Body: body}); err != nil {
			return nil, applied(err)
		}
	}
	if err := leftOut(call, answer, u, params.ExternalMetadata); err != nil {
		return nil, err
	}
	return u, nil
}

func (p *platform) updateData(ctx context.Context, call *messembed.Call, id string, params messembed.UpdateUserParams) (updateData, error) {
	data := updateData{CustomFields: params.ExternalMetadata}
	if params.BlockStatus != "" || params.RemoveBlockStatus {
		data.Active = &params.RemoveBlockStatus
	}
	profile := params.Profile
	if profile == nil {
		return data, nil
	}
	if profile.Username != nil {
		data.Username = *profile.Username
	}
	if profile.DisplayName != nil {
		data.Name = *profile.DisplayName
	}
	if len(profile.Emails) > 0 {
		data.Email, data.Verified = profile.Emails[0].Address, &profile.Emails[0].Verified
	}
	if profile.Phone != nil {
		data.Phones = phonesOf(*profile.Phone)
	}
	data.Roles = profile.Roles
	if profile.Guest != nil {
		roles := profile.Roles
		if roles == nil {
			stored, err := p.GetUser(ctx, call.Lookup(), id)
			if err != nil {
				return data, err
			}
			roles = stored.Profile.Roles
		}
		data.Roles = slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return role == roleGuest && !*profile.Guest })
		data.Roles = withGuest(data.Roles, *profile.Guest)
	}
	return data, nil
}

// staleFields returns, as nulls to send, the custom fields that are still
// stored but should be gone.
func staleFields(u *messembed.User, asked messembed.Metadata) messembed.Metadata {
	stale := messembed.Metadata{}
	for name := range u.ExternalMetadata {
		if value, wanted := asked[name]; !wanted || value == nil {
			stale[name] = nil
		}
	}
	return stale
}

// takenUsername turns "Could not save user identity" into ErrAlreadyExists if
// another user has the username; the service reports other causes in the same
// way.
func (p *platform) takenUsername(ctx context.Context, call *messembed.Call, id, username string, err error) error {
	e, ok := errors.AsType[*messembed.Error](err)
	if !ok || e.Code != "error-could-not-save-identity" || username == "" {
		return err
	}
	holder, looked := p.FindUser(ctx, call.Lookup(), username)
	if looked != nil || holder.ID == id {
		return err
	}
	taken := adapter.As(call, messembed.ErrAlreadyExists, e)
	taken.Message = "Profile.Username: already taken"
	return taken
}

// applied marks a failure that happened after the change itself was carried
// out.
func applied(err error) error {
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.MaybeApplied = true
	}
	return err
}

func (*platform) DeleteUser(ctx context.Context, call *messembed.Call, id string) error {
	return done(ctx, call, opDeleteUser, messembed.Request{Body: struct {
		UserID            string `json:"userId"`
		ConfirmRelinquish bool   `json:"confirmRelinquish,omitempty"`
	}{id, call.Flag(confirmRelinquish{})}})
}

// SetUserBlocked sets active and reads the whole user, since the response
// contains only that field.
func (p *platform) SetUserBlocked(ctx context.Context, call *messembed.Call, id string, blocked bool) (*messembed.User, error) {
	err := done(ctx, call, opBlockUser, messembed.Request{Body: struct {
		UserID            string `json:"userId"`
		ActiveStatus      bool   `json:"activeStatus"`
		ConfirmRelinquish bool   `json:"confirmRelinquish,omitempty"`
	}{id, !blocked, call.Flag(confirmRelinquish{})}})
	if err != nil {
		return nil, err
	}
	return p.readBack(ctx, call, id)
}

// readBack reads the user after a change whose response does not contain it.
func (p *platform) readBack(ctx context.Context, call *messembed.Call, id string) (*messembed.User, error) {
	u, err := p.GetUser(ctx, call.Lookup(), id)
	if err != nil {
		return nil, applied(err)
	}
	return u, nil
}
