package messembedtest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest"
)

// TestWire covers upgrades over a socket.
func TestUpgrade_ofSomethingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.BaseURL()+"/ping", nil)
		require.NoError(t, err)
		r.Header = http.Header{"Connection": {"keep-alive, Upgrade"}, "Upgrade": {"websocket"}}
		start := time.Now()

		_, err = fake.RoundTrip(r)

		require.Error(t, err)
		assert.Equal(t, time.Second, time.Since(start))
		log := fake.Requests()
		require.Len(t, log, 1)
		assert.Equal(t, "Ping", log[0].Op)
		assert.Zero(t, log[0].Status)
	})
}
