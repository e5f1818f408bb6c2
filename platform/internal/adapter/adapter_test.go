package adapter_test

import (
	"context"
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// platform passes its call to a test.
type platform struct {
	messembed.Platform
	ping func(context.Context, *messembed.Call) error
}

func (p platform) Ping(ctx context.Context, call *messembed.Call) error { return p.ping(ctx, call) }

// called runs a call and returns its error.
func called(t *testing.T, ping func(context.Context, *messembed.Call) error) error {
	t.Helper()
	client := messembedtest.New(t).Client(t, messembed.WithPlatform(platform{ping: ping}))
	return client.Ping(t.Context())
}
