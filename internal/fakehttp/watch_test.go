package fakehttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

func get(t *testing.T, c *counter, path string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+path, http.NoBody)
	require.NoError(t, err)
	resp, err := c.RoundTrip(r)
	if err == nil {
		resp.Body.Close()
	}
}

func TestLog_times(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(t, fakehttp.Config{})
		began := time.Now()
		c.FailNext(fakeserver.Fault{Op: "Count", Delay: 2 * time.Second})
		answered := make(chan struct{})
		go func() {
			defer close(answered)
			get(t, c, "/count")
		}()
		synctest.Wait()

		changed, revision, oldest := c.Log(0)
		require.Len(t, changed, 1)
		assert.Equal(t, began, changed[0].Time)
		assert.Zero(t, changed[0].Duration)
		assert.False(t, changed[0].Ended)
		assert.Equal(t, 2*time.Second, changed[0].Fault.Delay)
		assert.Equal(t, 1, oldest)

		<-answered
		changed, later, _ := c.Log(revision)
		require.Len(t, changed, 1)
		assert.Equal(t, 2*time.Second, changed[0].Duration)
		assert.Equal(t, http.StatusOK, changed[0].Status)
		assert.True(t, changed[0].Ended)
		changed, _, _ = c.Log(later)
		assert.Empty(t, changed, "nothing since")
		assert.Equal(t, 2*time.Second, c.Requests()[0].Duration)
	})
}

// A request without a response ends too.
func TestLog_ends(t *testing.T) {
	for name, fault := range map[string]fakeserver.Fault{
		"reset": {Reset: true}, "lost": {Reset: true, AfterApply: true}, "cut": {Truncate: 1}, "refused": {Refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, c *counter, client *client) {
				c.FailNext(fault)
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, client.base+"/count", http.NoBody)
				require.NoError(t, err)
				client.do(r)
				eventually(t, c, func() bool {
					entries, _, _ := c.Log(0)
					if fault.Refuse {
						return len(entries) == 0
					}
					return len(entries) == 1 && entries[0].Ended && entries[0].Fault != nil
				})
			})
		})
	}
}

// eventually waits until the log satisfies the condition.
func eventually(t *testing.T, c *counter, isSo func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for {
		changed := c.Changed().Next()
		if isSo() {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			require.FailNow(t, "timed out")
		}
	}
}

func TestLog_ofAConnectionThatIsKept(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	base := c.URL()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	fmt.Fprint(conn, "GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	assert.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	entry, ok := c.Entry(1)
	require.True(t, ok)
	assert.Equal(t, http.StatusSwitchingProtocols, entry.Status)
	assert.False(t, entry.Ended)
	fmt.Fprint(conn, "bye\n")
	eventually(t, c, func() bool {
		entry, _ := c.Entry(1)
		return entry.Ended && entry.Duration > 0
	})
}

func TestLog_isLimited(t *testing.T) {
	c := newCounter(t, fakehttp.Config{LogLimit: 3})
	for range 5 {
		get(t, c, "/count")
	}
	changed, revision, oldest := c.Log(0)
	require.Len(t, changed, 3)
	assert.Equal(t, 3, oldest)
	assert.Equal(t, 5, changed[2].Number)
	_, ok := c.Entry(2)
	assert.False(t, ok)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.BaseURL()+"/add", strings.NewReader(strings.Repeat("x", 300<<10)))
	require.NoError(t, err)
	resp, err := c.RoundTrip(r)
	require.NoError(t, err)
	resp.Body.Close()
	entry, _ := c.Entry(6)
	assert.Len(t, entry.Body, 256<<10)

	c.ClearLog()
	changed, later, oldest := c.Log(0)
	assert.Empty(t, changed)
	assert.Greater(t, later, revision)
	assert.Equal(t, 7, oldest)
}

func TestDisarm(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	c.FailNext(fakeserver.Fault{Op: "Add", Reset: true})
	c.FailNext(fakeserver.Fault{Op: "Count", Status: 503})
	c.FailNext(fakeserver.Fault{Op: "Add", Status: 500})
	require.Len(t, c.PendingFaults(), 3)
	assert.Equal(t, 2, c.Disarm(func(f fakeserver.Fault) bool { return f.Op == "Add" }))
	assert.Equal(t, []fakeserver.Fault{{Op: "Count", Status: 503}}, c.PendingFaults())
	get(t, c, "/count")
	assert.Empty(t, c.PendingFaults())
}

func TestMount(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	c.Mount("/_page/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page "+r.URL.Path) }))
	c.FailNext(fakeserver.Fault{Reset: true})
	base := c.URL()
	rt := transport(t)
	for _, path := range []string{"/_page/", "/_page", "/_page/x?y"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
		require.NoError(t, err)
		answer := (&client{transport: rt}).do(r)
		assert.Contains(t, answer.body, "page /_page", path)
	}
	assert.Empty(t, c.Requests())
	assert.Len(t, c.PendingFaults(), 1)
	c.Disarm(func(fakeserver.Fault) bool { return true })
	for _, path := range []string{"/_pages", "/_PAGE/", "/%5fpage/", "/_page?x", "//_page/", "/x/../_page/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
		require.NoError(t, err)
		answer := (&client{transport: rt}).do(r)
		assert.Equal(t, path+"\n", answer.body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/_page/", http.NoBody)
	require.NoError(t, err)
	assert.Equal(t, "/_page/\n", (&client{transport: c}).do(r).body, "in memory there is only the fake")
}
