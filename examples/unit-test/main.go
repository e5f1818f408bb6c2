// Command unit-test is a small service and, what matters here, its tests: see
// notifier_test.go.
//
//	go test -v ./examples/unit-test
//	go run ./examples/unit-test
//
// It sends one notice to a fake server inside this process and prints the chat. With
// MESSEMBED_URL and MESSEMBED_PASSWORD it does so on that service.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	flag.Usage = usageOf(flag.CommandLine, "unit-test")
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
	client, err := connect()
	if err != nil {
		return err
	}
	for _, id := range []string{shop, "customer"} {
		if _, _, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: id}); err != nil {
			return err
		}
	}
	chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: shop, SecondCompanionID: "customer"})
	if err != nil {
		return err
	}
	if err := (notifier{client}).shipped(ctx, order{Number: "2217", ChatID: chat.ID}); err != nil {
		return err
	}
	for m, err := range client.Messages(ctx, messembed.ListMessagesParams{ChatID: chat.ID}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", m.UserID, m.Content)
	}
	return nil
}

// connect returns a client for the service that the environment names, or for a
// fake.
func connect() (*messembed.Client, error) {
	if inEnv("MESSEMBED_") {
		return messembed.FromEnv()
	}
	fake := messembedtest.New(messembedtest.Program{})
	return fake.Client(messembedtest.Program{}), nil
}
