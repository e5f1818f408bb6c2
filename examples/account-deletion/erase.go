package main

import (
	"context"
	"errors"
	"fmt"

	messembed "github.com/messembed/messembed-go"
)

// erased is the result for one account.
type erased struct {
	ID     string
	Chats  int   // number of chats closed
	Err    error // nil: done; otherwise try again
	Before bool  // the user did not exist, or no longer
}

// eraseAll erases the accounts one by one and reports each result. Keep the ids in
// a table of your own, written in the transaction that deletes the account, and
// remove those that were erased without an error. Leave the others for the next
// run: each step can be repeated.
func eraseAll(ctx context.Context, client *messembed.Client, ids []string, tell func(erased)) {
	for _, id := range ids {
		if ctx.Err() != nil {
			return // the next run does the rest
		}
		tell(erase(ctx, client, id))
	}
}

// erase deletes the user, who can then send nothing, but still read with an access
// token from before, and closes the user's chats, which then accept no messages and
// no longer contain the user's metadata. The chats' own metadata and the messages
// stay. It walks over all chats of the service.
func erase(ctx context.Context, client *messembed.Client, id string) erased {
	e := erased{ID: id}
	switch err := client.DeleteUser(ctx, id); {
	case errors.Is(err, messembed.ErrNotFound):
		e.Before = true // but an earlier run may have ended between the two steps
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
