package docs_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// Each error text in troubleshooting.md is the SDK's, word for word.
func TestTroubleshootingPage(t *testing.T) {
	data, err := os.ReadFile("troubleshooting.md")
	require.NoError(t, err)
	page := string(data)
	said := map[string]bool{}
	for _, part := range strings.Split(page, "`messembed: ")[1:] {
		text, _, _ := strings.Cut(part, "`")
		said["messembed: "+text] = true
	}
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			t.Setenv("MESSEMBED_URL", "")
			synctest.Test(t, func(t *testing.T) {
				fake := messembedtest.New(t, s.options...)
				for _, id := range []string{"ada", "bob", "eve"} {
					fake.AddUser(messembed.User{ID: id})
				}
				err := s.do(t.Context(), fake, fake.Client(t))
				require.Error(t, err)
				assert.True(t, said[err.Error()], "%s", err)
				delete(said, err.Error())
			})
		})
	}
	assert.Empty(t, said, "texts that no situation produces")
}

var situations = []struct {
	name    string
	options []messembedtest.Option
	do      func(context.Context, *messembedtest.Server, *messembed.Client) error
}{
	{"no id", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.CreateUser(ctx, messembed.CreateUserParams{}))
	}},
	{"a dotted key", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.CreateUser(ctx, messembed.CreateUserParams{ID: "new", ExternalMetadata: messembed.Metadata{"address": map[string]any{"postal.code": 1}}}))
	}},
	{"a profile", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.CreateUser(ctx, messembed.CreateUserParams{ID: "new", Profile: messembed.Profile{Username: "ada"}}))
	}},
	{"no chat id", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.GetChat(ctx, "ada"))
	}},
	{"a colon", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.GetChatByCompanions(ctx, "a:b", "c"))
	}},
	{"plain http", nil, func(context.Context, *messembedtest.Server, *messembed.Client) error {
		return second(messembed.New("http://chat.example.com", messembed.WithBasicAuth("admin", "secret")))
	}},
	{"an empty password", nil, func(context.Context, *messembedtest.Server, *messembed.Client) error {
		return second(messembed.New("https://chat.example.com", messembed.WithBasicAuth("admin", "")))
	}},
	{"no environment", nil, func(context.Context, *messembedtest.Server, *messembed.Client) error {
		return second(messembed.FromEnv())
	}},
	{"a wrong password", nil, func(ctx context.Context, fake *messembedtest.Server, _ *messembed.Client) error {
		c, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithBasicAuth("admin", "wrong"))
		if err != nil {
			return err
		}
		return c.CheckCredentials(ctx)
	}},
	{"a wrong client secret", []messembedtest.Option{messembedtest.WithClientCredentials("id", "secret")}, func(ctx context.Context, fake *messembedtest.Server, _ *messembed.Client) error {
		c, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithClientCredentials(clientcredentials.Config{
			ClientID: "id", ClientSecret: "wrong", TokenURL: fake.TokenURL(),
		}))
		if err != nil {
			return err
		}
		return c.CheckCredentials(ctx)
	}},
	{"another secret", nil, func(_ context.Context, fake *messembedtest.Server, _ *messembed.Client) error {
		ours, err := messembed.NewTokenSigner(fake.JWTSecret())
		if err != nil {
			return err
		}
		other, err := messembed.NewTokenSigner([]byte("another"))
		if err != nil {
			return err
		}
		token, err := other.Sign("ada", 0)
		if err != nil {
			return err
		}
		return second(ours.Verify(token.AccessToken))
	}},
	{"no user", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.GetUser(ctx, "nobody"))
	}},
	{"a deleted user", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		if err := c.DeleteUser(ctx, "ada"); err != nil {
			return err
		}
		return second(c.GetUser(ctx, "ada"))
	}},
	{"nobody's token", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.CreateAccessToken(ctx, "nobody"))
	}},
	{"not in the chat", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		chat, err := c.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
		if err != nil {
			return err
		}
		return second(c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "eve", Content: "hello"}))
	}},
	{"a taken id", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.CreateUser(ctx, messembed.CreateUserParams{ID: "ada"}))
	}},
	{"a wrong base URL", nil, func(ctx context.Context, fake *messembedtest.Server, _ *messembed.Client) error {
		c, err := messembed.New(fake.BaseURL()+"/api", messembed.WithTransport(fake))
		if err != nil {
			return err
		}
		_, _, err = c.EnsureUser(ctx, messembed.CreateUserParams{ID: "42"})
		return err
	}},
	{"a list too long", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailNext(messembedtest.Fault{Op: "ListUsers", Stall: true})
		return second(c.ListUsers(ctx, messembed.ListUsersParams{}))
	}},
	{"no presence", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.GetPresence(ctx, "ada"))
	}},
	{"nothing listens", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailRandomly(1, 1, messembedtest.Fault{Refuse: true})
		return c.Ping(ctx)
	}},
	{"silence", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailRandomly(1, 1, messembedtest.Fault{Stall: true})
		return c.Ping(ctx)
	}},
	{"the caller's deadline", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailRandomly(1, 1, messembedtest.Fault{Stall: true})
		ctx, cancel := context.WithTimeout(ctx, 1e9)
		defer cancel()
		return c.Ping(ctx)
	}},
	{"an ended context", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		ctx, cancel := context.WithCancel(ctx)
		cancel()
		return c.Ping(ctx)
	}},
	{"500", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailRandomly(1, 1, messembedtest.Fault{Status: 500, Body: `{"statusCode":500,"message":"Internal server error"}`})
		return second(c.UpdateUser(ctx, "ada", messembed.UpdateUserParams{RemoveBlockStatus: true}))
	}},
	{"a lost answer", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailNext(messembedtest.Fault{Op: "CreateMessage", Reset: true})
		return second(c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: "6b01f684ce34000000000001", UserID: "eve", Content: "hello"}))
	}},
	{"an hour's pause", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailNext(messembedtest.Fault{Status: 429, RetryAfter: "3600"})
		return c.Ping(ctx)
	}},
	{"a blocked user", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		chat, err := c.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
		if err != nil {
			return err
		}
		if _, err := c.BlockUser(ctx, "ada"); err != nil {
			return err
		}
		return second(c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "hello"}))
	}},
	{"a blocked chat", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		chat, err := c.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "bob"})
		if err != nil {
			return err
		}
		if _, err := c.BlockChat(ctx, chat.ID); err != nil {
			return err
		}
		return second(c.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: "hello"}))
	}},
	{"much metadata", nil, func(ctx context.Context, _ *messembedtest.Server, c *messembed.Client) error {
		return second(c.CreateUser(ctx, messembed.CreateUserParams{ID: "1", ExternalMetadata: messembed.Metadata{"a": strings.Repeat("x", 199_995)}}))
	}},
	{"a small limit", nil, func(ctx context.Context, fake *messembedtest.Server, _ *messembed.Client) error {
		c, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithMaxResponseBytes(100))
		if err != nil {
			return err
		}
		return second(c.GetUser(ctx, "ada"))
	}},
	{"HTML", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailNext(messembedtest.Fault{Status: 200, Body: "<html>Welcome"})
		return second(c.GetUser(ctx, "ada"))
	}},
	{"a redirect", nil, func(ctx context.Context, fake *messembedtest.Server, c *messembed.Client) error {
		fake.FailNext(messembedtest.Fault{Status: 301, Header: http.Header{"Location": {"https://elsewhere.example.com"}}})
		return second(c.GetUser(ctx, "ada"))
	}},
}

func second[T any](_ T, err error) error { return err }
