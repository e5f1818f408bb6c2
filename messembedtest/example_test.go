package messembedtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// In a test, pass t where these examples pass a Program.
var t messembedtest.Program

func ExampleNew() {
	fake := messembedtest.New(t)
	client := fake.Client(t)

	_, err := client.CreateUser(context.Background(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada"}})

	user, _ := fake.User("ada")
	fmt.Println(user.ID, user.ExternalMetadata["name"], err)
	// Output: ada Ada <nil>
}

// The response to a create is lost; the client finds out that it was carried out.
func ExampleServer_lostResponse() {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Op: "CreateUser", Reset: true, AfterApply: true})

	user, err := fake.Client(t).CreateUser(context.Background(), messembed.CreateUserParams{ID: "ada"})

	fmt.Println(user.ID, err)
	for _, r := range fake.Requests() {
		fmt.Println(r.Op, r.Status)
	}
	// Output:
	// ada <nil>
	// CreateUser 0
	// CreateUser 409
	// GetUser 200
}

// The service is down for a while and asks for a pause.
func ExampleFault_retryAfter() {
	fake := messembedtest.New(t)
	fake.FailNext(messembedtest.Fault{Status: http.StatusServiceUnavailable, RetryAfter: "120"})

	err := fake.Client(t).Ping(context.Background())

	var failed *messembed.Error
	fmt.Println(errors.As(err, &failed), failed.RetryAfter)
	// Output: true 2m0s
}

func ExampleServer_AddUser() {
	fake := messembedtest.New(t, messembedtest.WithClock(func() time.Time { return time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC) }))
	fake.AddUser(messembed.User{ID: "ada", BlockStatus: messembed.BlockCantSendAndReceive})

	user, err := fake.Client(t).GetUser(context.Background(), "ada")

	fmt.Println(user.Blocked(), user.CreatedAt.Format(time.DateOnly), err)
	// Output: true 2026-11-21 <nil>
}

// A chat that has been going on for a while.
func ExampleServer_AddMessage() {
	fake := messembedtest.New(t)
	ada, bob := messembed.User{ID: "ada"}, messembed.User{ID: "bob"}
	fake.AddUser(ada)
	fake.AddUser(bob)
	chat := fake.AddChat(messembed.Chat{FirstCompanion: &ada, SecondCompanion: &bob})
	fake.AddMessage(messembed.Message{ChatID: chat, UserID: "ada", Content: "Are you there?", Read: true})
	fake.AddMessage(messembed.Message{ChatID: chat, UserID: "bob", Content: "Yes."})

	got, err := fake.Client(t).GetChat(context.Background(), chat)

	fmt.Println(got.LastMessage.Content, got.NotReadByFirstCompanionMessagesCount, err)
	// Output: Yes. 1 <nil>
}

// Programs in other languages use the fake over a socket.
func ExampleServer_overSocket() {
	fake := messembedtest.New(t)
	defer fake.Close()

	resp, err := http.Get(fake.URL() + "/ping")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Println(string(body), err)
	// Output: pong <nil>
}

// An OAuth2 proxy is in front of the service.
func ExampleWithClientCredentials() {
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("backend", "secret"))
	client := fake.Client(t)
	fmt.Println(client.CheckCredentials(context.Background()))

	fake.ExpireTokens()
	fmt.Println(client.CheckCredentials(context.Background()))
	// Output:
	// <nil>
	// <nil>
}
