package fakehttp_test

import (
	"io"
	"net/http"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A connection broken by a Takeover looks to the client like a network failure, even if the
// connection repairs request lines.
func TestSever(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		_, err := client.upgrade(t, "sever")
		if client.base == c.BaseURL() {
			require.ErrorIs(t, err, io.EOF, "a pipe has no reset")
			return
		}
		require.ErrorIs(t, err, syscall.ECONNRESET)
	})
}

func TestBreak(t *testing.T) {
	everyWay(t, func(t *testing.T, _ *counter, client *client) {
		r := client.request(t, http.MethodGet, "/live", "")
		r.Header.Set("Break", "1")
		require.ErrorIs(t, client.do(r).err, syscall.ECONNRESET)
	})
}
