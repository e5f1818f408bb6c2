package rocketchat_test

import (
	"context"
	"errors"
	"fmt"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func ExampleNew() {
	fake := rocketchattest.New(messembedtest.Program{}) // instead of https://chat.example.com
	client, err := rocketchat.New(fake.URL(), fake.Credentials())
	if err != nil {
		fmt.Println(err)
		return
	}
	user, err := client.CreateUser(context.Background(), messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: "ada", DisplayName: "Ada Lovelace", Emails: []messembed.Email{{Address: "ada@example.com"}},
		},
		ExternalMetadata: messembed.Metadata{"tier": "gold"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(user.Profile.DisplayName, user.ExternalMetadata["tier"], user.Presence.Status)
	client.CloseIdleConnections()
	fake.Close()
	// Output: Ada Lovelace gold offline
}

func ExampleConfirmRelinquish() {
	fake := rocketchattest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	id := fake.AddUser(messembed.User{})
	fake.SetLastOwner(id, "general")

	err := client.DeleteUser(context.Background(), id)
	fmt.Println(errors.Is(err, messembed.ErrPermissionDenied))
	fmt.Println(client.DeleteUser(context.Background(), id, rocketchat.ConfirmRelinquish()))
	// Output:
	// true
	// <nil>
}

func ExampleDecode() {
	fake := rocketchattest.New(messembedtest.Program{})
	id := fake.AddUser(messembed.User{Raw: []byte(`{"bio":"The first programmer","utcOffset":1}`)})
	user, err := fake.Client(messembedtest.Program{}).GetUser(context.Background(), id)
	if err != nil {
		fmt.Println(err)
		return
	}
	decoded, err := rocketchat.Decode(user)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decoded.Bio, decoded.UTCOffset)
	// Output: The first programmer 1
}
