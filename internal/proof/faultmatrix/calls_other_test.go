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
