package httpcall_test

import (
	"net"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// blackHole returns an address whose SYNs nobody answers: those of a listener that
// accepts nothing and whose queue is full.
func blackHole(t *testing.T) (addr string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Close(fd) })
	require.NoError(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	require.NoError(t, syscall.Listen(fd, 0))
	bound, err := syscall.Getsockname(fd)
	require.NoError(t, err)
	addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(bound.(*syscall.SockaddrInet4).Port))
	for range 16 {
		conn, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
		if err != nil {
			return addr
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("this machine answers whatever the queue holds")
	return ""
}

// A dial that nobody answers ends with its time: net/http does not end it with the
// request.
func TestNewTransport_blackHole(t *testing.T) {
	const timeout = 100 * time.Millisecond
	for _, scheme := range []string{"http", "https"} {
		client := clientFor(t, scheme+"://"+blackHole(t), httpcall.NewTransport(64, timeout), attempts(1),
			func(c *httpcall.Config) { c.AttemptTimeout = timeout })
		before := runtime.NumGoroutine()
		var calls sync.WaitGroup
		for range 20 {
			calls.Go(func() {
				_, failure := client.Do(t.Context(), createMessage())
				if assert.NotNil(t, failure) {
					assert.False(t, failure.MaybeApplied, "%v", failure.Err)
				}
			})
		}
		calls.Wait()
		const ofEventually = 2 // goroutines
		assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+ofEventually }, 10*time.Second, 10*time.Millisecond)
	}
}
