package faultmatrix_test

import (
	"context"

	messembed "github.com/messembed/messembed-go"
)

// The requests for chats and messages, with the service's responses.
var (
	sendsCreateChat = step{op: "CreateChat", write: true, repeatable: true, answer: func(done bool) (int, string) {
		if done {
			return 409, "CHAT_ALREADY_EXISTS"
		}
		return 201, ""
	}}
	sendsTakenChat      = step{op: "CreateChat", write: true, idle: true, repeatable: true, answer: says(409, "CHAT_ALREADY_EXISTS")}
	sendsGetChat        = step{op: "GetChat", repeatable: true, answer: says(200, "")}
	sendsGetCreatedChat = step{op: "GetChat", repeatable: true, answer: onceDone(200, "CHAT_NOT_FOUND")}
	sendsUpdateChat     = step{op: "UpdateChat", write: true, repeatable: true, answer: says(200, "")}
	sendsWalkChats      = step{op: "ListChats", repeatable: true, stream: true, list: true, answer: says(200, "")}
	sendsFindChat       = step{op: "ListChats", repeatable: true, stream: true, list: true, finds: true, answer: says(200, "")}
	sendsMessage        = step{op: "CreateMessage", write: true, answer: says(201, "")}
	sendsMessages       = step{op: "ListMessages", repeatable: true, answer: says(200, "")}
)

func createsChat(look step) func(*play) verdict {
	return func(p *play) verdict { return settled(p, sendsCreateChat, look, func() bool { return p.done }) }
}

// ensuresChat is EnsureChat: an existing chat is read, and a created one is read
// back.
func ensuresChat(create func(*play) verdict, look step) func(*play) verdict {
	return func(p *play) verdict {
		v := create(p)
		switch v.kind {
		case messembed.ErrAlreadyExists:
			return p.send(look)
		case nil:
			if back := p.send(look); back.kind != nil {
				back.attempts, back.maybe = v.attempts, true
				return back
			}
		}
		return v
	}
}

func takenChat(p *play) verdict {
	return settled(p, sendsTakenChat, sendsGetChat, func() bool { return false })
}

// walksFor walks all chats for those of a pair, which may have none.
func walksFor(p *play) verdict {
	v := p.send(sendsFindChat)
	if v.kind == nil && !p.done {
		v.kind = messembed.ErrNotFound
	}
	return v
}

// createsColonChat is CreateChat for ids that cannot be addressed as a pair.
func createsColonChat(p *play) verdict {
	v := p.send(sendsCreateChat)
	if v.kind != messembed.ErrAlreadyExists || !v.maybe {
		return v
	}
	found := walksFor(p)
	switch found.kind {
	case nil:
		return verdict{attempts: v.attempts}
	case messembed.ErrNotFound:
		v.maybe = false
		return v
	}
	found.attempts, found.maybe = v.attempts, true
	return found
}

func pair(a, b string) messembed.CreateChatParams {
	return messembed.CreateChatParams{
		FirstCompanionID: a, SecondCompanionID: b,
		ExternalMetadata: messembed.Metadata{"topic": canaryMetadata}, PrivateExternalMetadata: messembed.Metadata{"note": canaryMetadata},
	}
}

// chatCalls are the calls for chats.
func chatCalls() []*call {
	create := func(a, b string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) { return w.client.CreateChat(ctx, pair(a, b)) }
	}
	ensure := func(a, b string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) {
			c, created, err := w.client.EnsureChat(ctx, pair(a, b))
			return []any{c, created}, err
		}
	}
	lost := map[string]*fault{"CreateChat": lostAnswer}
	return []*call{
		{method: "CreateChat", target: "CreateChat", do: create(ada, bob), sends: createsChat(sendsGetCreatedChat)},
		{method: "CreateChat", when: "the pair has a chat", target: "CreateChat", world: withChats, do: create(bob, ada), sends: takenChat},
		{
			method: "CreateChat", when: "look-up after a lost response", target: "GetChat", do: create(ada, bob),
			before: lost, sends: createsChat(sendsGetCreatedChat),
		},
		{
			method: "CreateChat", when: "look-up after a lost response for ids with a colon", target: "ListChats", do: create(ada, carol),
			before: lost, sends: createsColonChat,
		},
		{
			method: "GetChatByCompanions", target: "GetChat", world: withChats, sends: one(sendsGetChat),
			do: func(ctx context.Context, w *world) (any, error) { return w.client.GetChatByCompanions(ctx, bob, ada) },
		},
		{method: "EnsureChat", when: "creating", target: "CreateChat", do: ensure(ada, bob), sends: ensuresChat(createsChat(sendsGetCreatedChat), sendsGetCreatedChat)},
		{method: "EnsureChat", when: "it exists", target: "CreateChat", world: withChats, do: ensure(ada, bob), sends: ensuresChat(takenChat, sendsGetChat)},
		{method: "EnsureChat", when: "reading the existing chat", target: "GetChat", world: withChats, do: ensure(ada, bob), sends: ensuresChat(takenChat, sendsGetChat)},
		{
			method: "EnsureChat", when: "finding the existing chat for ids with a colon", target: "ListChats", world: withChats, do: ensure(bob, carol),
			sends: ensuresChat(one(sendsTakenChat), sendsFindChat),
		},
		{
			method: "UpdateChat", target: "UpdateChat", world: withChats, sends: one(sendsUpdateChat),
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.UpdateChat(ctx, w.chatID, messembed.UpdateChatParams{ExternalMetadata: messembed.Metadata{"topic": canaryMetadata}})
			},
		},
		{
			method: "BlockChat", target: "UpdateChat", world: withChats, sends: one(sendsUpdateChat),
			do: func(ctx context.Context, w *world) (any, error) { return w.client.BlockChat(ctx, w.chatID) },
		},
		{
			method: "UnblockChat", target: "UpdateChat", world: func(w *world) {
				withChats(w)
				_, w.err = w.client.BlockChat(context.Background(), w.chatID)
			},
			sends: one(sendsUpdateChat), do: func(ctx context.Context, w *world) (any, error) { return w.client.UnblockChat(ctx, w.chatID) },
		},
		{
			method: "Chats", target: "ListChats", world: withChats, sends: one(sendsWalkChats),
			do: func(ctx context.Context, w *world) (any, error) { return all(w.client.Chats(ctx)) },
		},
	}
}

// messageCalls are the calls for messages.
func messageCalls() []*call {
	message := func(ctx context.Context, w *world) (any, error) {
		return w.client.CreateMessage(ctx, messembed.CreateMessageParams{
			ChatID: w.chatID, UserID: bob, Content: canaryMetadata, ExternalMetadata: messembed.Metadata{"k": canaryMetadata},
		})
	}
	messages := func(ctx context.Context, w *world) (any, error) {
		return all(w.client.Messages(ctx, messembed.ListMessagesParams{ChatID: w.chatID, Limit: 2}))
	}
	twoPages := func(p *play) verdict {
		if v := p.send(sendsMessages); v.kind != nil {
			return v
		}
		return p.send(sendsMessages)
	}
	return []*call{
		{method: "CreateMessage", target: "CreateMessage", world: withChat, do: message, sends: one(sendsMessage)},
		{method: "CreateMessage", when: "with client credentials", target: "CreateMessage", world: withChat, oauth: true, do: message, sends: one(sendsMessage)},
		{method: "CreateMessage", when: "requesting the token", target: "Token", oauth: true, world: withChat, do: message, sends: one(sendsMessage)},
		{
			method: "ListMessages", when: "of a chat", target: "ListMessages", world: withChat, sends: one(sendsMessages),
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: w.chatID, Before: canaryTime})
			},
		},
		{
			method: "ListMessages", when: "of all chats", target: "ListMessages", world: withChat, sends: one(sendsMessages),
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.ListMessages(ctx, messembed.ListMessagesParams{Before: canaryTime})
			},
		},
		{method: "Messages", when: "the first page", target: "ListMessages", world: withChat, do: messages, sends: twoPages},
		{method: "Messages", when: "the second page", target: "ListMessages", skip: 1, world: withChat, do: messages, sends: twoPages},
	}
}
