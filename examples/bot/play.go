package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// rehearse has a conversation with a bot that is stopped in its middle.
func rehearse(ctx context.Context, logger *log.Logger, user string, s store) error {
	client := messembedtest.New(messembedtest.Program{}).Client(messembedtest.Program{})
	for _, id := range []string{"ada", user} {
		if _, _, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: id}); err != nil {
			return err
		}
	}
	chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: "ada", SecondCompanionID: user})
	if err != nil {
		return err
	}
	say := func(text string) error {
		_, err := client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: "ada", Content: text})
		return err
	}

	stop, err := begin(ctx, newBot(client, user, s, logger))
	if err != nil {
		return err
	}
	err = errors.Join(say("Is the bicycle still for sale?"), awaitMessages(ctx, client, chat.ID, 2), stop())
	if err != nil {
		return err
	}
	logger.Println("(The bot has stopped)")
	if err := errors.Join(say("Hello?"), say("I can come by at five.")); err != nil {
		return err
	}
	if stop, err = begin(ctx, newBot(client, user, s, logger)); err != nil {
		return err
	}
	if err := errors.Join(awaitMessages(ctx, client, chat.ID, 6), stop()); err != nil {
		return err
	}
	for m, err := range client.Messages(ctx, messembed.ListMessagesParams{ChatID: chat.ID}) {
		if err != nil {
			return err
		}
		logger.Printf("%s: %s", m.UserID, m.Content)
	}
	return nil
}

// begin starts a bot, once it has stored where it begins. stop waits for its end.
func begin(ctx context.Context, b *bot) (stop func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- b.run(ctx) }()
	stop = func() error { cancel(); return <-ended }
	err = await(ctx, "the bot to start", func() (bool, error) {
		s, err := b.state.load()
		return s != state{}, err
	})
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}

// awaitMessages waits until a chat holds n messages.
func awaitMessages(ctx context.Context, client *messembed.Client, chatID string, n int) error {
	return await(ctx, fmt.Sprint(n, " messages"), func() (bool, error) {
		page, err := client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: chatID})
		return err == nil && len(page.Messages) >= n, err
	})
}

// await waits until done says so, at most ten seconds.
func await(ctx context.Context, what string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", what, ctx.Err())
		}
	}
}
