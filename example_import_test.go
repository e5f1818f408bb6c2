package messembed_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

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
		OnFailure: func(f messembed.ImportFailure) { fmt.Printf("row %d: %v\n", f.Row, f.Err) },
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
