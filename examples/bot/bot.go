package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// answersKey is where an answer says, in its private metadata, which message it
// answers.
const answersKey = "answers"

// bot answers the messages in the chats of its user.
type bot struct {
	client *messembed.Client
	user   string
	state  store
	log    *log.Logger

	mine map[string]bool // by chat: is the bot one of the two companions?
	// inDoubt means that the next message may have been answered already: by a
	// process that was killed before it stored that, or by a request whose
	// response was lost.
	inDoubt bool
}

// store holds how far a bot has come.
type store interface {
	load() (state, error)
	save(state) error
}

func newBot(client *messembed.Client, user string, s store, logger *log.Logger) *bot {
	return &bot{client: client, user: user, state: s, log: logger, mine: map[string]bool{}, inDoubt: true}
}

// run answers until ctx ends. It fails if the credentials are refused, the base
// URL is wrong or the state cannot be stored.
func (b *bot) run(ctx context.Context) error {
	if _, _, err := b.client.EnsureUser(ctx, messembed.CreateUserParams{ID: b.user}); err != nil {
		return unlessEnded(ctx, err)
	}
	from, err := b.state.load()
	if err != nil {
		return err
	}
	if from == (state{}) { // the first start: what is sent from now on is answered, even if the bot is killed before it hears of it
		// As messages are dated: by the service's clock. What is sent while this
		// host's clock is ahead of it gets no answer at the first start.
		from.Since = time.Now().Truncate(time.Millisecond)
		if err := b.state.save(from); err != nil {
			return err
		}
	}
	options := messembed.EventOptions{Since: from.Since, Position: from.Position, OnState: func(s messembed.ConnectionState, err error) {
		if err != nil {
			b.log.Printf("%s: %v", s, err)
		}
	}}
	for event, err := range b.client.MessageEvents(ctx, options) {
		if err != nil {
			return err
		}
		if err := b.handle(ctx, event); err != nil {
			return unlessEnded(ctx, err)
		}
		// The answer and the position are not stored in one step: killed in
		// between, the bot takes this message again, and finds its answer.
		if err := b.state.save(state{Position: event.Position()}); err != nil {
			return err
		}
	}
	return nil
}

// handle answers a message if it is for the bot. It returns an error only if ctx
// has ended: before that, it tries again, after longer and longer pauses.
func (b *bot) handle(ctx context.Context, event *messembed.MessageEvent) error {
	m := event.Message
	if m.UserID == b.user {
		return nil
	}
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Minute) {
		err := b.answer(ctx, event)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, messembed.ErrNotFound), errors.Is(err, messembed.ErrChatInactive),
			errors.Is(err, messembed.ErrUserBlocked), errors.Is(err, messembed.ErrInvalidArgument), errors.Is(err, messembed.ErrTooLarge):
			b.log.Printf("message %s gets no answer: %v", m.ID, err)
			return nil
		}
		b.log.Printf("message %s: %v", m.ID, err)
		b.inDoubt = true
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *bot) answer(ctx context.Context, event *messembed.MessageEvent) error {
	m := event.Message
	if mine, err := b.isMine(ctx, event); err != nil || !mine {
		return err
	}
	if b.inDoubt {
		answered, err := b.hasAnswered(ctx, m)
		if err != nil {
			return err
		}
		b.inDoubt = false
		if answered {
			return nil
		}
	}
	_, err := b.client.CreateMessage(ctx, messembed.CreateMessageParams{
		ChatID: m.ChatID, UserID: b.user, Content: reply(m.Content),
		PrivateExternalMetadata: messembed.Metadata{answersKey: m.ID},
	})
	return err
}

// isMine reports whether the message's chat is one of the bot's. An event that
// was read back does not hold the chat.
func (b *bot) isMine(ctx context.Context, event *messembed.MessageEvent) (bool, error) {
	id, chat := event.Message.ChatID, event.Chat
	if mine, known := b.mine[id]; known {
		return mine, nil
	}
	if chat == nil {
		var err error
		if chat, err = b.client.GetChat(ctx, id); err != nil {
			return false, err
		}
	}
	for _, companion := range []*messembed.User{chat.FirstCompanion, chat.SecondCompanion} {
		b.mine[id] = b.mine[id] || companion != nil && companion.ID == b.user
	}
	return b.mine[id], nil
}

// hasAnswered looks for the answer in the chat, from the message on.
func (b *bot) hasAnswered(ctx context.Context, m *messembed.Message) (bool, error) {
	for later, err := range b.client.Messages(ctx, messembed.ListMessagesParams{ChatID: m.ChatID, After: m.CreatedAt}) {
		if err != nil {
			return false, err
		}
		if later.UserID == b.user && later.PrivateExternalMetadata[answersKey] == m.ID {
			return true, nil
		}
	}
	return false, nil
}

// reply is what the bot has to say.
func reply(text string) string {
	if strings.HasSuffix(strings.TrimSpace(text), "?") {
		return "Good question. A human will be with you shortly."
	}
	// Quoted whole, a long message would make an answer that is too long.
	if words := []rune(text); len(words) > 200 {
		text = string(words[:200]) + "…"
	}
	return fmt.Sprintf("Thank you, noted: %q", text)
}

// unlessEnded returns nil if the program is shutting down.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
