package rightech_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func TestCreateUser_mapsTheProfile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent map[string]any // Requests removes the password
		fake := rightechtest.New(t)
		client := fake.Client(t, messembed.WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := r.GetBody()
			require.NoError(t, err)
			require.NoError(t, json.NewDecoder(body).Decode(&sent))
			return fake.RoundTrip(r)
		})))
		params := ada()
		params.Profile.Phone, params.BlockStatus = "+1234567890", messembed.BlockDeactivated
		u, err := client.CreateUser(t.Context(), params)
		require.NoError(t, err)
		assert.Equal(t, map[string]any{
			"role": role, "name": "Ada Lovelace", "email": "ada@example.com", "login": "ada.lovelace", "password": "Analytical1",
			"phone": "+1234567890", "disabled": true,
		}, sent)
		assert.Equal(t, "application/json", fake.Requests()[0].Header.Get("Content-Type"))

		assert.Len(t, u.ID, 24)
		assert.Equal(t, params.Profile, u.Profile)
		assert.True(t, time.Now().Equal(u.CreatedAt))
		assert.Zero(t, u.UpdatedAt)
		assert.Equal(t, messembed.BlockDeactivated, u.BlockStatus)
		assert.Nil(t, u.Presence)
		assert.Contains(t, string(u.Raw), `"success":true`)
		assert.NotContains(t, string(u.Raw), "Analytical1")
		assert.NotContains(t, string(fake.Requests()[0].Body), "Analytical1")
	})
}

func TestCreateUser_leavesOutWhatIsNotGiven(t *testing.T) {
	fake := rightechtest.New(t)
	u, err := fake.Client(t).CreateUser(t.Context(), ada())
	require.NoError(t, err)
	assert.JSONEq(t, `{"role":"`+role+`","name":"Ada Lovelace","email":"ada@example.com","login":"ada.lovelace","password":"[redacted]"}`,
		string(fake.Requests()[0].Body))
	assert.False(t, u.Blocked())
}

func TestCreateUser_refusesWhatCannotBeStored(t *testing.T) {
	fake := rightechtest.New(t)
	client := fake.Client(t)
	for says, change := range map[string]func(*messembed.CreateUserParams){
		"ID:":                                    func(p *messembed.CreateUserParams) { p.ID = "5d8a18d5d0025e0012fb6a34" },
		"Profile.Username: must not be empty":    func(p *messembed.CreateUserParams) { p.Profile.Username = "" },
		"Profile.Username: must be valid UTF-8":  func(p *messembed.CreateUserParams) { p.Profile.Username = "\xff" },
		"Profile.DisplayName: must not be empty": func(p *messembed.CreateUserParams) { p.Profile.DisplayName = "" },
		"Profile.Emails: exactly one":            func(p *messembed.CreateUserParams) { p.Profile.Emails = nil },
		"Profile.Emails: exactly one address": func(p *messembed.CreateUserParams) {
			p.Profile.Emails = append(p.Profile.Emails, messembed.Email{Address: "b@c"})
		},
		"Profile.Emails[0].Address: must not be empty": func(p *messembed.CreateUserParams) { p.Profile.Emails = []messembed.Email{{}} },
		"Profile.Emails[0].Verified:": func(p *messembed.CreateUserParams) {
			p.Profile.Emails = []messembed.Email{{Address: "a@b", Verified: true}}
		},
		"Profile.Roles: exactly one":          func(p *messembed.CreateUserParams) { p.Profile.Roles = nil },
		"Profile.Roles: exactly one role":     func(p *messembed.CreateUserParams) { p.Profile.Roles = []string{role, role} },
		"Profile.Roles[0]: must not be empty": func(p *messembed.CreateUserParams) { p.Profile.Roles = []string{""} },
		"Password: must not be empty":         func(p *messembed.CreateUserParams) { p.Password = "" },
		"Profile.Phone:":                      func(p *messembed.CreateUserParams) { p.Profile.Phone = "\xff" },
		"Profile.AvatarURL:":                  func(p *messembed.CreateUserParams) { p.Profile.AvatarURL = "https://example.com/a.png" },
		"Profile.Locale:":                     func(p *messembed.CreateUserParams) { p.Profile.Locale = "en" },
		"Profile.Type:":                       func(p *messembed.CreateUserParams) { p.Profile.Type = messembed.UserBot },
		"Profile.Guest:":                      func(p *messembed.CreateUserParams) { p.Profile.Guest = true },
		"ExternalMetadata:":                   func(p *messembed.CreateUserParams) { p.ExternalMetadata = messembed.Metadata{"a": 1} },
		"PrivateExternalMetadata:":            func(p *messembed.CreateUserParams) { p.PrivateExternalMetadata = messembed.Metadata{"a": 1} },
		"BlockStatus:":                        func(p *messembed.CreateUserParams) { p.BlockStatus = messembed.BlockCantSendAndReceive },
	} {
		t.Run(says, func(t *testing.T) {
			params := ada()
			change(&params)
			_, err := client.CreateUser(t.Context(), params)
			require.ErrorIs(t, err, messembed.ErrInvalidArgument)
			assert.ErrorContains(t, err, says)
			assert.NotContains(t, err.Error(), ada().Password)
		})
	}
	_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{})
	e := failure(t, err, messembed.ErrInvalidArgument)
	assert.Len(t, e.Details, 5, "all missing fields are reported")
	assert.Empty(t, fake.Requests())
}

func TestCreateUser_theServicesRulesAreTheServices(t *testing.T) {
	client := rightechtest.New(t).Client(t)
	for name, change := range map[string]func(*messembed.CreateUserParams){
		"short login":   func(p *messembed.CreateUserParams) { p.Profile.Username = "ada" },
		"weak password": func(p *messembed.CreateUserParams) { p.Password = "password" },
		"no address":    func(p *messembed.CreateUserParams) { p.Profile.Emails[0].Address = "ada" },
	} {
		t.Run(name, func(t *testing.T) {
			params := ada()
			change(&params)
			_, err := client.CreateUser(t.Context(), params)
			e := failure(t, err, messembed.ErrInvalidArgument)
			assert.Equal(t, "error_validation", e.Code)
		})
	}
}

func TestCreateUser_takenIsClassified(t *testing.T) {
	for name, c := range map[string]struct {
		options []rightechtest.Option
		ops     []string // after the refused create
	}{
		"by its tags":      {nil, nil},
		"by looking":       {[]rightechtest.Option{rightechtest.WithDuplicateError(400, "error_validation", "error_users")}, []string{"ListUsers"}},
		"by looking twice": {[]rightechtest.Option{rightechtest.WithDuplicateError(400), rightechtest.WithoutLoginSearch()}, []string{"ListUsers", "ListUsers"}},
		"by its status":    {[]rightechtest.Option{rightechtest.WithDuplicateError(409)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t, c.options...)
			fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada.lovelace", DisplayName: "X", Emails: []messembed.Email{{Address: "x@example.com"}}}})
			_, err := fake.Client(t).CreateUser(t.Context(), ada())
			e := failure(t, err, messembed.ErrAlreadyExists)
			assert.Equal(t, 1, e.Attempts)
			assert.Equal(t, append([]string{"CreateUser"}, c.ops...), operations(fake))
		})
	}
	t.Run("an address too", func(t *testing.T) {
		fake := rightechtest.New(t, rightechtest.WithDuplicateError(400, "error_users"))
		fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "other", Emails: ada().Profile.Emails}})
		_, err := fake.Client(t).CreateUser(t.Context(), ada())
		require.ErrorIs(t, err, messembed.ErrAlreadyExists)
		_, _, err = fake.Client(t).EnsureUser(t.Context(), ada())
		require.Error(t, err, "no user has the login, but none can be created")
	})
}

func TestCreateUser_lostAnswerIsSettled(t *testing.T) {
	for name, options := range map[string][]rightechtest.Option{
		"told by tags": nil, "untold": {rightechtest.WithDuplicateError(400, "error_users"), rightechtest.WithoutLoginSearch()},
	} {
		t.Run(name, func(t *testing.T) {
			fake := rightechtest.New(t, options...)
			fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})
			params := ada()
			params.BlockStatus = messembed.BlockDeactivated
			u, err := fake.Client(t).CreateUser(t.Context(), params)
			require.NoError(t, err)
			assert.Equal(t, fake.Users()[0].ID, u.ID)
			assert.Len(t, fake.Users(), 1)
		})
	}
}

func TestCreateUser_anothersUserIsNotTakenForTheLostOne(t *testing.T) {
	fake := rightechtest.New(t)
	fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada.lovelace", DisplayName: "Another Ada"}})
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true})
	_, err := fake.Client(t).CreateUser(t.Context(), ada())
	require.ErrorIs(t, err, messembed.ErrAlreadyExists)
}

func TestCreateUser_unsettledSaysSo(t *testing.T) {
	fake := rightechtest.New(t, rightechtest.WithDuplicateError(400))
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})
	for range 4 {
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Status: http.StatusServiceUnavailable})
	}
	_, err := fake.Client(t).CreateUser(t.Context(), ada())
	e := failure(t, err, messembed.ErrUnavailable)
	assert.True(t, e.MaybeApplied)
	assert.Equal(t, 2, e.Attempts)
}
