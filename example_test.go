package messembed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"log"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// At login, create the user in the chat if it does not exist yet, and get a token
// for the front end.
func Example() {
	fake := messembedtest.New(messembedtest.Program{}) // stands in for your service
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()

	user, created, err := client.EnsureUser(ctx, messembed.CreateUserParams{
		ID:               "42", // your own id for the user, any text
		ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"},
	})
	if err != nil {
		log.Fatal(err)
	}
	token, err := client.CreateAccessToken(ctx, user.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID, created, token)
	// Output: 42 true {AccessToken:[redacted] UserID:42 ExpiresAt:never}
}

func ExampleNew() {
	client, err := messembed.New("https://app.example.com/api/messembed",
		messembed.WithBasicAuth("admin", "the service's password"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.Supports(messembed.FeatureChats)) // it has sent nothing yet

	_, err = messembed.New("http://app.example.com",
		messembed.WithBasicAuth("admin", "the service's password"))
	fmt.Println(err)
	// Output:
	// true
	// messembed: New: invalid argument: base URL: credentials require https, except for loopback hosts; see WithInsecureHTTP
}

func ExampleFromEnv() {
	_ = os.Setenv("MESSEMBED_URL", "https://app.example.com/api/messembed") // as your deployment does
	_ = os.Setenv("MESSEMBED_PASSWORD", "the service's password")

	client, err := messembed.FromEnv()
	fmt.Println(client != nil, err)

	_ = os.Unsetenv("MESSEMBED_PASSWORD")
	_, err = messembed.FromEnv()
	fmt.Println(err)
	_ = os.Unsetenv("MESSEMBED_URL")
	// Output:
	// true <nil>
	// messembed: FromEnv: invalid argument: MESSEMBED_PASSWORD: is not set, nor is MESSEMBED_CLIENT_ID
}

// A route that the client has no method for.
func ExampleClient_Do() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "ada"})

	op := messembed.Operation{Name: "GetRawUser", Method: "GET", Route: "users/{id}", Repeatable: true}
	answer, err := client.Do(context.Background(), op, messembed.Request{Args: []string{"ada"}})
	fmt.Println(answer.StatusCode, err)

	_, err = client.Do(context.Background(), op, messembed.Request{Args: []string{"bob"}})
	fmt.Println(err)
	// Output:
	// 200 <nil>
	// messembed: GetRawUser: not found (status 404, code USER_NOT_FOUND)
}

func ExampleClient_Ping() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	fmt.Println(client.Ping(context.Background()))
	// Output: <nil>
}

func ExampleClient_CheckCredentials() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fmt.Println(client.CheckCredentials(context.Background()))

	client, err := messembed.New(fake.BaseURL(), messembed.WithTransport(fake), messembed.WithBasicAuth("admin", "wrong"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.CheckCredentials(context.Background()))
	// Output:
	// <nil>
	// messembed: CheckCredentials: unauthenticated: Unauthorized (status 401)
}

func ExampleClient_Supports() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	fmt.Println(client.Supports(messembed.FeatureChats), client.Supports(messembed.FeaturePresence))
	// Output: true false
}

func ExampleOperations() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	for _, op := range messembed.Operations(client)[:3] {
		fmt.Println(op.Name, op.Method, op.Route)
	}
	// Output:
	// Ping GET ping
	// CreateUser POST admin-api/users
	// GetUser GET users/{id}
}

func ExampleClient_CloseIdleConnections() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	_ = client.Ping(context.Background())
	client.CloseIdleConnections() // at the end of a test that checks for leaks

	fmt.Println(client.Ping(context.Background()), "(it remains usable)")
	// Output: <nil> (it remains usable)
}

// errors.Is tells the kinds apart, errors.As gives access to the details.
func ExampleError() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.FailNext(messembedtest.Fault{Op: "GetUser", Status: 429, RetryAfter: "120"})

	_, err := client.GetUser(context.Background(), "42")

	var failed *messembed.Error
	switch {
	case errors.Is(err, messembed.ErrNotFound):
		fmt.Println("no such user")
	case errors.Is(err, messembed.ErrRateLimited) && errors.As(err, &failed):
		fmt.Println(failed.Op, failed.StatusCode, failed.RetryAfter)
	default:
		fmt.Println(err)
	}
	// Output: GetUser 429 2m0s
}

// No response arrived. Was the user created nevertheless?
func ExampleError_maybeApplied() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{}, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", AfterApply: true, Reset: true})

	_, err := client.CreateUser(context.Background(), messembed.CreateUserParams{ID: "42"})

	var failed *messembed.Error
	fmt.Println(errors.As(err, &failed), failed.MaybeApplied, len(fake.Users()))
	// Output: true true 1
}

func ExampleError_Is() {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})

	_, err := client.GetUser(context.Background(), "nobody")

	fmt.Println(errors.Is(err, messembed.ErrNotFound), errors.Is(err, messembed.ErrUnavailable))
	// Output: true false
}

// The cause can be tested for as well.
func ExampleError_Unwrap() {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()

	_, err := client.GetUser(ctx, "42")

	fmt.Println(errors.Is(err, messembed.ErrUnavailable), errors.Is(err, context.Canceled))
	// Output: true true
}

// In a log, an error shows its fields one by one, and no secrets.
func ExampleError_LogValue() {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))

	_, err := client.GetUser(context.Background(), "nobody", messembed.WithRequestID("rq-1"))

	log.Error("no chat", "error", err)
	// Output: level=ERROR msg="no chat" error.op=GetUser error.kind="not found" error.status=404 error.code=USER_NOT_FOUND error.request_id=rq-1 error.attempts=1 error.maybe_applied=false
}

func ExampleClient_CreateAccessToken() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	fake.AddUser(messembed.User{ID: "42"})

	token, err := client.CreateAccessToken(ctx, "42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token)
	fmt.Println(strings.Count(token.AccessToken, "."), "dots, as a JWT has") // hand token.AccessToken to the front end

	_, err = client.CreateAccessToken(ctx, "43")
	fmt.Println(errors.Is(err, messembed.ErrNotFound))
	// Output:
	// {AccessToken:[redacted] UserID:42 ExpiresAt:never}
	// 2 dots, as a JWT has
	// true
}

// If the application knows the service's JWT secret, a token costs no request
// and can expire.
func ExampleTokenSigner() {
	signer, err := messembed.NewTokenSigner([]byte("the service's AUTH__JWT_STRATEGY__JWT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	token, err := signer.Sign("42", time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	userID, err := signer.Verify(token.AccessToken)
	fmt.Println(userID, err, signer)
	// Output: 42 <nil> messembed.TokenSigner{[redacted]}
}

func ExampleNewTokenSigner() {
	_, err := messembed.NewTokenSigner(nil)
	fmt.Println(err)
	// Output: messembed: NewTokenSigner: invalid argument: secret: must not be empty
}

func ExampleTokenSigner_Sign() {
	signer, err := messembed.NewTokenSigner([]byte("the service's AUTH__JWT_STRATEGY__JWT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	short, err := signer.Sign("42", time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(time.Until(short.ExpiresAt).Round(time.Minute))

	long, err := signer.Sign("42", 0) // does not expire, like the service's own
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(long.ExpiresAt.IsZero())
	// Output:
	// 1h0m0s
	// true
}

func ExampleTokenSigner_Verify() {
	signer, err := messembed.NewTokenSigner([]byte("the service's AUTH__JWT_STRATEGY__JWT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	other, err := messembed.NewTokenSigner([]byte("another secret"))
	if err != nil {
		log.Fatal(err)
	}
	token, err := other.Sign("42", time.Hour)
	if err != nil {
		log.Fatal(err)
	}

	_, err = signer.Verify(token.AccessToken)
	fmt.Println(errors.Is(err, messembed.ErrUnauthenticated), err)
	// Output: true messembed: TokenSigner.Verify: unauthenticated: access token is not signed with this secret using HS256
}

// Only json.Marshal, which hands the token to the front end, shows it.
func ExampleAccessToken() {
	token := messembed.AccessToken{AccessToken: "eyJ…", UserID: "42"}

	fmt.Printf("%v %+v %#v\n", token, token, token)
	slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})).Info("minted", "token", token)
	data, _ := json.Marshal(token)
	fmt.Println(string(data))
	// Output:
	// {AccessToken:[redacted] UserID:42 ExpiresAt:never} {AccessToken:[redacted] UserID:42 ExpiresAt:never} {AccessToken:[redacted] UserID:42 ExpiresAt:never}
	// level=INFO msg=minted token.user_id=42 token.expires_at=never
	// {"accessToken":"eyJ…","userId":"42"}
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// withoutExample lists exported functions and methods that newcomers do not
// meet: they are for implementers of a Platform, or are called by fmt and slog.
var withoutExample = []string{
	"AccessToken.Format", "AccessToken.LogValue", "AccessToken.String", // Example of AccessToken
	"BadField", "MetadataProblem", "WithAuthHeaders", "WithPlatform", "WithPlatformFlag", // for platforms
	"CreateUserParams.Format", "CreateUserParams.LogValue", "CreateUserParams.MarshalJSON", // hide the password
	"Error.Error", "Error.GoString", // Example of Error
	"User.String", "Chat.String", "Message.String", // short, for fmt.Println
	"TokenSigner.Format",  // Example of TokenSigner
	"WithDetails",         // platform/rocketchat
	"WithPollInterval",    // platform/rocketchat, platform/chatkitty
	"Call.*", "Backoff.*", // for platforms
}

// TestExamples checks that each method of Client, and each other exported
// function and method except those above, has an Example whose output is
// checked.
func TestExamples(t *testing.T) {
	pkg := parsePackage(t)
	shown := func(name string, examples []*doc.Example) {
		t.Helper()
		if slices.Contains(withoutExample, name) {
			assert.Empty(t, examples, "%s has an example: take it out of withoutExample", name)
			return
		}
		assert.NotEmpty(t, examples, "%s has no Example", name)
		for _, e := range examples {
			assert.True(t, e.Output != "" || e.EmptyOutput, "Example%s has no // Output", e.Name)
		}
	}
	for _, f := range pkg.Funcs {
		shown(f.Name, f.Examples)
	}
	for _, typ := range pkg.Types {
		for _, f := range typ.Funcs { // constructors
			shown(f.Name, f.Examples)
		}
		if slices.Contains(withoutExample, typ.Name+".*") {
			continue
		}
		for _, m := range typ.Methods {
			shown(typ.Name+"."+m.Name, m.Examples)
		}
	}
}

func parsePackage(t *testing.T) *doc.Package {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		require.NoError(t, err)
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, "github.com/messembed/messembed-go")
	require.NoError(t, err)
	return pkg
}

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
