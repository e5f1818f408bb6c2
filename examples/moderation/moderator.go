package main

import (
	"context"
	"log"
	"strings"
	"unicode"

	messembed "github.com/messembed/messembed-go"
)

// moderator blocks anyone who writes a banned word, and closes the chat.
type moderator struct {
	client *messembed.Client
	banned map[string]bool
	log    *log.Logger
}

func newModerator(client *messembed.Client, banned []string, logger *log.Logger) *moderator {
	m := &moderator{client: client, banned: map[string]bool{}, log: logger}
	for _, word := range banned {
		if word = strings.ToLower(strings.TrimSpace(word)); word != "" {
			m.banned[word] = true
		}
	}
	return m
}

// watch judges every message until ctx ends. It fails only if the credentials are
// refused or the base URL is wrong; after a lost connection it catches up.
func (m *moderator) watch(ctx context.Context, options messembed.EventOptions) error {
	tell := options.OnState
	options.OnState = func(state messembed.ConnectionState, err error) {
		if err != nil {
			m.log.Printf("%s: %v", state, err)
		} else {
			m.log.Print(state)
		}
		if tell != nil {
			tell(state, err)
		}
	}
	for event, err := range m.client.MessageEvents(ctx, options) {
		if err != nil {
			return err
		}
		// Finish what was started: an interruption between two steps would leave the chat open.
		if err := m.judge(context.WithoutCancel(ctx), event.Message); err != nil {
			m.log.Print(err) // judge the next message all the same
		}
	}
	return nil
}

// judge acts on a message. It is idempotent, so that a message which arrives again
// after a restart with Since does no harm.
func (m *moderator) judge(ctx context.Context, message *messembed.Message) error {
	word, found := m.bannedWord(message.Content)
	if !found {
		return nil
	}
	if _, err := m.client.BlockUser(ctx, message.UserID); err != nil {
		return err
	}
	if _, err := m.client.BlockChat(ctx, message.ChatID); err != nil {
		return err
	}
	m.log.Printf("%s wrote %q: user blocked, chat closed", message.UserID, word)
	return nil
}

// bannedWord finds a banned word in a text, ignoring case.
func (m *moderator) bannedWord(text string) (string, bool) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		if m.banned[word] {
			return word, true
		}
	}
	return "", false
}
