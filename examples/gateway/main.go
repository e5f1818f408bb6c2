// Command gateway talks to a chat service behind an OAuth2 gateway that requires a
// bearer token from the client-credentials grant instead of the service's own
// password.
//
//	go run ./examples/gateway
//
// Without MESSEMBED_ variables it runs against the fake server behind a fake gateway,
// inside this process, and simulates the failures of gateways. With MESSEMBED_URL,
// MESSEMBED_CLIENT_ID, MESSEMBED_CLIENT_SECRET and MESSEMBED_TOKEN_URL it checks the
// credentials with that service.
package main

import (
	"context"
	"errors"
	"flag"
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
	flag.Usage = usageOf(flag.CommandLine, "gateway")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	if inEnv("MESSEMBED_") {
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

// behindGateway returns a client for a service behind a gateway. FromEnv does the
// same from environment variables.
func behindGateway(baseURL, tokenURL, clientID, clientSecret string, opts ...messembed.Option) (*messembed.Client, error) {
	return messembed.New(baseURL, append(opts, messembed.WithClientCredentials(clientcredentials.Config{
		ClientID:     clientID,
		ClientSecret: clientSecret,
		TokenURL:     tokenURL,
		Scopes:       []string{"chat.admin"}, // your gateway's name for it, or none
	}))...)
}

func demonstrate(ctx context.Context, out io.Writer) error {
	fake := messembedtest.New(messembedtest.Program{},
		messembedtest.WithClientCredentials("shop", "the-secret"), messembedtest.WithBasePath("/api/messembed"))
	defer fake.Close()
	client, err := behindGateway(fake.BaseURL(), fake.TokenURL(), "shop", "the-secret", messembed.WithTransport(fake))
	if err != nil {
		return err
	}

	// Many first calls at once: only one of them fetches the token.
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

	// The gateway restarts and forgets its tokens. It answers 401, so the SDK fetches
	// a new token and sends the call again.
	fake.ExpireTokens()
	var meta messembed.Meta
	if _, err := client.UpdateUser(ctx, "user-1", messembed.UpdateUserParams{
		ExternalMetadata: messembed.Metadata{"name": "Ada"},
	}, messembed.WithMeta(&meta)); err != nil {
		return err
	}
	fmt.Fprintf(out, "After a restart of the gateway: sent %d times, %s\n", meta.Attempts, tokens(fake))

	// The token endpoint fails for a moment, and the fetch is retried.
	fake.ExpireTokens()
	fake.FailNext(messembedtest.Fault{Op: "Token", Status: http.StatusServiceUnavailable})
	if err := client.CheckCredentials(ctx); err != nil {
		return err
	}
	fmt.Fprintf(out, "After a failure of the token endpoint: %s\n", tokens(fake))

	// A wrong secret is not retried.
	wrong, err := behindGateway(fake.BaseURL(), fake.TokenURL(), "shop", "not-the-secret", messembed.WithTransport(fake))
	if err != nil {
		return err
	}
	err = wrong.CheckCredentials(ctx)
	fmt.Fprintf(out, "A wrong secret: %v; is it ErrUnauthenticated? %t\n", err, errors.Is(err, messembed.ErrUnauthenticated))
	return nil
}

// tokens reports how often the token endpoint was called.
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
