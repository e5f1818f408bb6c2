// Command account-deletion shows what to do in the chat when somebody deletes an
// account.
//
//	go run ./examples/account-deletion            creates a few users, deletes two, and ends
//	go run ./examples/account-deletion ID ID …    deletes these users from the service at MESSEMBED_URL
//
// Without MESSEMBED_ variables it runs against the fake server, inside this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	flag.Usage = usageOf(flag.CommandLine, "account-deletion [id …]")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, ids []string) error {
	client, fake, err := connect()
	if err != nil {
		return err
	}
	switch {
	case fake != nil && len(ids) > 0:
		return errors.New("MESSEMBED_URL is not set: the fake has no such users")
	case fake == nil && len(ids) == 0:
		return errors.New("give the ids of the accounts as arguments")
	case fake != nil:
		if err := furnish(ctx, client); err != nil {
			return err
		}
		ids = []string{"ada", "grace", "nobody"}
		// Ada's deletion succeeds. Grace's finds the service down, and succeeds in
		// the next round.
		fake.FailNext(messembedtest.Fault{Op: "UpdateUser"})
		for range 4 {
			fake.FailNext(messembedtest.Fault{Op: "UpdateUser", Status: 503})
		}
	}

	closed := func(chats int) string {
		if chats == 1 {
			return "1 chat closed"
		}
		return fmt.Sprint(chats, " chats closed")
	}
	for round := 1; len(ids) > 0 && round <= 3 && ctx.Err() == nil; round++ {
		var left []string
		for _, e := range eraseAll(ctx, client, ids) {
			switch {
			case e.Err != nil:
				fmt.Fprintf(out, "%-7s failed, to be tried again: %v\n", e.ID, e.Err)
				left = append(left, e.ID)
			case e.Before:
				fmt.Fprintf(out, "%-7s is not in the chat (any more; or is the id misspelt?); %s\n", e.ID, closed(e.Chats))
			default:
				fmt.Fprintf(out, "%-7s deleted; %s\n", e.ID, closed(e.Chats))
			}
		}
		ids = left
	}
	if len(ids) > 0 {
		return fmt.Errorf("not erased, run it again: %q", ids)
	}
	return nil
}

// furnish adds three users who chat with each other.
func furnish(ctx context.Context, client *messembed.Client) error {
	for _, id := range []string{"ada", "grace", "edsger"} {
		if _, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: id, ExternalMetadata: messembed.Metadata{"name": id}}); err != nil {
			return err
		}
	}
	for _, pair := range [][2]string{{"ada", "grace"}, {"edsger", "ada"}, {"grace", "edsger"}} {
		if _, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: pair[0], SecondCompanionID: pair[1]}); err != nil {
			return err
		}
	}
	return nil
}

// connect returns a client for the service that the environment names or for a
// fake, and the fake.
func connect() (*messembed.Client, *messembedtest.Server, error) {
	if inEnv("MESSEMBED_") {
		client, err := messembed.FromEnv()
		return client, nil, err
	}
	fake := messembedtest.New(messembedtest.Program{})
	return fake.Client(messembedtest.Program{}), fake, nil
}
