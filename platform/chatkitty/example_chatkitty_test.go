package chatkitty_test

import (
	"context"
	"fmt"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func ExampleNew() {
	fake := chatkittytest.New(messembedtest.Program{}) // the service; yours is at chatkitty.BaseURL
	defer fake.Close()
	client, err := chatkitty.New(fake.URL(), fake.Credentials())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()

	ctx := context.Background()
	jane := messembed.CreateUserParams{
		Profile:          messembed.Profile{Username: "jane@chatkitty.com", DisplayName: "Jane Doe"},
		ExternalMetadata: messembed.Metadata{"favoriteNumber": 42},
	}
	u, created, err := client.EnsureUser(ctx, jane)
	fmt.Println(u.ID, u.Profile.DisplayName, created, err)
	u, created, err = client.EnsureUser(ctx, jane)
	fmt.Println(u.ID, u.ExternalMetadata["favoriteNumber"], created, err)
	// Output:
	// 1 Jane Doe true <nil>
	// 1 42 false <nil>
}

func ExampleDecode() {
	fake := chatkittytest.New(messembedtest.Program{})
	defer fake.Close()
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "jane@chatkitty.com"}})

	u, err := fake.Client(messembedtest.Program{}).GetUser(context.Background(), id)
	if err != nil {
		fmt.Println(err)
		return
	}
	jane, err := chatkitty.Decode(u)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(jane.Type, jane.Presence.Status, jane.Links["self"].Href)
	// Output:
	// PERSON UNAVAILABLE https://api.chatkitty.com/v1/applications/1/users/1
}
