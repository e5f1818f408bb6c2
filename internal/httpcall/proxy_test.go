package httpcall_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// A proxy that accepts connections, takes whatever it is sent and never answers
// keeps no call beyond its time, and nothing of it afterwards.
func TestNewTransport_silentProxy(t *testing.T) {
	const timeout = 200 * time.Millisecond
	tests := []struct {
		name, proxy, service string
		maybeApplied         bool
	}{
		{"CONNECT", "http", "https://chat.example.com", false},
		{"CONNECT within TLS", "https", "https://chat.example.com", false},
		{"plain HTTP", "http", "http://chat.example.com", true}, // the request itself is what the proxy got
		{"SOCKS 5", "socks5", "https://chat.example.com", false},
		{"SOCKS 5, plain HTTP", "socks5h", "http://chat.example.com", false},
	}
	before := runtime.NumGoroutine()
	var open atomic.Int32 // connections
	silent := func(t *testing.T, proxy, service string, maybeApplied bool) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close()
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				open.Add(1)
				go func() {
					_, _ = io.Copy(io.Discard, conn) // until the client closes it
					conn.Close()
					open.Add(-1)
				}()
			}
		}()
		rt := httpcall.NewTransport(64, timeout)
		rt.Proxy = http.ProxyURL(&url.URL{Scheme: proxy, Host: listener.Addr().String()})
		client := clientFor(t, service, rt, func(c *httpcall.Config) { c.AttemptTimeout = timeout })
		var calls sync.WaitGroup
		for range 10 {
			calls.Go(func() {
				began := time.Now()
				_, failure := client.Do(t.Context(), within(2*timeout, createMessage()))
				if assert.NotNil(t, failure) {
					assert.Equal(t, maybeApplied, failure.MaybeApplied, "%v", failure.Err)
				}
				assert.Less(t, time.Since(began), 20*timeout)
			})
		}
		calls.Wait()
	}
	t.Run("calls", func(t *testing.T) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				silent(t, test.proxy, test.service, test.maybeApplied)
			})
		}
	})
	const ofEventually = 2 // goroutines
	assert.Eventually(t, func() bool { return open.Load() == 0 && runtime.NumGoroutine() <= before+ofEventually }, 10*time.Second, 10*time.Millisecond)
}
