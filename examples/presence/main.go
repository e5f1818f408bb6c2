// Command presence shows who is online, on a board that updates itself.
//
//	go run -C examples/presence .
//
// Without environment variables it shows a fake Rocket.Chat workspace, inside this
// process, where people come and go for some seconds. With ROCKETCHAT_URL,
// ROCKETCHAT_USER_ID and ROCKETCHAT_AUTH_TOKEN, or CHATKITTY_CLIENT_ID and
// CHATKITTY_CLIENT_SECRET, it shows that service's users until Ctrl-C: all of them, up
// to -max, or those whose usernames are given. In a pipe it prints one line per
// change.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"time"

	messembed "github.com/messembed/messembed-go"
)

func main() {
	limit := flag.Int("max", 200, "the maximum number of users to watch")
	every := flag.Duration("poll", 10*time.Second, "how often to poll a service that has no stream")
	plain := flag.Bool("plain", false, "print one line per change, even in a terminal")
	flag.Usage = usage
	flag.Parse()
	w := watch{usernames: flag.Args(), limit: *limit, every: *every, out: os.Stdout}
	if *every <= 0 {
		fmt.Fprintln(os.Stderr, "presence: -poll: must be positive")
		os.Exit(2)
	}
	if !*plain {
		w.size = sizeOf(os.Stdout)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := w.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "presence:", err)
		os.Exit(1)
	}
}

// watch configures what to show, and where.
type watch struct {
	usernames []string // empty: everybody
	limit     int
	every     time.Duration
	out       io.Writer
	size      func() (width, height int) // of the terminal; nil: not a terminal
}

func (w watch) run(ctx context.Context) error {
	client, where, err := fromEnv()
	if err != nil {
		return err
	}
	if client == nil {
		return w.rehearse(ctx)
	}
	return w.show(ctx, client, where)
}

// show displays the users on a board and keeps it current until ctx ends.
func (w watch) show(ctx context.Context, client *messembed.Client, where string) error {
	people, err := w.people(ctx, client)
	switch {
	case ctx.Err() != nil:
		return nil // Ctrl-C
	case err != nil:
		return err
	}
	board := newBoard(w.out, w.size, where, people)
	defer board.close()
	for presence, err := range client.WatchPresence(ctx, board.ids(), messembed.WithPollInterval(w.every)) {
		if err != nil {
			return err // refused credentials, or a service without presence; other failures are retried
		}
		board.update(presence)
	}
	return nil
}

// people returns the users to watch.
func (w watch) people(ctx context.Context, client *messembed.Client) ([]*messembed.User, error) {
	var people []*messembed.User
	for user, err := range client.Users(ctx) {
		if err != nil {
			return nil, err
		}
		if len(w.usernames) > 0 && !slices.Contains(w.usernames, user.Profile.Username) {
			continue
		}
		if people = append(people, user); len(people) == w.limit {
			break
		}
	}
	if len(people) == 0 {
		return nil, errors.New("no users to watch")
	}
	return people, nil
}
