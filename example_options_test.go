package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func ExampleWithBasicAuth() {
	fake := messembedtest.New(messembedtest.Program{})
	username, password := fake.Credentials()

	client, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithBasicAuth(username, password))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.CheckCredentials(context.Background()))
	// Output: <nil>
}

// A gateway in front of the service requires the OAuth2 client-credentials grant.
func ExampleWithClientCredentials() {
	fake := messembedtest.New(messembedtest.Program{}, messembedtest.WithClientCredentials("shop", "the secret"))
	defer fake.Close()

	client, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake),
		messembed.WithClientCredentials(clientcredentials.Config{
			ClientID: "shop", ClientSecret: "the secret", TokenURL: fake.TokenURL(),
		}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.CheckCredentials(context.Background()))
	// Output: <nil>
}

// The application supplies the tokens.
func ExampleWithTokenSource() {
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "from your own vault"})
	fake := messembedtest.New(messembedtest.Program{}, messembedtest.WithClientCredentials("shop", "the secret"))

	client, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithTokenSource(source))
	if err != nil {
		log.Fatal(err)
	}
	err = client.CheckCredentials(context.Background())
	fmt.Println(errors.Is(err, messembed.ErrUnauthenticated)) // the fake's gateway did not issue it
	// Output: true
}

// The transport is the place for tracing, a proxy or a client certificate. It sees
// each attempt, after the client's own retries and authentication.
func ExampleWithTransport() {
	fake := messembedtest.New(messembedtest.Program{})
	fake.FailNext(messembedtest.Fault{Status: 503})
	counting := transportFunc(func(r *http.Request) (*http.Response, error) {
		resp, err := fake.RoundTrip(r)
		if err == nil {
			fmt.Println(r.Method, resp.StatusCode)
		}
		return resp, err
	})

	client := fake.Client(messembedtest.Program{}, messembed.WithTransport(counting))
	fmt.Println(client.Ping(context.Background()))
	// Output:
	// GET 503
	// GET 200
	// <nil>
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func ExampleWithRetry() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 2, MinBackoff: time.Millisecond}))
	fake.FailRandomly(1, 1, messembedtest.Fault{Status: 503})

	fmt.Println(client.Ping(context.Background()))
	// Output: messembed: Ping: unavailable (status 503, 2 attempts)
}

// A whole call takes no longer than this, whatever the context of the caller.
func ExampleWithTimeout() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithTimeout(50*time.Millisecond))
	fake.FailNext(messembedtest.Fault{Stall: true})

	fmt.Println(client.Ping(context.Background()))
	// Output: messembed: Ping: unavailable: timed out
}

// A whole list may take longer to begin than any other response.
func ExampleWithListTimeout() {
	fake := messembedtest.New(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "ada"})
	client := fake.Client(messembedtest.Program{}, messembed.WithAttemptTimeout(time.Millisecond), messembed.WithListTimeout(10*time.Minute))
	fake.FailNext(messembedtest.Fault{Op: "ListUsers", Delay: 50 * time.Millisecond})

	for user, err := range client.Users(context.Background()) {
		fmt.Println(user.ID, err)
	}
	// Output: ada <nil>
}

// An attempt that gets no response is retried after this time.
func ExampleWithAttemptTimeout() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithAttemptTimeout(100*time.Millisecond))
	fake.FailNext(messembedtest.Fault{Stall: true})

	fmt.Println(client.Ping(context.Background()), len(fake.Requests()))
	// Output: <nil> 2
}

func ExampleWithRateLimit() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithRateLimit(200, 1))

	began := time.Now()
	for range 5 {
		if err := client.Ping(context.Background()); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(time.Since(began) >= 4*5*time.Millisecond)
	// Output: true
}

func ExampleWithMaxConcurrency() {
	client, err := messembed.New("https://app.example.com", messembed.WithMaxConcurrency(16)) // limits connections too
	fmt.Println(client != nil, err)
	// Output: true <nil>
}

func ExampleWithMaxResponseBytes() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithMaxResponseBytes(100))
	fake.AddUser(messembed.User{ID: "42"})

	_, err := client.GetUser(context.Background(), "42")
	fmt.Println(errors.Is(err, messembed.ErrTooLarge))
	// Output: true
}

func ExampleWithLogger() {
	fake := messembedtest.New(messembedtest.Program{})
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case "level", "msg", "op", "status":
				return a
			}
			return slog.Attr{} // omit what differs from run to run
		},
	}))
	client := fake.Client(messembedtest.Program{}, messembed.WithLogger(log))
	fake.FailNext(messembedtest.Fault{Status: 503})

	_ = client.Ping(context.Background())
	// Output:
	// level=WARN msg="messembed: sending again" op=Ping status=503
	// level=DEBUG msg="messembed: answered" op=Ping status=200
}

func ExampleWithUserAgent() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithUserAgent("shop/1.4"))

	_ = client.Ping(context.Background())

	fmt.Println(fake.Requests()[0].Header.Get("User-Agent")[:len("shop/1.4 messembed-go")])
	// Output: shop/1.4 messembed-go
}

// Inside a cluster the service may use plain http. Anyone on the network path can
// then read the password.
func ExampleWithInsecureHTTP() {
	client, err := messembed.New("http://messembed.chat.svc.cluster.local:3000",
		messembed.WithBasicAuth("admin", "the service's password"), messembed.WithInsecureHTTP())
	fmt.Println(client != nil, err)
	// Output: true <nil>
}

func ExampleWithHeader() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	_ = client.Ping(context.Background(), messembed.WithHeader("X-Tenant", "lantern-coffee"))

	fmt.Println(fake.Requests()[0].Header.Get("X-Tenant"))
	// Output: lantern-coffee
}

// The service writes the request id to its log, the SDK to its errors.
func ExampleWithRequestID() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	_, err := client.GetUser(context.Background(), "nobody", messembed.WithRequestID("checkout-9f2c"))

	var failed *messembed.Error
	fmt.Println(errors.As(err, &failed), failed.RequestID, fake.Requests()[0].Header.Get("X-Request-Id"))
	// Output: true checkout-9f2c checkout-9f2c
}

func ExampleWithMeta() {
	fake := messembedtest.New(messembedtest.Program{})
	var meta messembed.Meta
	_, err := fake.Client(messembedtest.Program{}).GetUser(context.Background(), "nobody", messembed.WithMeta(&meta))
	fmt.Println(err != nil, meta.StatusCode, meta.Attempts)
	// Output: true 404 1
}
