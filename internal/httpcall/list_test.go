package httpcall_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

const listTimeout = 5 * time.Minute

// wholeLists are a call that streams a list and one that reads it at once.
func wholeLists() []*httpcall.Call {
	streamed, read := listUsers(), listUsers()
	streamed.ListTimeout, read.ListTimeout, read.Stream, read.Op = listTimeout, listTimeout, false, "ListUsers"
	return []*httpcall.Call{within(30*time.Second, streamed), within(30*time.Second, read)}
}

// do carries out the call and reads its response whole.
func do(t *testing.T, client *httpcall.Client, call *httpcall.Call) (string, *httpcall.Failure) {
	t.Helper()
	got, failure := client.Do(t.Context(), call)
	if failure != nil || got.Stream == nil {
		return string(got.Body), failure
	}
	defer got.Stream.Close()
	body, _ := io.ReadAll(got.Stream)
	return string(body), got.Stream.Failure()
}

// A whole list is waited for as long as ListTimeout says, whatever the call's
// deadline, and after its first byte for as long as bytes come.
func TestList_takesItsTime(t *testing.T) {
	for _, call := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			service := scripted(status(503), after(listTimeout-time.Minute, func(r *http.Request) (*http.Response, error) {
				left := 60
				return (&body{Reader: readerFunc(func(p []byte) (int, error) {
					time.Sleep(9 * time.Second)
					if left--; left < 0 {
						return 0, io.EOF
					}
					return copy(p, "x"), nil
				})}).answer(200)(r)
			}))
			got, failure := do(t, newClient(t, service), wholeLists()[call])
			require.Nil(t, failure)
			assert.Len(t, got, 60)
			assert.Greater(t, time.Since(began), listTimeout+8*time.Minute)
		})
	}
}

// The service goes on preparing a list that nobody waits for any more: it is not
// asked to prepare another.
func TestList_thatTimedOutIsNotRequestedAgain(t *testing.T) {
	transportTimeout := after(time.Minute, fails(errTimeout{}))
	const slow = 999 * time.Millisecond
	nothingSlowly := (&body{Reader: readerFunc(func([]byte) (int, error) { // whatever the context
		time.Sleep(slow)
		return 0, nil
	})}).answer(200)
	for name, test := range map[string]struct {
		service transport
		takes   time.Duration
		text    string
	}{
		"no byte":                    {stalls, listTimeout, "timed out waiting for the service"},
		"silence in the middle":      {thenSilent(200, "{"), 10 * time.Second, "the service stopped sending in the middle of its response"},
		"reads that yield nothing":   {nothingSlowly, 11 * slow, "the service stopped sending in the middle of its response"},
		"a timeout of the transport": {transportTimeout, time.Minute, "no header in time"},
	} {
		for _, call := range []int{0, 1} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					service, began := scripted(test.service), time.Now()
					_, failure := do(t, newClient(t, service), wholeLists()[call])
					require.NotNil(t, failure)
					require.EqualError(t, failure.Err, test.text)
					assert.Equal(t, test.takes, time.Since(began))
					assert.Equal(t, 1, service.sent())
				})
			})
		}
	}
}

// Time that an earlier attempt took is missing at the end, and is no other reason.
func TestList_timesOutLater(t *testing.T) {
	for _, call := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			service, began := scripted(after(time.Minute, status(503)), stalls), time.Now()
			_, failure := do(t, newClient(t, service), wholeLists()[call])
			require.NotNil(t, failure)
			require.EqualError(t, failure.Err, "timed out waiting for the service")
			assert.Equal(t, listTimeout, time.Since(began))
			assert.Equal(t, 2, service.sent())
		})
	}
}

type errTimeout struct{}

func (errTimeout) Error() string { return "no header in time" }
func (errTimeout) Timeout() bool { return true }

// What says so itself, or breaks, is requested again as any other read.
func TestList_isRetried(t *testing.T) {
	for name, service := range map[string]transport{"408": status(408), "504": status(504), "reset": fails(errReset)} {
		for _, call := range []int{0, 1} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					got, failure := do(t, newClient(t, scripted(service, answer(200, "list"))), wholeLists()[call])
					require.Nil(t, failure)
					assert.Equal(t, "list", got)
				})
			})
		}
	}
}

func TestList_endsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, failure := newClient(t, transport(stalls)).Do(ctx, wholeLists()[1])
		assert.True(t, errors.Is(failure.Err, context.DeadlineExceeded))
	})
}
