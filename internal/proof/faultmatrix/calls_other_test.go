package faultmatrix_test

import (
	"context"

	messembed "github.com/messembed/messembed-go"
)

// credentialsCalls check the credentials.
func credentialsCalls() []*call {
	return []*call{{
		method: "CheckCredentials", target: "ListMessages", sends: one(sendsMessages),
		do: func(ctx context.Context, w *world) (any, error) { return nil, w.client.CheckCredentials(ctx) },
	}}
}

// asItCame is a request whose response nobody interprets.
func asItCame(st step) step {
	st.accepts, st.asItCame = func(b body) bool { return b != tooLarge }, true
	return st
}

// doCalls send what the client has no method for, by two operations that it has.
func doCalls() []*call {
	do := func(op messembed.Operation, r func(*world) messembed.Request) func(context.Context, *world) (any, error) {
		op.Name = "Do"
		return func(ctx context.Context, w *world) (any, error) {
			answer, err := w.client.Do(ctx, op, r(w))
			return len(answer.Body) > 0, err
		}
	}
	return []*call{
		{
			method: "Do", when: "a read", target: "GetUser", sends: one(asItCame(sendsGet)),
			do: do(messembed.Operation{Method: "GET", Route: "users/{id}", Repeatable: true}, func(*world) messembed.Request {
				return messembed.Request{Args: []string{ada}}
			}),
		},
		{
			method: "Do", when: "a write", target: "CreateMessage", world: withChats, sends: one(asItCame(sendsMessage)),
			do: do(messembed.Operation{Method: "POST", Route: "admin-api/chats/{id}/messages", Write: true}, func(w *world) messembed.Request {
				return messembed.Request{Args: []string{w.chatID}, Body: map[string]any{"userId": ada, "content": canaryMetadata}}
			}),
		},
	}
}

// unsupportedCalls are the operations that Messembed does not have: nothing is sent, so that no
// fault can matter.
func unsupportedCalls() []*call {
	unsupported := func(*play) verdict { return verdict{kind: messembed.ErrUnsupported} }
	return []*call{
		{
			method: "SetUserPicture", target: "none", sends: unsupported,
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.SetUserPicture(ctx, ada, messembed.Picture{URL: "https://example.com/ada.png"})
			},
		},
		{
			method: "GetPresence", target: "none", sends: unsupported,
			do: func(ctx context.Context, w *world) (any, error) { return w.client.GetPresence(ctx, ada) },
		},
		{
			method: "SetPresence", target: "none", sends: unsupported,
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.SetPresence(ctx, ada, messembed.SetPresenceParams{Status: messembed.PresenceAway})
			},
		},
		{
			method: "WatchPresence", target: "none", sends: unsupported,
			do: func(ctx context.Context, w *world) (any, error) {
				return all(w.client.WatchPresence(ctx, []string{ada}))
			},
		},
	}
}
