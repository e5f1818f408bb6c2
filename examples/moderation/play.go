package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// play creates three users and has them talk until one of them is blocked.
func play(ctx context.Context, client *messembed.Client, logger *log.Logger) error {
	for _, id := range []string{"ada", "bob", "mallory"} {
		if _, _, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: id}); err != nil {
			return err
		}
	}
	say := func(from, to, text string) error {
		chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: from, SecondCompanionID: to})
		if err != nil {
			return err
		}
		_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: from, Content: text})
		return err
	}
	for _, line := range [][3]string{
		{"ada", "bob", "Is the bicycle still for sale?"},
		{"bob", "ada", "It is. Casinos next door, you cannot miss the shop."},
		{"mallory", "ada", "Win big at my CASINO, today only!"},
	} {
		if err := say(line[0], line[1], line[2]); err != nil {
			return err
		}
	}
	if err := awaitBlocked(ctx, client, "mallory"); err != nil {
		return err
	}
	err := say("mallory", "ada", "Hello?")
	if !errors.Is(err, messembed.ErrUserBlocked) {
		return fmt.Errorf("mallory should be blocked: %w", err)
	}
	logger.Print("mallory can no longer write")
	return say("ada", "bob", "Then I will come by at five.")
}

// awaitBlocked waits until a user is blocked, at most ten seconds.
func awaitBlocked(ctx context.Context, client *messembed.Client, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		user, err := client.GetUser(ctx, id)
		if err != nil || user.Blocked() {
			return err
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("nobody blocked %s: %w", id, ctx.Err())
		}
	}
}
