package rightech_test

import (
	"context"
	"fmt"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech"
	"github.com/messembed/messembed-go/platform/rightech/rightechtest"
)

func ExampleNew() {
	fake := rightechtest.New(messembedtest.Program{}) // instead of https://dev.rightech.io
	defer fake.Close()
	client, err := rightech.New(fake.URL(), fake.Credentials())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()

	ctx := context.Background()
	u, err := client.CreateUser(ctx, messembed.CreateUserParams{
		Profile: messembed.Profile{
			Username: "ada.lovelace", DisplayName: "Ada Lovelace",
			Emails: []messembed.Email{{Address: "ada@example.com"}},
			Roles:  []string{"5cc89f6af79a4969291dcbd7"},
		},
		Password: "Analytical1",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	u, err = client.BlockUser(ctx, u.ID)
	fmt.Println(u.Profile.DisplayName, u.BlockStatus, err)
	// Output:
	// Ada Lovelace DEACTIVATED <nil>
}

func ExampleWithTokenShape() {
	shape := rightech.TokenShape{UserField: "userId", Lifetime: time.Hour}
	fake := rightechtest.New(messembedtest.Program{}, rightechtest.WithTokenShape(shape))
	defer fake.Close()
	id := fake.AddUser(messembed.User{})
	client := fake.Client(messembedtest.Program{}, rightech.WithTokenShape(shape))

	token, err := client.CreateAccessToken(context.Background(), id)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.AccessToken != "", time.Until(token.ExpiresAt) > 59*time.Minute)
	// Output:
	// true true
}
