// Command bot answers every message of the chats that its user is in, each once,
// however often it is killed and started again.
//
//	go run ./examples/bot
//
// Without MESSEMBED_ variables it runs against the fake server, inside this process,
// has a short conversation in which it is stopped and started again, and ends. With
// MESSEMBED_URL and MESSEMBED_PASSWORD it answers on that service until Ctrl-C;
// -user is the bot's user, -state the file that it goes on from.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	messembed "github.com/messembed/messembed-go"
)

func main() {
	user := flag.String("user", "bot", "id of the bot's user")
	state := flag.String("state", "bot.json", "file that holds how far the bot has come")
	flag.Usage = usageOf(flag.CommandLine, "bot [flags]")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, *user, *state)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, user, state string) error {
	logger := log.New(out, "", 0)
	if !inEnv("MESSEMBED_") {
		logger.Println("On the embedded fake (set MESSEMBED_URL and MESSEMBED_PASSWORD for a real service)")
		dir, err := os.MkdirTemp("", "bot")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		return rehearse(ctx, logger, user, stateFile(filepath.Join(dir, "bot.json")))
	}
	client, err := messembed.FromEnv()
	if err != nil {
		return err
	}
	logger.Println("Answering as", user, "on", os.Getenv("MESSEMBED_URL"))
	return newBot(client, user, stateFile(state), logger).run(ctx)
}
