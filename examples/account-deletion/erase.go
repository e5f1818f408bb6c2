package main

import (
	"context"
	"errors"
	"fmt"

	messembed "github.com/messembed/messembed-go"
)

// erased is what became of one account.
type erased struct {
	ID     string
	Chats  int   // that were closed
	Err    error // nil: done. Otherwise it is to be tried again
	Before bool  // there was no such user: never, or no more
}

// eraseAll works through the accounts that are to be deleted and tells of each.
// Keep the ids in a table of your own, written in the transaction that deletes
// the account, and take out of it what came back without an error. What came
// back with one stays for the next run: each step may be done twice.
func eraseAll(ctx context.Context, client *messembed.Client, ids []string, tell func(erased)) {
	for _, id := range ids {
		if ctx.Err() != nil {
			return // the rest stays for the next run
		}
		tell(erase(ctx, client, id))
	}
}

// erase takes a user's data out of the chat: first the user, who from then on
// can neither send nor be written to, then the chats, which take no message any
// more and no longer hold the user's metadata.
func erase(ctx context.Context, client *messembed.Client, id string) erased {
	e := erased{ID: id}
	switch err := client.DeleteUser(ctx, id); {
	case errors.Is(err, messembed.ErrNotFound):
		e.Before = true // but a run before may have ended between the two steps
	case err != nil:
		e.Err = err
		return e
	}
	e.Chats, e.Err = closeChats(ctx, client, id)
	return e
}

func closeChats(ctx context.Context, client *messembed.Client, id string) (closed int, err error) {
	for chat, err := range client.Chats(ctx) {
		if err != nil {
			return closed, err
		}
		if !chat.Active || !isCompanion(chat, id) {
			continue
		}
		if _, err := client.BlockChat(ctx, chat.ID); err != nil {
			return closed, fmt.Errorf("chat %s: %w", chat.ID, err)
		}
		closed++
	}
	return closed, nil
}

func isCompanion(chat *messembed.Chat, id string) bool {
	return chat.FirstCompanion != nil && chat.FirstCompanion.ID == id ||
		chat.SecondCompanion != nil && chat.SecondCompanion.ID == id
}
