package rightech

import (
	"context"
	"errors"
	"net/http"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// UserKey is the login.
func (*platform) UserKey(p messembed.CreateUserParams) string { return p.Profile.Username }

// CheckCreateUser refuses what a user of the service has no place for, and what it cannot do
// without. How a login and a password must look is the service's to say: a project may have rules
// of its own.
func (*platform) CheckCreateUser(call *messembed.Caller, p messembed.CreateUserParams) error {
	var problems problems
	profile := p.Profile
	problems.add(p.ID != "", "ID: Rightech gives the ids; leave it empty and put the login into Profile.Username")
	problems.text("Profile.Username", profile.Username)
	problems.text("Profile.DisplayName", profile.DisplayName)
	if problems.add(len(profile.Emails) != 1, "Profile.Emails: Rightech wants one"); len(profile.Emails) == 1 {
		problems.text("Profile.Emails[0].Address", profile.Emails[0].Address)
		problems.add(profile.Emails[0].Verified, "Profile.Emails[0].Verified: Rightech does not keep that")
	}
	if problems.add(len(profile.Roles) != 1, "Profile.Roles: Rightech wants one, by its id"); len(profile.Roles) == 1 {
		problems.text("Profile.Roles[0]", profile.Roles[0])
	}
	problems.text("Password", p.Password)
	problems.add(!utf8.ValidString(profile.Phone), "Profile.Phone: must be valid UTF-8")
	problems.add(profile.AvatarURL != "", "Profile.AvatarURL: Rightech has none")
	problems.add(profile.Locale != "", "Profile.Locale: is the user's own to set")
	problems.add(profile.Type != "", "Profile.Type: Rightech has none")
	problems.add(profile.Guest, "Profile.Guest: Rightech has none")
	problems.addMetadata(p.ExternalMetadata, p.PrivateExternalMetadata)
	problems.addBlockStatus(p.BlockStatus)
	return call.Invalid(problems...)
}

// problems collects what is wrong with parameters.
type problems []string

func (p *problems) add(wrong bool, problem string) {
	if wrong {
		*p = append(*p, problem)
	}
}

// text refuses a required text that is empty or cannot be sent.
func (p *problems) text(name, value string) {
	p.add(value == "", name+": must not be empty")
	p.add(!utf8.ValidString(value), name+": must be valid UTF-8")
}

func (p *problems) addMetadata(external, private messembed.Metadata) {
	p.add(len(external) > 0, "ExternalMetadata: Rightech has none")
	p.add(len(private) > 0, "PrivateExternalMetadata: Rightech has none")
}

func (p *problems) addBlockStatus(s messembed.BlockStatus) {
	p.add(s != "" && s != messembed.BlockDeactivated, "BlockStatus: Rightech knows "+string(messembed.BlockDeactivated)+" only")
}

type createUserBody struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Phone    string `json:"phone,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
}

// CreateUser looks, when the service refuses and does not say in a way that is known, whether the
// login or the address is taken.
func (p *platform) CreateUser(
	ctx context.Context, call *messembed.Caller, params messembed.CreateUserParams,
) (*messembed.User, error) {
	profile := params.Profile
	u, err := p.user(ctx, call, opCreateUser, messembed.Request{Body: createUserBody{
		Role: profile.Roles[0], Name: profile.DisplayName, Email: profile.Emails[0].Address, Login: profile.Username,
		Password: params.Password, Phone: profile.Phone, Disabled: params.BlockStatus == messembed.BlockDeactivated,
	}})
	refused, ok := errors.AsType[*messembed.Error](err)
	if !ok || refused.StatusCode != http.StatusBadRequest || errors.Is(err, messembed.ErrAlreadyExists) {
		return u, err
	}
	taken, err := p.taken(ctx, call.Lookup(), profile)
	switch {
	case err != nil && refused.Attempts > 1:
		return nil, unsettled(refused, err)
	case err != nil || !taken:
		return nil, refused
	}
	answer := messembed.Answer{StatusCode: refused.StatusCode, Attempts: refused.Attempts}
	err = call.Fail(messembed.ErrAlreadyExists, answer, refused.Message)
	if e, ok := errors.AsType[*messembed.Error](err); ok {
		e.Code, e.Details = refused.Code, refused.Details
	}
	return nil, err
}

// taken tells whether a user has the login or the address, both of which the service keeps unique.
func (p *platform) taken(ctx context.Context, call *messembed.Caller, profile messembed.Profile) (bool, error) {
	address := profile.Emails[0].Address
	_, err := p.FindUser(ctx, call, profile.Username)
	if errors.Is(err, messembed.ErrNotFound) {
		_, err = p.find(ctx, call, "email", address, func(u *messembed.User) bool {
			return len(u.Profile.Emails) > 0 && u.Profile.Emails[0].Address == address
		})
	}
	if errors.Is(err, messembed.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
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
	e.Message = "an answer was lost, and looking whether the login is taken failed too"
	return &e
}
