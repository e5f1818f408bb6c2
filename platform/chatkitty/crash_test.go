package chatkitty_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
)

type breaking struct{ next http.RoundTripper }

func (b breaking) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet {
		panic("broken")
	}
	return b.next.RoundTrip(r)
}

// A transport that panics in a reader of the watch panics in the caller's goroutine.
func TestWatchPresence_transportPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := chatkittytest.New(t)
		client := fake.Client(t, messembed.WithTransport(breaking{fake}))
		assert.PanicsWithValue(t, "broken", func() {
			for range client.WatchPresence(t.Context(), []string{"1", "2", "3"}) {
				t.Error("nothing can be read")
			}
		})
	})
}
