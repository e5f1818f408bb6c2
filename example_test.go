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
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
