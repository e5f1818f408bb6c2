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

// eraseAll deletes the users, who can then send nothing, but still read with an
// access token from before, and closes their chats, which then accept no messages
// and no longer contain the users' metadata. The chats' own metadata and the
// messages stay. It walks once over all chats of the service.
//
// Keep the ids in a table of your own, written in the transaction that deletes the
// account, and remove those that were erased without an error. Leave the others
// for the next run: each step can be repeated.
func eraseAll(ctx context.Context, client *messembed.Client, ids []string) []*erased {
	all, deleted := make([]*erased, len(ids)), map[string]*erased{}
	for i, id := range ids {
		e := &erased{ID: id}
		all[i] = e
		switch err := client.DeleteUser(ctx, id); {
		case errors.Is(err, messembed.ErrNotFound):
			e.Before = true // but an earlier run may have ended between the two steps
		case err != nil:
			e.Err = err
			continue
		}
		deleted[id] = e
	}
	if len(deleted) > 0 {
		closeChats(ctx, client, deleted)
	}
	return all
}

// closeChats closes the chats of the deleted users.
func closeChats(ctx context.Context, client *messembed.Client, deleted map[string]*erased) {
	for chat, err := range client.Chats(ctx) {
		if err != nil { // the last one: the walk has ended, and nobody's chats are known to be closed
			for _, e := range deleted {
				e.Err = err
			}
			return
		}
		companions := companionsOf(chat, deleted)
		if !chat.Active || len(companions) == 0 {
			continue
		}
		_, err := client.BlockChat(ctx, chat.ID)
		for _, e := range companions {
			if err != nil {
				e.Err = fmt.Errorf("chat %s: %w", chat.ID, err)
				continue
			}
			e.Chats++
		}
	}
}

func companionsOf(chat *messembed.Chat, deleted map[string]*erased) (companions []*erased) {
	for _, user := range []*messembed.User{chat.FirstCompanion, chat.SecondCompanion} {
		if user != nil && deleted[user.ID] != nil {
			companions = append(companions, deleted[user.ID])
		}
	}
	return companions
}
