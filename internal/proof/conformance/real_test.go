package conformance_test

import (
	"os"
	"testing"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/proof/conformance"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rocketchat"
)

// TestRealServices runs the suite against real services that the environment
// names. It writes to them, so name only services for tests.
//
//	CONFORMANCE_MESSEMBED_URL, _PASSWORD
//	CONFORMANCE_ROCKETCHAT_URL, _USER_ID, _AUTH_TOKEN, _TOKEN_SECRET
//	CONFORMANCE_CHATKITTY_CLIENT_ID, _CLIENT_SECRET
//	CONFORMANCE_RIGHTECH_URL, _TOKEN, _ROLE (a role's id)
func TestRealServices(t *testing.T) {
	for _, real := range []struct {
		name, needs string
		instance    func(*testing.T) conformance.Instance
	}{
		{"Messembed", "CONFORMANCE_MESSEMBED_URL", realMessembed},
		{"Rocket.Chat", "CONFORMANCE_ROCKETCHAT_URL", realRocketChat},
		{"ChatKitty", "CONFORMANCE_CHATKITTY_CLIENT_ID", realChatKitty},
		{"Rightech", "CONFORMANCE_RIGHTECH_URL", realRightech},
	} {
		if os.Getenv(real.needs) == "" {
			continue
		}
		t.Run(real.name, func(t *testing.T) {
			conformance.Run(t, conformance.Service{Name: real.name, New: func(t *testing.T) conformance.Instance {
				in := real.instance(t)
				in.Shared = true
				// Each test needs its own users in a service that keeps them.
				user, run := in.User, time.Now().Format("20060102t150405.000")
				in.User = func(name string) messembed.CreateUserParams { return user(run + name) }
				return in
			}})
		})
	}
}

type maker func(...messembed.Option) (*messembed.Client, error)

func reached(good, stranger maker) conformance.Instance {
	return conformance.Instance{
		Client:   func(t *testing.T, opts ...messembed.Option) *messembed.Client { return made(t)(good(opts...)) },
		Stranger: func(t *testing.T) *messembed.Client { return made(t)(stranger()) },
	}
}

func realMessembed(*testing.T) conformance.Instance {
	url := os.Getenv("CONFORMANCE_MESSEMBED_URL")
	with := func(password string) maker {
		return func(opts ...messembed.Option) (*messembed.Client, error) {
			return messembed.New(url, append(opts, messembed.WithBasicAuth("conformance", password))...)
		}
	}
	in := reached(with(os.Getenv("CONFORMANCE_MESSEMBED_PASSWORD")), with("wrong"))
	in.User, in.UnknownID, in.Metadata = messembedUser, "nobody", true
	in.Names = []string{"a/b", "a:b", "a b", "a?b#c", "%2F", "😀", "ü", `quo"te\`}
	return in
}

func realRocketChat(*testing.T) conformance.Instance {
	url := os.Getenv("CONFORMANCE_ROCKETCHAT_URL")
	with := func(cred rocketchat.Credentials) maker {
		return func(opts ...messembed.Option) (*messembed.Client, error) { return rocketchat.New(url, cred, opts...) }
	}
	in := reached(with(rocketchat.Credentials{
		UserID: os.Getenv("CONFORMANCE_ROCKETCHAT_USER_ID"), AuthToken: os.Getenv("CONFORMANCE_ROCKETCHAT_AUTH_TOKEN"),
		TokenSecret: os.Getenv("CONFORMANCE_ROCKETCHAT_TOKEN_SECRET"),
	}), with(rocketchat.Credentials{UserID: "nobody", AuthToken: "wrong"}))
	in.User, in.UnknownID, in.Metadata, in.Abbreviates = rocketChatUser, "aaaaaaaaaaaaaaaaa", true, true
	in.Names = []string{"ada.lovelace", "a-b_c"}
	return in
}

func realChatKitty(*testing.T) conformance.Instance {
	with := func(cred chatkitty.Credentials) maker {
		return func(opts ...messembed.Option) (*messembed.Client, error) {
			return chatkitty.New(chatkitty.BaseURL, cred, opts...)
		}
	}
	good := chatkitty.Credentials{ClientID: os.Getenv("CONFORMANCE_CHATKITTY_CLIENT_ID"), ClientSecret: os.Getenv("CONFORMANCE_CHATKITTY_CLIENT_SECRET")}
	wrong := good
	wrong.ClientSecret = "wrong"
	in := reached(with(good), with(wrong))
	in.User, in.UnknownID, in.Metadata = chatKittyUser, "987654321987", true
	in.Names = []string{"jane@chatkitty.com", "a b"}
	return in
}

func realRightech(*testing.T) conformance.Instance {
	url := os.Getenv("CONFORMANCE_RIGHTECH_URL")
	with := func(token string) maker {
		return func(opts ...messembed.Option) (*messembed.Client, error) {
			return rightech.New(url, rightech.Credentials{Token: token}, opts...)
		}
	}
	in := reached(with(os.Getenv("CONFORMANCE_RIGHTECH_TOKEN")), with("wrong"))
	in.User = func(name string) messembed.CreateUserParams {
		p := rightechUser(name)
		p.Profile.Roles = []string{os.Getenv("CONFORMANCE_RIGHTECH_ROLE")}
		return p
	}
	in.UnknownID, in.Names = "ffffffffffffffffffffffff", []string{"ada.lovelace"}
	return in
}
