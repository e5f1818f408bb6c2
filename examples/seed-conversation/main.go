// Command seed-conversation creates users, chats and a realistic conversation in a
// chat service: for a demo, a design review or a test environment.
//
//	go run ./examples/seed-conversation
//
// Without MESSEMBED_ variables it runs against the fake server, inside this process.
// With MESSEMBED_URL and MESSEMBED_PASSWORD it runs against that service. It can be
// run again, even after an interruption, without creating anything twice.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
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
	flag.Usage = usageOf(flag.CommandLine, "seed-conversation")
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
