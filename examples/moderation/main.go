// Command moderation reads every message of a chat service as it is sent, blocks
// anyone who writes a banned word, and closes the chat.
//
//	go run ./examples/moderation -banned casino,scam
//
// Without MESSEMBED_ variables it runs against the fake server, inside this process, plays
// a short conversation there and ends. With MESSEMBED_URL and MESSEMBED_PASSWORD it
// moderates that service until it is interrupted; -since 1h starts with the messages
// of the last hour.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	banned := flag.String("banned", "casino,scam", "banned words, separated by commas")
	since := flag.Duration("since", 0, "how far back to start; 0: now")
	flag.Usage = usageOf(flag.CommandLine, "moderation [flags]")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, strings.Split(*banned, ","), *since)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, banned []string, since time.Duration) error {
	logger := log.New(out, "", 0)
	var options messembed.EventOptions
	if since > 0 {
		options.Since = time.Now().Add(-since)
	}
	if !inEnv("MESSEMBED_") {
		logger.Println("Moderating the embedded fake (set MESSEMBED_URL and MESSEMBED_PASSWORD for a real service)")
		return rehearse(ctx, newModerator(messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{}), banned, logger), options)
	}
	client, err := messembed.FromEnv()
	if err != nil {
		return err
	}
	logger.Println("Moderating", os.Getenv("MESSEMBED_URL"))
	return newModerator(client, banned, logger).watch(ctx, options)
}

// rehearse plays a conversation and moderates it.
func rehearse(ctx context.Context, m *moderator, options messembed.EventOptions) error {
	ctx, stop := context.WithCancel(ctx)
	connected := make(chan struct{}, 1)
	options.OnState = func(messembed.ConnectionState, error) {
		select {
		case connected <- struct{}{}:
		default:
		}
	}
	played := make(chan error, 1)
	go func() {
		defer stop()
		select {
		case <-connected:
			played <- play(ctx, m.client, m.log)
		case <-ctx.Done():
			played <- nil
		}
	}()
	err := m.watch(ctx, options)
	stop()
	return errors.Join(err, <-played)
}
