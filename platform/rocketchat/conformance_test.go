package rocketchat_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/conformance"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	for name, opts := range map[string][]rocketchattest.Option{
		"8.7":            nil,
		"7.x":            {rocketchattest.WithServerVersion("7.x")},
		"6.x":            {rocketchattest.WithServerVersion("6.x")},
		"merging fields": {rocketchattest.WithMergedCustomFields()},
		"below a path":   {rocketchattest.WithBasePath("/chat")},
	} {
		t.Run(name, func(t *testing.T) {
			conformance.Run(t, conformance.Service{Name: "Rocket.Chat", New: func(t *testing.T) conformance.Instance {
				return newInstance(rocketchattest.New(t, opts...))
			}})
		})
	}
}

func newInstance(fake *rocketchattest.Server) conformance.Instance {
	return conformance.Instance{
		Client: func(t *testing.T, opts ...messembed.Option) *messembed.Client { return fake.Client(t, opts...) },
		Stranger: func(t *testing.T) *messembed.Client {
			client, err := rocketchat.New(fake.BaseURL(), rocketchat.Credentials{UserID: "nobody", AuthToken: "wrong"}, messembed.WithTransport(fake))
			require.NoError(t, err)
			return client
		},
		User:          params,
		Names:         []string{"ada.lovelace", "a-b_c", "...", "A", "0", "__proto__"},
		UnknownID:     "aaaaaaaaaaaaaaaaa",
		Metadata:      true,
		FailNext:      fake.FailNext,
		AnswerGetUser: func(raw string) string { return `{"user":` + raw + `,"success":true}` },
	}
}

// params describe a user that the service can store.
func params(username string) messembed.CreateUserParams {
	return messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: username, DisplayName: "Name of " + username, Emails: []messembed.Email{{Address: username + "@example.com", Verified: true}},
		},
		ExternalMetadata: messembed.Metadata{"note": username},
	}
}
