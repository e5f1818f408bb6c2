// Package fake holds what the fakes of the other services have in common, beyond
// internal/fakehttp, which knows of no client.
package fake

import (
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// NewClient makes a client of a fake with the New of the fake's platform. It works
// in memory and has very short pauses between attempts. The options are applied
// afterwards. A mistake in them fails the test.
func NewClient[Credentials any](
	tb fakeserver.TB, of *fakehttp.Server,
	platformNew func(baseURL string, cred Credentials, opts ...messembed.Option) (*messembed.Client, error), cred Credentials,
	opts []messembed.Option,
) *messembed.Client {
	tb.Helper()
	own := []messembed.Option{
		messembed.WithTransport(of),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}
	client, err := platformNew(of.BaseURL(), cred, append(own, opts...)...)
	of.Must(tb, "making a client", err)
	return client
}
