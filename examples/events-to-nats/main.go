// Command events-to-nats publishes every message of a chat service to a NATS
// JetStream stream, each once, however many replicas of it run or crash.
//
//	go run -C examples/events-to-nats .
//
// With NATS_URL, MESSEMBED_URL and MESSEMBED_PASSWORD it is one replica and runs
// until Ctrl-C. Without NATS_URL and MESSEMBED_ variables it runs a demo inside this
// process, with the fake server, a NATS server and two replicas, one of which stops and
// returns.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	flag.Usage = usageOf(flag.CommandLine, "NATS_URL=nats://… events-to-nats")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out, log io.Writer) error {
	natsURL := os.Getenv("NATS_URL")
	switch {
	case natsURL == "" && !inEnv("MESSEMBED_"):
		return demonstrate(ctx, out)
	case natsURL == "":
		return errors.New("NATS_URL is not set, but a MESSEMBED_ variable is")
	}
	client, err := messembed.FromEnv()
	if err != nil {
		return err
	}
	return replica(ctx, client, natsURL, slog.New(slog.NewTextHandler(log, nil)))
}

// replica runs one relay until ctx ends.
func replica(ctx context.Context, chat messageSource, natsURL string, log *slog.Logger) error {
	conn, err := nats.Connect(natsURL, nats.MaxReconnects(-1), nats.ReconnectWait(250*time.Millisecond))
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	return (&relay{chat: chat, js: js, log: log}).run(ctx)
}

// demonstrate sends 200 messages while two replicas relay them, one of which is
// stopped and restarted.
func demonstrate(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dir, err := os.MkdirTemp("", "events-to-nats")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	natsServer, err := startNATS(dir, server.RANDOM_PORT)
	if err != nil {
		return err
	}
	defer natsServer.Shutdown()
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	chatID, err := furnish(ctx, client)
	if err != nil {
		return err
	}

	var replicas sync.WaitGroup
	defer replicas.Wait()
	defer cancel()
	start := func(name string) (stop context.CancelFunc) {
		ctx, stop := context.WithCancel(ctx)
		replicas.Go(func() {
			if err := replica(ctx, client, natsServer.ClientURL(), slog.New(slog.DiscardHandler)); err != nil {
				fmt.Fprintf(out, "replica %s: %v\n", name, err)
			}
		})
		return stop
	}
	start("one")
	stopTwo := start("two")
	const total = 200
	for i := range total {
		switch i {
		case total / 4:
			if _, err := waitForMessages(ctx, natsServer.ClientURL(), total/4); err != nil {
				return err
			}
			stopTwo()
			fmt.Fprintln(out, "Replica two has stopped")
		case total / 2:
			start("two")
			fmt.Fprintln(out, "Replica two is back")
		}
		if _, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chatID, UserID: "ada", Content: fmt.Sprint("message ", i)}); err != nil {
			return err
		}
	}

	held, err := waitForMessages(ctx, natsServer.ClientURL(), total)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d messages sent, the stream holds %d\n", total, held)
	return nil
}

// furnish creates two users and their chat.
func furnish(ctx context.Context, client *messembed.Client) (chatID string, err error) {
	for _, id := range []string{"ada", "grace"} {
		if _, _, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: id}); err != nil {
			return "", err
		}
	}
	chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: "grace"})
	if err != nil {
		return "", err
	}
	return chat.ID, nil
}

// waitForMessages waits until the stream holds the given number of messages, and
// returns the number that it holds a moment later.
func waitForMessages(ctx context.Context, natsURL string, want uint64) (uint64, error) {
	conn, err := nats.Connect(natsURL)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	const often = 20 * time.Millisecond
	for settled := 0; ; {
		stream, err := js.Stream(ctx, streamName)
		if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return 0, err
		}
		if err == nil && stream.CachedInfo().State.Msgs >= want {
			if settled++; settled > 10 { // wait for any duplicates
				return stream.CachedInfo().State.Msgs, nil
			}
		}
		select {
		case <-time.After(often):
		case <-ctx.Done():
			return 0, fmt.Errorf("the stream does not hold %d messages: %w", want, ctx.Err())
		}
	}
}

// startNATS starts a NATS server with JetStream inside this process.
func startNATS(dir string, port int) (*server.Server, error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true})
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		s.Shutdown()
		return nil, errors.New("the NATS server did not start")
	}
	return s, nil
}
