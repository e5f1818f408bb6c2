package fakehttp_test

import (
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// A fault that stalls on a fake from outside the bubble would stop the time.
func TestStall_inAnotherBubble(t *testing.T) {
	for name, fault := range map[string]fakeserver.Fault{
		"from the beginning": {Stall: true}, "after the work": {Stall: true, AfterApply: true}, "in the body": {Stall: true, Truncate: 1},
	} {
		t.Run(name, func(t *testing.T) {
			tb := &failing{}
			fake := fakehttp.New(fakehttp.Config{TB: tb, Package: "faketest", Host: "fake.test", Route: func(*http.Request) fakehttp.Operation {
				return fakehttp.Operation{Serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }}
			}})
			defer fake.Close()
			fake.FailNext(fault)
			synctest.Test(t, func(t *testing.T) {
				assert.True(t, fakehttp.InBubble())
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fake.BaseURL(), nil)
				require.NoError(t, err)
				resp, err := fake.RoundTrip(r)
				if fault.Truncate == 0 {
					require.ErrorIs(t, err, syscall.ECONNRESET)
					return
				}
				require.NoError(t, err)
				defer resp.Body.Close()
				_, err = io.ReadAll(resp.Body)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			})
			require.Len(t, tb.problems, 1)
			assert.True(t, strings.HasPrefix(tb.problems[0], "faketest: a fault that stalls"), tb.problems[0])
		})
	}
	assert.False(t, fakehttp.InBubble())
}

// A live connection waits for what the fake has: it does not begin.
func TestTakeover_inAnotherBubble(t *testing.T) {
	tb := &failing{}
	c := newCounter(t, fakehttp.Config{TB: tb})
	synctest.Test(t, func(t *testing.T) {
		client := &client{transport: c, base: c.BaseURL()}
		require.ErrorIs(t, client.do(client.request(t, http.MethodGet, "/live", "")).err, syscall.ECONNRESET)
		require.NoError(t, client.add(t).err, "what does not wait still works")
	})
	assert.Equal(t, []string{"countertest: a live connection in a testing/synctest bubble requires a fake that is made inside it"}, tb.problems)
}
