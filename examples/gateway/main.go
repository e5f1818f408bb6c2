// Command gateway talks to a chat service behind an OAuth2 gateway, which wants
// a bearer token from the client-credentials grant instead of the service's own
// password.
//
//	go run ./examples/gateway
//
// Without MESSEMBED_URL it runs against the fake server with a gateway before
// it, inside this process, and has it fail in the ways that gateways do. With
// MESSEMBED_URL, MESSEMBED_CLIENT_ID, MESSEMBED_CLIENT_SECRET and
// MESSEMBED_TOKEN_URL it asks that service whether the credentials are good.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"

	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	if os.Getenv("MESSEMBED_URL") != "" {
		client, err := messembed.FromEnv()
		if err != nil {
			return err
		}
		if err := client.CheckCredentials(ctx); err != nil {
			return err
		}
		fmt.Fprintln(out, "The gateway and the service accept the credentials")
		return nil
	}
	return demonstrate(ctx, out)
}

// behindGateway is a client of a service behind a gateway. FromEnv makes the
// same of environment variables.
func behindGateway(baseURL, tokenURL, clientID, clientSecret string, opts ...messembed.Option) (*messembed.Client, error) {
	return messembed.New(baseURL, append(opts, messembed.WithClientCredentials(clientcredentials.Config{
		ClientID:     clientID,
		ClientSecret: clientSecret,
		TokenURL:     tokenURL,
		Scopes:       []string{"chat.admin"}, // what your gateway calls it; none is fine
	}))...)
}

func demonstrate(ctx context.Context, out io.Writer) error {
	fake := messembedtest.New(messembedtest.Program{},
		messembedtest.WithClientCredentials("shop", "the-secret"), messembedtest.WithBasePath("/api/messembed"))
	client, err := behindGateway(fake.BaseURL(), fake.TokenURL(), "shop", "the-secret", messembed.WithTransport(fake))
	if err != nil {
		return err
	}

	// The first calls come all at once. One of them fetches the token.
	var all sync.WaitGroup
	failed := make([]error, 32)
	for i := range failed {
		all.Go(func() {
			_, failed[i] = client.CreateUser(ctx, messembed.CreateUserParams{ID: fmt.Sprint("user-", i)})
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d users created at once, %s\n", len(fake.Users()), tokens(fake))

	// The gateway restarts and knows its tokens no more: the call is answered 401,
	// a new token is fetched, and the call is sent again.
	fake.ExpireTokens()
	var meta messembed.Meta
	if _, err := client.UpdateUser(ctx, "user-1", messembed.UpdateUserParams{
		ExternalMetadata: messembed.Metadata{"name": "Ada"},
	}, messembed.WithMeta(&meta)); err != nil {
		return err
	}
	fmt.Fprintf(out, "The gateway has restarted: sent %d times, %s\n", meta.Attempts, tokens(fake))

	// The token endpoint fails for a moment: it is asked again.
	fake.ExpireTokens()
	fake.FailNext(messembedtest.Fault{Op: "Token", Status: http.StatusServiceUnavailable})
	if err := client.CheckCredentials(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "The token endpoint was down for a moment: %s\n", tokens(fake))

	// A wrong secret is not asked about twice.
	wrong, err := behindGateway(fake.BaseURL(), fake.TokenURL(), "shop", "not-the-secret", messembed.WithTransport(fake))
	if err != nil {
		return err
	}
	err = wrong.CheckCredentials(ctx)
	fmt.Fprintf(out, "A wrong secret: %v; is it ErrUnauthenticated? %t\n", err, errors.Is(err, messembed.ErrUnauthenticated))
	return nil
}

// tokens tells how often the token endpoint was asked.
func tokens(fake *messembedtest.Server) string {
	good, bad := 0, 0
	for _, r := range fake.Requests() {
		switch {
		case r.Op != "Token":
		case r.Status == http.StatusOK:
			good++
		default:
			bad++
		}
	}
	return fmt.Sprintf("tokens fetched so far: %d, refused: %d", good, bad)
}
