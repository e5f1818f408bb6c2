// Command quickstart creates the users of an invented company in a chat service,
// updates some of them, blocks one, deletes one, mints an access token and lists
// all users.
//
//	go run ./examples/quickstart
//
// Without MESSEMBED_ variables it runs against the fake server, inside this process.
// With MESSEMBED_URL and MESSEMBED_PASSWORD it runs against that service; running
// it twice does no harm.
package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

//go:embed users.jsonl
var usersFile []byte

func main() {
	flag.Usage = usageOf(flag.CommandLine, "quickstart")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	client, where, err := connect()
	if err != nil {
		return err
	}
	if err := client.CheckCredentials(ctx); err != nil {
		return err
	}
	fmt.Fprintln(out, "Connected to", where)

	people, err := readUsers()
	if err != nil {
		return err
	}

	// EnsureUser creates the users that do not exist yet.
	created := 0
	for _, person := range people {
		_, isNew, err := client.EnsureUser(ctx, person)
		if err != nil {
			return err
		}
		if isNew {
			created++
		}
	}
	fmt.Fprintf(out, "Ensured  %d users: %d new, %d existing\n", len(people), created, len(people)-created)

	// ModifyUser reads the user, applies the function and sends what changed.
	for _, person := range people[:3] {
		user, err := client.ModifyUser(ctx, person.ID, func(u *messembed.User) error {
			u.ExternalMetadata["status"] = "on shift"
			return nil
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "Updated  %-14q %v is %v\n", user.ID, user.ExternalMetadata["name"], user.ExternalMetadata["status"])
	}

	blocked, err := client.BlockUser(ctx, people[3].ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Blocked  %-14q %v\n", blocked.ID, blocked.BlockStatus)

	// Messembed has no route to delete a user. The SDK empties and blocks the user
	// instead, and treats it as deleted from then on.
	gone := people[4].ID
	if err := client.DeleteUser(ctx, gone); err != nil {
		return err
	}
	if _, err := client.GetUser(ctx, gone); !errors.Is(err, messembed.ErrNotFound) {
		return fmt.Errorf("user %q still exists: %w", gone, err)
	}
	fmt.Fprintf(out, "Deleted  %-14q GetUser now returns ErrNotFound\n", gone)

	// The front end logs in with this token. It is redacted when printed.
	token, err := client.CreateAccessToken(ctx, people[0].ID)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Minted   %v\n", token)

	// Users decodes the list as it arrives, however long it is.
	total, inTeams := 0, 0
	for user, err := range client.Users(ctx) {
		if err != nil {
			return err
		}
		total++
		var profile struct{ Work struct{ Team string } }
		if err := user.ExternalMetadata.Decode(&profile); err == nil && profile.Work.Team != "" {
			inTeams++
		}
	}
	fmt.Fprintf(out, "Listed   %d users, %d of them in a team\n", total, inTeams)
	return nil
}

// connect returns a client for the service that the environment names, or for a
// fake.
func connect() (client *messembed.Client, where string, err error) {
	if inEnv("MESSEMBED_") {
		client, err = messembed.FromEnv()
		return client, os.Getenv("MESSEMBED_URL"), err
	}
	fake := messembedtest.New(messembedtest.Program{})
	return fake.Client(messembedtest.Program{}), "the embedded fake (set MESSEMBED_URL and MESSEMBED_PASSWORD for a real service)", nil
}

func readUsers() ([]messembed.CreateUserParams, error) {
	var people []messembed.CreateUserParams
	lines := bufio.NewScanner(bytes.NewReader(usersFile))
	for lines.Scan() {
		var row struct {
			ID                      string             `json:"id"`
			ExternalMetadata        messembed.Metadata `json:"externalMetadata"`
			PrivateExternalMetadata messembed.Metadata `json:"privateExternalMetadata"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("users.jsonl, line %d: %w", len(people)+1, err)
		}
		people = append(people, messembed.CreateUserParams{
			ID:                      row.ID,
			ExternalMetadata:        row.ExternalMetadata,
			PrivateExternalMetadata: row.PrivateExternalMetadata,
		})
	}
	return people, lines.Err()
}
