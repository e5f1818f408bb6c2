package conformance

import (
	"strings"
	"testing"
	"time"

	messembed "github.com/messembed/messembed-go"
)

const unknownChat = "ffffffffffffffffffffffff"

var chatCases = []Case{
	{
		Name: "a chat is opened once", Feature: messembed.FeatureChats,
		Operations: []string{"CreateChat", "GetChat", "GetChatByCompanions", "EnsureChat", "ListChats", "Chats", "UpdateChat", "BlockChat", "UnblockChat"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			ada, bob := create(t, in, c, "ada").ID, create(t, in, c, "bob").ID
			pair := messembed.CreateChatParams{FirstCompanionID: ada, SecondCompanionID: bob}
			chat, err := c.CreateChat(t.Context(), pair)
			must(t, err)
			want(t, "Active", chat.Active, true)
			_, err = c.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: bob, SecondCompanionID: ada})
			wantKind(t, err, messembed.ErrAlreadyExists)
			ensured, created, err := c.EnsureChat(t.Context(), pair)
			must(t, err)
			want(t, "created", created, false)
			want(t, "ID", ensured.ID, chat.ID)
			read, err := c.GetChat(t.Context(), chat.ID)
			must(t, err)
			want(t, "first companion", read.FirstCompanion.ID, ada)
			read, err = c.GetChatByCompanions(t.Context(), bob, ada)
			must(t, err)
			want(t, "ID", read.ID, chat.ID)
			updated, err := c.UpdateChat(t.Context(), chat.ID, messembed.UpdateChatParams{ExternalMetadata: messembed.Metadata{"topic": "x"}})
			must(t, err)
			want(t, "topic", updated.ExternalMetadata["topic"], any("x"))
			blocked, err := c.BlockChat(t.Context(), chat.ID)
			must(t, err)
			want(t, "Active", blocked.Active, false)
			_, err = c.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chat.ID, UserID: ada, Content: "x"})
			wantKind(t, err, messembed.ErrChatInactive)
			unblocked, err := c.UnblockChat(t.Context(), chat.ID)
			must(t, err)
			want(t, "Active", unblocked.Active, true)
			page, err := c.ListChats(t.Context())
			must(t, err)
			walked := 0
			for _, err := range c.Chats(t.Context()) {
				must(t, err)
				walked++
			}
			want(t, "chats walked", walked, len(page.Chats))
			_, err = c.GetChat(t.Context(), unknownChat)
			wantKind(t, err, messembed.ErrNotFound)
			_, err = c.GetChatByCompanions(t.Context(), ada, ada)
			wantKind(t, err, messembed.ErrNotFound)
			_, err = c.UpdateChat(t.Context(), unknownChat, messembed.UpdateChatParams{})
			wantKind(t, err, messembed.ErrNotFound)
			_, err = c.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: ada, SecondCompanionID: in.UnknownID})
			wantKind(t, err, messembed.ErrNotFound)
		},
		Without: func(t *testing.T, c *messembed.Client) {
			pair := messembed.CreateChatParams{FirstCompanionID: "1", SecondCompanionID: "2"}
			_, err := c.CreateChat(t.Context(), pair)
			wantKind(t, err, messembed.ErrUnsupported)
			_, _, err = c.EnsureChat(t.Context(), pair)
			wantKind(t, err, messembed.ErrUnsupported)
			for _, call := range []func() error{
				func() error { _, err := c.GetChat(t.Context(), unknownChat); return err },
				func() error { _, err := c.GetChatByCompanions(t.Context(), "1", "2"); return err },
				func() error {
					_, err := c.UpdateChat(t.Context(), unknownChat, messembed.UpdateChatParams{})
					return err
				},
				func() error { _, err := c.BlockChat(t.Context(), unknownChat); return err },
				func() error { _, err := c.UnblockChat(t.Context(), unknownChat); return err },
				func() error { _, err := c.ListChats(t.Context()); return err },
			} {
				wantKind(t, call(), messembed.ErrUnsupported)
			}
			for _, err := range c.Chats(t.Context()) {
				wantKind(t, err, messembed.ErrUnsupported)
			}
		},
	},
	{
		Name: "messages are sent, listed and received", Feature: messembed.FeatureChats,
		Operations: []string{"CreateMessage", "ListMessages", "Messages", "MessageEvents"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			ada, bob := create(t, in, c, "ada").ID, create(t, in, c, "bob").ID
			chat, err := c.CreateChat(t.Context(), messembed.CreateChatParams{FirstCompanionID: ada, SecondCompanionID: bob})
			must(t, err)
			began := time.Now().Add(-time.Minute)
			for _, text := range []string{"one", "two", "three"} {
				m, err := c.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: chat.ID, UserID: ada, Content: text})
				must(t, err)
				want(t, "Content", m.Content, text)
			}
			page, err := c.ListMessages(t.Context(), messembed.ListMessagesParams{ChatID: chat.ID, Limit: 2})
			must(t, err)
			want(t, "messages on the page", len(page.Messages), 2)
			var texts []string
			for m, err := range c.Messages(t.Context(), messembed.ListMessagesParams{ChatID: chat.ID, Limit: 1}) {
				must(t, err)
				texts = append(texts, m.Content)
			}
			want(t, "messages", strings.Join(texts, " "), "one two three")
			if c.Supports(messembed.FeatureMessageEvents) {
				heard := 0
				for event, err := range c.MessageEvents(t.Context(), messembed.EventOptions{Since: began}) {
					must(t, err)
					if event.Message.ChatID == chat.ID {
						heard++
					}
					if heard == 3 {
						break
					}
				}
			}
			_, err = c.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: unknownChat, UserID: ada, Content: "x"})
			wantKind(t, err, messembed.ErrNotFound)
			_, err = c.ListMessages(t.Context(), messembed.ListMessagesParams{ChatID: unknownChat})
			wantKind(t, err, messembed.ErrNotFound)
		},
		Without: func(t *testing.T, c *messembed.Client) {
			_, err := c.CreateMessage(t.Context(), messembed.CreateMessageParams{ChatID: unknownChat, UserID: "1", Content: "x"})
			wantKind(t, err, messembed.ErrUnsupported)
			_, err = c.ListMessages(t.Context(), messembed.ListMessagesParams{})
			wantKind(t, err, messembed.ErrUnsupported)
			for _, err := range c.Messages(t.Context(), messembed.ListMessagesParams{}) {
				wantKind(t, err, messembed.ErrUnsupported)
			}
			for _, err := range c.MessageEvents(t.Context(), messembed.EventOptions{}) {
				wantKind(t, err, messembed.ErrUnsupported)
			}
		},
	},
}
