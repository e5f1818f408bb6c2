package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

func ExampleClient_CreateUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	ada := messembed.CreateUserParams{
		ID:                      "42",
		ExternalMetadata:        messembed.Metadata{"name": "Ada Lovelace", "avatar": "https://pics.example.com/ada.png"},
		PrivateExternalMetadata: messembed.Metadata{"plan": "pro"},
	}

	user, err := client.CreateUser(ctx, ada)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ID, user.ExternalMetadata["name"])

	_, err = client.CreateUser(ctx, ada)
	fmt.Println(errors.Is(err, messembed.ErrAlreadyExists))
	// Output:
	// 42 Ada Lovelace
	// true
}

// Input to which the service would respond "500" is rejected before it is sent.
func ExampleClient_CreateUser_invalid() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	_, err := client.CreateUser(context.Background(), messembed.CreateUserParams{
		ID:               "42",
		ExternalMetadata: messembed.Metadata{"address": map[string]any{"postal.code": "W1"}},
	})
	fmt.Println(err)
	fmt.Println(len(fake.Requests()), "requests sent")
	// Output:
	// messembed: CreateUser: invalid argument: externalMetadata.address.postal.code: a key must not contain a dot
	// 0 requests sent
}

func ExampleClient_GetUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	fake.AddUser(messembed.User{ID: "42", ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"}})

	user, err := client.GetUser(ctx, "42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ExternalMetadata["name"])

	_, err = client.GetUser(ctx, "43")
	fmt.Println(errors.Is(err, messembed.ErrNotFound))
	// Output:
	// Ada Lovelace
	// true
}

func ExampleClient_UpdateUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{
		ID:                      "42",
		ExternalMetadata:        messembed.Metadata{"name": "Ada Byron", "mood": "☕"},
		PrivateExternalMetadata: messembed.Metadata{"plan": "pro"},
	})

	user, err := client.UpdateUser(context.Background(), "42", messembed.UpdateUserParams{
		ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"}, // replaces all of it
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ExternalMetadata, user.PrivateExternalMetadata)
	// Output: map[name:Ada Lovelace] map[plan:pro]
}

func ExampleClient_ModifyUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "42", ExternalMetadata: messembed.Metadata{"name": "Ada Byron", "mood": "☕"}})

	user, err := client.ModifyUser(context.Background(), "42", func(u *messembed.User) error {
		u.ExternalMetadata["name"] = "Ada Lovelace" // the rest is kept
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.ExternalMetadata)
	// Output: map[mood:☕ name:Ada Lovelace]
}

func ExampleClient_EnsureUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})

	for range 2 { // at each login
		user, created, err := client.EnsureUser(context.Background(), messembed.CreateUserParams{
			ID:               "42",
			ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"},
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.ID, created)
	}
	// Output:
	// 42 true
	// 42 false
}

// Today's Messembed has no route for deleting. The user is emptied and blocked,
// and from then on is not found.
func ExampleClient_DeleteUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	fake.AddUser(messembed.User{ID: "42", ExternalMetadata: messembed.Metadata{"name": "Ada Lovelace"}})

	fmt.Println(client.DeleteUser(ctx, "42"))

	_, err := client.GetUser(ctx, "42")
	fmt.Println(err)
	stored, _ := fake.User("42")
	fmt.Println(len(stored.ExternalMetadata), stored.BlockStatus)
	// Output:
	// <nil>
	// messembed: GetUser: not found: the user is deleted (status 200)
	// 0 CANT_SEND_AND_RECEIVE_NEW_MESSAGES
}

func ExampleClient_ListUsers() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	for _, id := range []string{"ada", "bob", "eve"} {
		fake.AddUser(messembed.User{ID: id})
	}

	p := messembed.ListUsersParams{Limit: 2}
	for {
		page, err := client.ListUsers(context.Background(), p)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Users), "of", page.TotalCount)
		if page.NextCursor == "" {
			break
		}
		p.Cursor = page.NextCursor
	}
	// Output:
	// 2 of 3
	// 1 of 3
}

func ExampleClient_Users() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "ada"})
	fake.AddUser(messembed.User{ID: "bob"})

	for user, err := range client.Users(context.Background()) {
		if err != nil {
			log.Fatal(err) // an error is always the last element
		}
		fmt.Println(user.ID)
	}
	// Output:
	// ada
	// bob
}

func ExampleClient_BlockUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "42"})

	user, err := client.BlockUser(context.Background(), "42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Blocked(), user.BlockStatus)
	// Output: true CANT_SEND_AND_RECEIVE_NEW_MESSAGES
}

func ExampleClient_UnblockUser() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "42", BlockStatus: messembed.BlockCantSendAndReceive})

	user, err := client.UnblockUser(context.Background(), "42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Blocked())
	// Output: false
}

// ChatKitty and Rocket.Chat have pictures. On Messembed a picture is a URL in
// ExternalMetadata, conventionally under "avatar".
func ExampleClient_SetUserPicture() {
	fake := chatkittytest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	id := fake.AddUser(messembed.User{Profile: messembed.Profile{Username: "ada", DisplayName: "Ada"}})

	user, err := client.SetUserPicture(context.Background(), id, messembed.Picture{URL: "https://pics.example.com/ada.png"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Profile.AvatarURL)

	messembedClient := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	_, err = messembedClient.SetUserPicture(context.Background(), "42", messembed.Picture{URL: "https://pics.example.com/ada.png"})
	fmt.Println(errors.Is(err, messembed.ErrUnsupported))
	// Output:
	// https://pics.example.com/ada.png
	// true
}

func ExampleUser_Blocked() {
	user := messembed.User{ID: "42", BlockStatus: messembed.BlockCantSendAndReceive}
	fmt.Println(user.Blocked())
	// Output: true
}

func ExampleUser_Deleted() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	fake.AddUser(messembed.User{ID: "42"})
	if err := client.DeleteUser(ctx, "42"); err != nil {
		log.Fatal(err)
	}

	page, err := client.ListUsers(ctx, messembed.ListUsersParams{IncludeDeleted: true})
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range page.Users {
		fmt.Println(user.ID, user.Deleted())
	}
	// Output: 42 true
}

func ExampleMetadata_Decode() {
	user := messembed.User{ExternalMetadata: messembed.Metadata{
		"name": "Ada Lovelace",
		"work": map[string]any{"team": "engines", "since": 1843},
	}}

	var profile struct {
		Name string
		Work struct {
			Team  string
			Since int
		}
	}
	if err := user.ExternalMetadata.Decode(&profile); err != nil {
		log.Fatal(err)
	}
	fmt.Println(profile.Name, "of", profile.Work.Team, "since", profile.Work.Since)
	// Output: Ada Lovelace of engines since 1843
}

// Convert a user of Rocket.Chat, ChatKitty or Rightech to the metadata that
// integrations of Messembed expect.
func ExampleProfile_Metadata() {
	profile := messembed.Profile{
		Username: "ada", DisplayName: "Ada Lovelace", AvatarURL: "https://pics.example.com/ada.png",
		Emails: []messembed.Email{{Address: "ada@example.com", Verified: true}},
	}
	fmt.Println(profile.Metadata())
	// Output: map[avatar:https://pics.example.com/ada.png email:ada@example.com name:Ada Lovelace username:ada]
}

func ExampleProfile_IsZero() {
	fmt.Println(messembed.Profile{}.IsZero(), messembed.Profile{Guest: true}.IsZero())
	// Output: true false
}

func ExampleClient_ImportUsers() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "ada"}) // already exists

	names := map[string]string{"ada": "Ada", "bob": "Bob", "eve": "Eve", "": "Nobody"}
	rows := func(yield func(messembed.CreateUserParams, error) bool) { // a file, a database cursor
		for _, id := range slices.Sorted(maps.Keys(names)) {
			if !yield(messembed.CreateUserParams{ID: id, ExternalMetadata: messembed.Metadata{"name": names[id]}}, nil) {
				return
			}
		}
	}
	report, err := client.ImportUsers(context.Background(), rows, messembed.ImportOptions{
		OnRow: func(r messembed.ImportRow) {
			if r.Outcome == messembed.RowFailed {
				fmt.Printf("row %d: %v\n", r.Row, r.Err)
			}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Created, "created,", report.Kept, "kept,", report.Failed, "failed")
	// Output:
	// row 1: messembed: ImportUsers: invalid argument: ID: must not be empty
	// 2 created, 1 kept, 1 failed
}

// Four processes share the work without knowing of each other. Each takes the
// users whose id hashes to its shard.
func ExampleClient_ImportUsers_shards() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	rows := func(yield func(messembed.CreateUserParams, error) bool) {
		for i := range 1000 {
			if !yield(messembed.CreateUserParams{ID: fmt.Sprint("user-", i)}, nil) {
				return
			}
		}
	}

	created := 0
	for shard := range 4 { // in four processes
		report, err := client.ImportUsers(context.Background(), rows, messembed.ImportOptions{Shard: shard, Shards: 4})
		if err != nil {
			log.Fatal(err)
		}
		created += report.Created
	}
	fmt.Println(created, "created,", len(fake.Users()), "users")
	// Output: 1000 created, 1000 users
}

func ExampleClient_SyncUsers() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada"}})
	fake.AddUser(messembed.User{ID: "bob", ExternalMetadata: messembed.Metadata{"name": "Bob"}})
	fake.AddUser(messembed.User{ID: "eve", ExternalMetadata: messembed.Metadata{"name": "Eve"}})

	users := func(yield func(messembed.CreateUserParams, error) bool) { // rows of a database, say
		_ = yield(messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada"}}, nil) &&
			yield(messembed.CreateUserParams{ID: "bob", ExternalMetadata: messembed.Metadata{"name": "Robert"}}, nil) &&
			yield(messembed.CreateUserParams{ID: "kim", ExternalMetadata: messembed.Metadata{"name": "Kim"}}, nil)
	}
	report, err := client.SyncUsers(context.Background(), users, messembed.SyncOptions{
		Concurrency: 1,
		Vanished:    messembed.BlockVanished,
		OnRow:       func(r messembed.SyncRow) { fmt.Println(r.ID, r.Outcome) },
	})
	fmt.Println(report.Unchanged, report.Updated, report.Created, report.Blocked, err)
	// Output:
	// ada unchanged
	// bob updated
	// kim created
	// eve blocked
	// 1 1 1 1 <nil>
}

func ExampleClient_WatchUsers() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	fake.AddUser(messembed.User{ID: "ada", ExternalMetadata: messembed.Metadata{"name": "Ada"}})

	for user, err := range client.WatchUsers(ctx, []string{"ada"}, messembed.WithPollInterval(10*time.Millisecond)) {
		switch {
		case err != nil:
			log.Fatal(err) // refused credentials or a wrong base URL
		case user.Deleted():
			fmt.Println(user.ID, "is deleted")
			return
		case user.Blocked():
			fmt.Println(user.ID, "is blocked")
			err = client.DeleteUser(ctx, user.ID) // done elsewhere, say
		default:
			fmt.Println(user.ID, "is called", user.ExternalMetadata["name"])
			_, err = client.BlockUser(ctx, user.ID)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// ada is called Ada
	// ada is blocked
	// ada is deleted
}
