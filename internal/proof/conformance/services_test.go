package conformance_test

import (
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/proof/conformance"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

// services are the fakes, which are always available, in the order of the
// README's table.
var services = []conformance.Service{
	{Name: "Messembed", New: func(t *testing.T) conformance.Instance { return newMessembed(messembedtest.New(t)) }},
	{Name: "Rocket.Chat", New: func(t *testing.T) conformance.Instance { return newRocketChat(rocketchattest.New(t)) }},
	{Name: "ChatKitty", New: func(t *testing.T) conformance.Instance { return newChatKitty(chatkittytest.New(t)) }},
	{Name: "Rightech", New: func(t *testing.T) conformance.Instance { return newRightech(rightechtest.New(t)) }},
}

// variants are the same services with other settings.
var variants = []conformance.Service{
	{Name: "Messembed with a delete route below a path", New: func(t *testing.T) conformance.Instance {
		return newMessembed(messembedtest.New(t, messembedtest.WithDeleteRoute(), messembedtest.WithBasePath("/api/messembed")))
	}},
	{Name: "Rocket.Chat 7", New: func(t *testing.T) conformance.Instance {
		return newRocketChat(rocketchattest.New(t, rocketchattest.WithPictureDelay(0), rocketchattest.WithServerVersion("7.x")))
	}},
	{Name: "Rocket.Chat 6 below a path", New: func(t *testing.T) conformance.Instance {
		return newRocketChat(rocketchattest.New(t, rocketchattest.WithPictureDelay(0), rocketchattest.WithServerVersion("6.x"), rocketchattest.WithBasePath("/chat")))
	}},
	{Name: "Rocket.Chat that merges custom fields", New: func(t *testing.T) conformance.Instance {
		return newRocketChat(rocketchattest.New(t, rocketchattest.WithPictureDelay(0), rocketchattest.WithMergedCustomFields()))
	}},
	{Name: "ChatKitty's other dialect", New: func(t *testing.T) conformance.Instance {
		return newChatKitty(chatkittytest.New(t, chatkittytest.WithSnakeCase()))
	}},
	{Name: "Rightech with streamed lists", New: func(t *testing.T) conformance.Instance {
		return newRightech(rightechtest.New(t, rightechtest.WithStreamedLists(), rightechtest.WithFullReads()))
	}},
}

func newMessembed(fake *messembedtest.Server) conformance.Instance {
	return conformance.Instance{
		Client: func(t *testing.T, opts ...messembed.Option) *messembed.Client { return fake.Client(t, opts...) },
		Stranger: func(t *testing.T) *messembed.Client {
			return fake.Client(t, messembed.WithBasicAuth("admin", "wrong"))
		},
		User:          messembedUser,
		Names:         []string{"a/b", "a:b", "..", ".", " lead", "a b", "a?b#c", "%2F", "😀", "ü", "nul\x00", "line\nbreak", `quo"te\`},
		UnknownID:     "nobody",
		Metadata:      true,
		Fake:          fake,
		AnswerGetUser: func(raw string) string { return raw },
	}
}

func messembedUser(name string) messembed.CreateUserParams {
	return messembed.CreateUserParams{ID: name, ExternalMetadata: messembed.Metadata{"name": name}}
}

func newRocketChat(fake *rocketchattest.Server) conformance.Instance {
	return conformance.Instance{
		Client: func(t *testing.T, opts ...messembed.Option) *messembed.Client { return fake.Client(t, opts...) },
		Stranger: func(t *testing.T) *messembed.Client {
			return made(t)(rocketchat.New(fake.BaseURL(), rocketchat.Credentials{UserID: "nobody", AuthToken: "wrong"}, messembed.WithTransport(fake)))
		},
		User:          rocketChatUser,
		Names:         []string{"ada.lovelace", "a-b_c", "...", "A", "0"},
		UnknownID:     "aaaaaaaaaaaaaaaaa",
		Metadata:      true,
		Abbreviates:   true,
		Fake:          fake,
		AnswerGetUser: func(raw string) string { return `{"user":` + raw + `,"success":true}` },
	}
}

func rocketChatUser(name string) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile:          messembed.Profile{Username: name, DisplayName: "Name of " + name, Emails: []messembed.Email{{Address: name + "@example.com", Verified: true}}},
		ExternalMetadata: messembed.Metadata{"note": name},
	}
}

func newChatKitty(fake *chatkittytest.Server) conformance.Instance {
	return conformance.Instance{
		Client: func(t *testing.T, opts ...messembed.Option) *messembed.Client { return fake.Client(t, opts...) },
		Stranger: func(t *testing.T) *messembed.Client {
			wrong := fake.Credentials()
			wrong.ClientSecret = "wrong"
			return made(t)(chatkitty.New(fake.BaseURL(), wrong, messembed.WithTransport(fake)))
		},
		User:          chatKittyUser,
		Names:         []string{"jane@chatkitty.com", "a/b", "a&b=c", "a b", "ü", "😀", "+1", `quo"te\`},
		UnknownID:     "987654321",
		Metadata:      true,
		Fake:          fake,
		AnswerGetUser: func(raw string) string { return raw },
	}
}

func chatKittyUser(name string) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile:          messembed.Profile{Username: name, DisplayName: "Name of " + name},
		ExternalMetadata: messembed.Metadata{"note": name},
	}
}

func newRightech(fake *rightechtest.Server) conformance.Instance {
	return conformance.Instance{
		Client: func(t *testing.T, opts ...messembed.Option) *messembed.Client { return fake.Client(t, opts...) },
		Stranger: func(t *testing.T) *messembed.Client {
			return made(t)(rightech.New(fake.BaseURL(), rightech.Credentials{Token: "wrong"}, messembed.WithTransport(fake)))
		},
		User:          rightechUser,
		Names:         []string{"ada@example.com", "ada.lovelace", "a_b-c", "12345"},
		UnknownID:     "ffffffffffffffffffffffff",
		Fake:          fake,
		AnswerGetUser: func(raw string) string { return raw },
	}
}

func rightechUser(name string) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: "login-" + name, DisplayName: "Name of " + name,
			Emails: []messembed.Email{{Address: "mail-" + name + "@example.com"}}, Roles: []string{"5c5061c11af9ac1100e8d55f"},
		},
		Password: "Passw0rd",
	}
}

func made(t *testing.T) func(*messembed.Client, error) *messembed.Client {
	return func(c *messembed.Client, err error) *messembed.Client {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections) // a real service keeps them open
		return c
	}
}

func TestServices(t *testing.T) {
	for _, service := range append(services[:len(services):len(services)], variants...) {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			conformance.Run(t, service)
		})
	}
}
