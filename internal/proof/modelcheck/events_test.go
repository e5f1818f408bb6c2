package modelcheck_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A consumer stores each message together with its position, until it is
// stopped, and goes on from there. Meanwhile connections break, and websockets
// are refused.
type consumer struct {
	fake   *messembedtest.Server
	client *messembed.Client
	random *rand.Rand
	began  time.Time
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan error

	// What it has stored.
	position messembed.Position
	contents map[string][]string // by chat
	total    int

	restarts int
}

func newConsumer(fake *messembedtest.Server, client *messembed.Client, seed uint64) *consumer {
	ctx, cancel := context.WithCancel(context.Background())
	return &consumer{
		fake: fake, client: client, began: time.Now(), ctx: ctx, cancel: cancel, ended: make(chan error, 1), contents: map[string][]string{},
		random: rand.New(rand.NewPCG(seed, 1<<32)), //nolint:gosec // to be repeatable
	}
}

func (c *consumer) run() {
	for c.ctx.Err() == nil {
		if err := c.once(); err != nil {
			c.ended <- err
			return
		}
		c.restarts++
	}
	c.ended <- nil
}

// once consumes until it is stopped: after some events, or after some time.
func (c *consumer) once() error {
	ctx, cancel := context.WithTimeout(c.ctx, time.Duration(c.random.IntN(60_000))*time.Millisecond)
	defer cancel()
	c.fake.RefuseWebsockets(c.random.IntN(10) == 0)
	o := messembed.EventOptions{Position: c.position, Buffer: 1 + c.random.IntN(20)}
	if o.Position == "" {
		o.Since = c.began
	}
	left := c.random.IntN(100)
	for event, err := range c.client.MessageEvents(ctx, o) {
		if err != nil { // a mishap that looks like rejected credentials or a wrong address
			return checkError("MessageEvents", err)
		}
		if left--; left < 0 {
			return nil // this event is not handled
		}
		if c.random.IntN(20) == 0 {
			c.fake.DropConnections()
		}
		m := event.Message
		c.contents[m.ChatID] = append(c.contents[m.ChatID], m.Content)
		c.position = event.Position()
		c.total++
	}
	return nil
}

// end waits until the consumer has had the time to catch up, now that nothing
// fails, and compares what it has stored with the fake's messages: each once,
// and in the order of its chat.
func (c *consumer) end() error {
	time.Sleep(10 * time.Minute)
	c.cancel()
	if err := <-c.ended; err != nil {
		return fmt.Errorf("the consumer: %w", err)
	}
	want := map[string][]string{}
	for _, m := range c.fake.Messages("") {
		want[m.ChatID] = append(want[m.ChatID], m.Content)
	}
	var failed error
	for chat := range want {
		if got := c.contents[chat]; !slices.Equal(got, want[chat]) {
			failed = errors.Join(failed, fmt.Errorf("the consumer: events of chat %s %q, want %q", chat, got, want[chat]))
		}
	}
	return failed
}
