package modelcheck_test

import (
	"fmt"

	messembed "github.com/messembed/messembed-go"
)

// A chat is the model's state of a chat.
type chat struct {
	exists, inactive bool
	ext              int
}

func (c chat) String() string {
	if !c.exists {
		return "none"
	}
	return fmt.Sprintf("(%d %t)", c.ext, !c.inactive)
}

func readChat(c *messembed.Chat) chat {
	if c == nil {
		return chat{}
	}
	return chat{true, !c.Active, number(c.ExternalMetadata)}
}

// A talk is the chat of two of an actor's own users, which always exist, with its messages.
type talk struct {
	possible[chat]
	first, second string
	id            string          // once known
	sent          map[string]bool // by content: true if reported as stored, false if it may be
}

// actOnChat performs a random operation on one of the actor's own chats.
func (a *actor) actOnChat() error {
	t := a.talks[a.random.IntN(len(a.talks))]
	c, ctx, n := a.client, a.ctx, a.unique()
	params := messembed.CreateChatParams{FirstCompanionID: t.first, SecondCompanionID: t.second, ExternalMetadata: meta(n)}
	asked := chat{exists: true, ext: n}
	keep := func(got *messembed.Chat) func(chat) bool {
		if got != nil {
			t.id = got.ID
		}
		return func(s chat) bool { return s == readChat(got) }
	}
	if t.id == "" && a.random.IntN(3) > 0 {
		got, err := c.GetChatByCompanions(ctx, t.second, t.first, a.id("GetChatByCompanions"))
		return t.told(a.op, err, func(s chat) step[chat] { return t.found(s, s) }, keep(got))
	}
	switch kind := a.random.IntN(8); {
	case kind == 0:
		got, err := c.CreateChat(ctx, params, a.id("CreateChat"))
		return t.told(a.op, err, func(s chat) step[chat] {
			if s.exists {
				return step[chat]{kind: messembed.ErrAlreadyExists}
			}
			return step[chat]{after: []chat{asked}}
		}, keep(got))
	case kind == 1:
		got, created, err := c.EnsureChat(ctx, params, a.id("EnsureChat"))
		matches := keep(got)
		return t.told(a.op, err, func(s chat) step[chat] {
			if s.exists {
				return step[chat]{}
			}
			return step[chat]{after: []chat{asked}}
		}, func(s chat) bool { return matches(s) && created == (s == asked) })
	case t.id == "":
		return nil
	case kind == 2:
		got, err := c.UpdateChat(ctx, t.id, messembed.UpdateChatParams{ExternalMetadata: meta(n)}, a.id("UpdateChat"))
		return t.told(a.op, err, func(s chat) step[chat] { return t.found(s, chat{true, s.inactive, n}) }, keep(got))
	case kind == 3:
		got, err := c.BlockChat(ctx, t.id, a.id("BlockChat"))
		return t.told(a.op, err, func(s chat) step[chat] { return t.found(s, chat{true, true, s.ext}) }, keep(got))
	case kind <= 5:
		got, err := c.UnblockChat(ctx, t.id, a.id("UnblockChat"))
		return t.told(a.op, err, func(s chat) step[chat] { return t.found(s, chat{true, false, s.ext}) }, keep(got))
	}
	got, err := c.GetChat(ctx, t.id, a.id("GetChat"))
	return t.told(a.op, err, func(s chat) step[chat] { return t.found(s, s) }, keep(got))
}

func (*talk) found(s, after chat) step[chat] {
	if !s.exists {
		return step[chat]{kind: messembed.ErrNotFound}
	}
	return step[chat]{after: []chat{after}}
}

// actOnMessages sends a message or reads them.
func (a *actor) actOnMessages() error {
	t := a.talks[a.random.IntN(len(a.talks))]
	if t.id == "" {
		return nil
	}
	if a.random.IntN(3) == 0 {
		return a.readMessages(t)
	}
	content := fmt.Sprintf("%s %d", t.name, a.unique())
	_, err := a.client.CreateMessage(a.ctx, messembed.CreateMessageParams{ChatID: t.id, UserID: t.first, Content: content}, a.id("CreateMessage"))
	t.note(content, err)
	return t.told(a.op, err, func(s chat) step[chat] {
		switch {
		case !s.exists:
			return step[chat]{kind: messembed.ErrNotFound}
		case s.inactive:
			return step[chat]{kind: messembed.ErrChatInactive}
		}
		return step[chat]{}
	}, nil)
}

// note records the result of sending a message.
func (t *talk) note(content string, err error) {
	e, _ := err.(*messembed.Error) //nolint:errorlint // it is what the method returns
	switch {
	case err == nil:
		t.sent[content] = true
	case e != nil && e.MaybeApplied:
		t.sent[content] = false
	}
}

// readMessages reads a talk completely, and checks that each message reported
// as stored occurs once, those that may be stored at most once, and no others.
func (a *actor) readMessages(t *talk) error {
	var contents []string
	var err error
	if a.random.IntN(2) == 0 {
		var page *messembed.MessagePage
		if page, err = a.client.ListMessages(a.ctx, messembed.ListMessagesParams{ChatID: t.id}, a.id("ListMessages")); err == nil {
			for _, m := range page.Messages {
				contents = append(contents, m.Content)
			}
		}
	} else {
		for m, failed := range a.client.Messages(a.ctx, messembed.ListMessagesParams{ChatID: t.id, Limit: 3}, a.id("Messages")) {
			if err = failed; err == nil {
				contents = append(contents, m.Content)
			}
		}
	}
	if err != nil {
		return checkError(a.op, err)
	}
	return t.compare(contents)
}

func (t *talk) compare(contents []string) error {
	times := map[string]int{}
	for _, content := range contents {
		times[content]++
		if _, sent := t.sent[content]; !sent {
			return fmt.Errorf("%s: %q is stored, but was reported as not stored", t.name, content)
		}
	}
	for content, sure := range t.sent {
		if n := times[content]; n > 1 || sure && n == 0 {
			return fmt.Errorf("%s: %q is stored %d times", t.name, content, n)
		}
	}
	return nil
}
