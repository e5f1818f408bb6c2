package main

import (
	"context"
	"fmt"
	"io"

	messembed "github.com/messembed/messembed-go"
)

// seed is the content of conversations.json.
type seed struct {
	Users []struct {
		ID               string
		ExternalMetadata messembed.Metadata
	}
	Chats []seedChat
}

type seedChat struct {
	Between          [2]string
	ExternalMetadata messembed.Metadata
	Messages         []seedMessage
}

type seedMessage struct {
	Key         string // unique in the file, and stored with the message
	From        string
	Content     string
	Attachments []messembed.Attachment
}

// done counts what was created.
type done struct{ users, chats, messages int }

func (s seed) putInto(ctx context.Context, client *messembed.Client) (did done, err error) {
	for _, u := range s.Users {
		_, isNew, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: u.ID, ExternalMetadata: u.ExternalMetadata})
		if err != nil {
			return did, err
		}
		if isNew {
			did.users++
		}
	}
	for _, c := range s.Chats {
		chat, isNew, err := client.EnsureChat(ctx, messembed.CreateChatParams{
			FirstCompanionID: c.Between[0], SecondCompanionID: c.Between[1], ExternalMetadata: c.ExternalMetadata,
		})
		if err != nil {
			return did, err
		}
		if isNew {
			did.chats++
		}
		sent, err := sendMissing(ctx, client, chat.ID, c.Messages)
		did.messages += sent
		if err != nil {
			return did, err
		}
	}
	return did, nil
}

// seedKey is the metadata key under which a message stores its key.
const seedKey = "seedKey"

// sendMissing sends the messages that are not in the chat yet. The service cannot
// detect duplicates, since the sender cannot choose a message's id. So each message
// carries a key, and the existing messages are read first. That also settles a lost
// response: the next run finds the message or sends it.
func sendMissing(ctx context.Context, client *messembed.Client, chatID string, messages []seedMessage) (sent int, err error) {
	there := map[any]bool{}
	for m, err := range client.Messages(ctx, messembed.ListMessagesParams{ChatID: chatID}) {
		if err != nil {
			return 0, err
		}
		there[m.PrivateExternalMetadata[seedKey]] = true
	}
	for _, m := range messages {
		if there[m.Key] {
			continue
		}
		_, err := client.CreateMessage(ctx, messembed.CreateMessageParams{
			ChatID: chatID, UserID: m.From, Content: m.Content, Attachments: m.Attachments,
			PrivateExternalMetadata: messembed.Metadata{seedKey: m.Key},
		})
		if err != nil {
			return sent, fmt.Errorf("message %s (run it again to continue): %w", m.Key, err)
		}
		sent++
	}
	return sent, nil
}

// print prints the chats as the service has them now.
func (s seed) print(ctx context.Context, client *messembed.Client, out io.Writer) error {
	for _, c := range s.Chats {
		chat, _, err := client.EnsureChat(ctx, messembed.CreateChatParams{FirstCompanionID: c.Between[0], SecondCompanionID: c.Between[1]})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "\n%v\n", chat.ExternalMetadata["topic"])
		names := map[string]any{
			chat.FirstCompanion.ID:  chat.FirstCompanion.ExternalMetadata["name"],
			chat.SecondCompanion.ID: chat.SecondCompanion.ExternalMetadata["name"],
		}
		for m, err := range client.Messages(ctx, messembed.ListMessagesParams{ChatID: chat.ID}) {
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "  %v: %s\n", names[m.UserID], m.Content)
			for _, a := range m.Attachments {
				fmt.Fprintf(out, "    [%v] %v\n", a["type"], a["url"])
			}
		}
	}
	return nil
}
