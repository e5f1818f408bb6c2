package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// silent fails if the text contains a canary. The matrix itself checks its cells.
func silent(t *testing.T, what, text string) {
	t.Helper()
	if canary := canaryIn(text); canary != "" {
		t.Errorf("%s: %s is shown: …%s", what, canary, around(text, canary))
	}
}

// TestLeaks_new shows that New does not repeat the arguments it rejects.
func TestLeaks_new(t *testing.T) {
	grant := func(tokenURL string) messembed.Option {
		return messembed.WithClientCredentials(clientcredentials.Config{ClientID: "client", ClientSecret: canarySecret, TokenURL: tokenURL})
	}
	basic := messembed.WithBasicAuth("admin", canaryPassword)
	tests := map[string]struct {
		url     string
		options []messembed.Option
	}{
		"user info":                      {url: "https://admin:" + canaryPassword + "@chat.example.com"},
		"a password for a username":      {url: "https://" + canaryPassword + "@chat.example.com"},
		"a query":                        {url: "https://chat.example.com?password=" + canaryPassword},
		"a fragment":                     {url: "https://chat.example.com#" + canaryPassword},
		"a broken port":                  {url: "https://chat.example.com:" + canaryPassword},
		"a broken escape":                {url: "https://chat.example.com/%zz" + canaryPassword},
		"a control character":            {url: "https://chat.example.com/\n" + canaryPassword},
		"no scheme":                      {url: canaryPassword + "@chat.example.com"},
		"another scheme":                 {url: "ftp://admin:" + canaryPassword + "@chat.example.com"},
		"plain http":                     {url: "http://chat.example.com", options: []messembed.Option{basic}},
		"two kinds of credentials":       {url: "https://chat.example.com", options: []messembed.Option{basic, grant("https://auth.example.com/token")}},
		"a colon in the username":        {url: "https://chat.example.com", options: []messembed.Option{messembed.WithBasicAuth("admin:"+canaryPassword, "x")}},
		"no username":                    {url: "https://chat.example.com", options: []messembed.Option{messembed.WithBasicAuth("", canaryPassword)}},
		"user info in the token URL":     {url: "https://chat.example.com", options: []messembed.Option{grant("https://client:" + canarySecret + "@auth.example.com/token")}},
		"a token URL over http":          {url: "https://chat.example.com", options: []messembed.Option{grant("http://auth.example.com/token")}},
		"a broken token URL":             {url: "https://chat.example.com", options: []messembed.Option{grant("https://[" + canarySecret)}},
		"a line break in a header":       {url: "https://chat.example.com", options: []messembed.Option{messembed.WithAuthHeaders(map[string]string{"X-Auth-Token": canarySecret + "\r\nX: y"})}},
		"a line break in the User-Agent": {url: "https://chat.example.com", options: []messembed.Option{messembed.WithUserAgent(canarySecret + "\nX: y")}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			client, err := messembed.New(test.url, test.options...)
			if err == nil {
				t.Fatalf("New accepted it: %v", client)
			}
			silent(t, "New", showings(err))
		})
	}
	t.Run("FromEnv", func(t *testing.T) {
		t.Setenv("MESSEMBED_URL", "https://admin:"+canaryPassword+"@chat.example.com")
		t.Setenv("MESSEMBED_PASSWORD", canaryPassword)
		_, err := messembed.FromEnv()
		if err == nil {
			t.Fatal("FromEnv accepted user info")
		}
		silent(t, "FromEnv", showings(err))
	})
}

// TestLeaks_parameters shows that rejected parameters are named but not repeated.
func TestLeaks_parameters(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithCredentials("admin", canaryPassword))
	logger, logged := debugLog()
	client := fake.Client(t, messembed.WithLogger(logger))
	ctx := t.Context()
	create := func(m messembed.Metadata) error {
		_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada", ExternalMetadata: m})
		return err
	}
	update := func(m messembed.Metadata) error {
		_, err := client.UpdateUser(ctx, "ada", messembed.UpdateUserParams{PrivateExternalMetadata: m})
		return err
	}
	message := func(p messembed.CreateMessageParams) error {
		_, err := client.CreateMessage(ctx, p)
		return err
	}
	second := func(_ any, err error) error { return err }
	const chatID = "0123456789abcdef01234567"
	signer, err := messembed.NewTokenSigner([]byte(canaryJWT))
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a bad key":                  create(messembed.Metadata{"a": map[string]any{"$b": canaryMetadata}}),
		"a bad key on update":        update(messembed.Metadata{"$b": canaryMetadata}),
		"not JSON":                   create(messembed.Metadata{"a": make(chan string), "b": canaryMetadata}),
		"not a number":               create(messembed.Metadata{"a": math.NaN(), "b": canaryMetadata}),
		"invalid UTF-8":              create(messembed.Metadata{"a": canaryMetadata + "\xff"}),
		"its own error":              create(messembed.Metadata{"a": telltale{}}),
		"too large":                  create(messembed.Metadata{"a": strings.Repeat(canaryMetadata, 10_000)}),
		"a password":                 second(client.CreateUser(ctx, messembed.CreateUserParams{ID: "ada", Password: canaryPassword})),
		"content with invalid UTF-8": message(messembed.CreateMessageParams{ChatID: chatID, UserID: "ada", Content: canaryMetadata + "\xff"}),
		"a bad attachment":           message(messembed.CreateMessageParams{ChatID: chatID, UserID: "ada", Attachments: []messembed.Attachment{{"$a": canaryMetadata}}}),
		"a bad cursor":               second(client.ListUsers(ctx, messembed.ListUsersParams{Cursor: canaryMetadata})),
		"a bad block status":         second(client.UpdateUser(ctx, "ada", messembed.UpdateUserParams{BlockStatus: canaryMetadata})),
		"a header with a break":      client.Ping(ctx, messembed.WithHeader("X-Secret", canarySecret+"\r\nX: y")),
		"a name with a break":        client.Ping(ctx, messembed.WithHeader("X-"+canarySecret+"\r\n", "y")),
		"the SDK's own header":       client.Ping(ctx, messembed.WithHeader("Authorization", canarySecret)),
		"a request id with a break":  client.Ping(ctx, messembed.WithRequestID(canarySecret+"\n")),
		"a foreign token":            second(signer.Verify("eyJhbGciOiJIUzI1NiJ9." + canaryMetadata + ".x")),
		"not a JWT":                  second(signer.Verify(canaryToken)),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		silent(t, name, showings(err))
	}
	silent(t, "the log", logged.String())
	if len(fake.Requests()) > 0 {
		t.Errorf("sent %v", fake.Requests())
	}
}

// telltale is metadata whose error reveals everything.
type telltale struct{}

func (telltale) MarshalJSON() ([]byte, error) { return nil, errors.New(canaryMetadata) }

// TestLeaks_formatting shows that no type that holds a secret reveals it to fmt or slog.
func TestLeaks_formatting(t *testing.T) {
	signer, err := messembed.NewTokenSigner([]byte(canaryJWT))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign("ada", 0)
	if err != nil {
		t.Fatal(err)
	}
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: canarySecret})
	options := []messembed.Option{
		messembed.WithBasicAuth("admin", canaryPassword), messembed.WithTokenSource(source),
		messembed.WithClientCredentials(clientcredentials.Config{ClientID: "client", ClientSecret: canarySecret, TokenURL: "https://auth.example.com/token"}),
		messembed.WithAuthHeaders(map[string]string{"X-Auth-Token": canarySecret}),
	}
	values := []any{
		options, options[0], messembed.WithHeader("X-Secret", canarySecret), signer, *signer, token, *token,
		[]*messembed.AccessToken{token}, []messembed.AccessToken{*token}, map[string]messembed.AccessToken{"t": *token},
		struct{ T messembed.AccessToken }{*token}, struct{ S *messembed.TokenSigner }{signer}, struct{ S messembed.TokenSigner }{*signer},
		struct{ s *messembed.TokenSigner }{signer}, struct{ s messembed.TokenSigner }{*signer},
	}
	for _, option := range options {
		client, err := messembed.New("https://chat.example.com", option)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, client, *client, struct{ C *messembed.Client }{client}, struct{ C messembed.Client }{*client}, []messembed.Client{*client})
		// fmt does not call methods of values in unexported fields.
		values = append(values, struct{ c *messembed.Client }{client}, struct{ c messembed.Client }{*client})
	}
	for _, value := range values {
		var b strings.Builder
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "% x"} {
			fmt.Fprintf(&b, verb+"\n", value)
		}
		text := slog.New(slog.NewTextHandler(&b, nil))
		text.Info("value", "value", value)
		silent(t, fmt.Sprintf("%T", value), b.String())
		if hex := fmt.Sprintf("%x", canaryJWT); strings.Contains(b.String(), hex) || strings.Contains(strings.ToLower(b.String()), hex) {
			t.Errorf("%T: %%x shows the secret", value)
		}
	}
}

// TestLeaks_panics shows that a panic in a transport or a callback reveals no
// secret, and that the client remains usable.
func TestLeaks_panics(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithCredentials("admin", canaryPassword))
	fake.AddUser(messembed.User{ID: ada})
	panicking := true
	client := fake.Client(t, messembed.WithMaxConcurrency(1), messembed.WithTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		if panicking {
			panic("the transport fails")
		}
		return fake.RoundTrip(r)
	})))
	recovered := func(f func()) (value any) {
		defer func() { value = recover() }()
		f()
		return nil
	}
	for range 3 {
		value := recovered(func() { _, _ = client.GetUser(context.Background(), ada) })
		silent(t, "the transport's panic", fmt.Sprintf("%v %+v %#v", value, value, value))
		if value == nil {
			t.Error("the panic was swallowed")
		}
	}
	panicking = false
	value := recovered(func() {
		_, _ = client.ModifyUser(context.Background(), ada, func(*messembed.User) error { panic("the callback fails") })
	})
	silent(t, "the callback's panic", fmt.Sprint(value))
	if _, err := client.GetUser(t.Context(), ada); err != nil {
		t.Errorf("after the panics: %v", err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
