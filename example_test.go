package messembed_test

import (
	"context"
	"fmt"
	"log"
	"os"

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
	fmt.Println(client)

	_, err = messembed.New("http://app.example.com",
		messembed.WithBasicAuth("admin", "the service's password"))
	fmt.Println(err)
	// Output:
	// messembed.Client{app.example.com}
	// messembed: New: invalid argument: base URL: credentials require https, except for loopback hosts; see WithInsecureHTTP
}

func ExampleFromEnv() {
	_ = os.Setenv("MESSEMBED_URL", "https://app.example.com/api/messembed") // as your deployment does
	_ = os.Setenv("MESSEMBED_PASSWORD", "the service's password")

	client, err := messembed.FromEnv()
	fmt.Println(client, err)

	_ = os.Unsetenv("MESSEMBED_PASSWORD")
	_, err = messembed.FromEnv()
	fmt.Println(err)
	_ = os.Unsetenv("MESSEMBED_URL")
	// Output:
	// messembed.Client{app.example.com} <nil>
	// messembed: FromEnv: invalid argument: neither MESSEMBED_PASSWORD nor MESSEMBED_CLIENT_ID is set
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

func ExampleClient_Operations() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	for _, op := range client.Operations()[:3] {
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

// However a client is printed, it shows no credentials.
func ExampleClient_Format() {
	client, err := messembed.New("https://app.example.com", messembed.WithBasicAuth("admin", "the service's password"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %+v %#v\n", client, client, client)
	// Output: messembed.Client{app.example.com} messembed.Client{app.example.com} messembed.Client{app.example.com}
}
