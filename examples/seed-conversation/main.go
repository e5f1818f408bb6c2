// Command seed-conversation puts users, chats and a conversation that reads like
// one into a chat service: for a demonstration, for a design review, for a test
// environment.
//
//	go run ./examples/seed-conversation
//
// Without MESSEMBED_URL it runs against the fake server, inside this process.
// With MESSEMBED_URL and MESSEMBED_PASSWORD it runs against that service. It can
// be run again, after an interruption too: what is there is not put in twice.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

//go:embed conversations.json
var conversationsFile []byte

func main() {
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

	var s seed
	if err := json.Unmarshal(conversationsFile, &s); err != nil {
		return fmt.Errorf("conversations.json: %w", err)
	}
	did, err := s.putInto(ctx, client)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "New: %d users, %d chats, %d messages\n", did.users, did.chats, did.messages)
	return s.print(ctx, client, out)
}

// connect makes a client of the service that the environment names, or of a fake
// one.
func connect() (client *messembed.Client, where string, err error) {
	if url := os.Getenv("MESSEMBED_URL"); url != "" {
		client, err = messembed.FromEnv()
		return client, url, err
	}
	fake := messembedtest.New(messembedtest.Program{})
	return fake.Client(messembedtest.Program{}), "the embedded fake (set MESSEMBED_URL and MESSEMBED_PASSWORD for a real service)", nil
}
