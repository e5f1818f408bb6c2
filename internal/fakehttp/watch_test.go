package fakehttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
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

// entries returns what the log holds, the newest first.
func entries(c *counter) (logged []fakeserver.LoggedRequest) {
	for e := range c.Log() {
		logged = append(logged, *e)
	}
	return logged
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

		arrived := entries(c)
		count, revision := c.LogCount()
		require.Len(t, arrived, 1)
		assert.Equal(t, 1, count)
		assert.Equal(t, began, arrived[0].Time)
		assert.Zero(t, arrived[0].Duration)
		assert.False(t, arrived[0].Ended)
		assert.Equal(t, 2*time.Second, arrived[0].Fault.Delay)

		<-answered
		_, later := c.LogCount()
		assert.NotEqual(t, revision, later)
		ended := entries(c)
		require.Len(t, ended, 1)
		assert.Equal(t, 2*time.Second, ended[0].Duration)
		assert.Equal(t, http.StatusOK, ended[0].Status)
		assert.True(t, ended[0].Ended)
		assert.False(t, arrived[0].Ended, "an entry is a copy")
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
					logged := entries(c)
					if fault.Refuse {
						return len(logged) == 0
					}
					return len(logged) == 1 && logged[0].Ended && logged[0].Fault != nil
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
	kept := entries(c)
	require.Len(t, kept, 3)
	assert.Equal(t, 5, kept[0].Number, "the newest first")
	assert.Equal(t, 3, kept[2].Number)
	for _, number := range []int{-1, 0, 2, 6} {
		_, ok := c.Entry(number)
		assert.False(t, ok, number)
	}

	post(t, c, strings.Repeat("x", 300<<10))
	entry, _ := c.Entry(6)
	assert.Len(t, entry.Body, 256<<10)

	_, revision := c.LogCount()
	c.ClearLog()
	count, later := c.LogCount()
	assert.Zero(t, count)
	assert.NotEqual(t, revision, later)
	assert.Empty(t, entries(c))
	get(t, c, "/count")
	entry, _ = c.Entry(7)
	assert.Equal(t, 7, entry.Number, "no number is used again")
}

func post(t *testing.T, c *counter, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.BaseURL()+"/add", strings.NewReader(body))
	require.NoError(t, err)
	resp, err := c.RoundTrip(r)
	require.NoError(t, err)
	resp.Body.Close()
}

// A log is read in parts, and the reader may leave at any of them.
func TestLog_inParts(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	const many = 1000
	for range many {
		get(t, c, "/count")
	}
	for i, e := range entries(c) {
		require.Equal(t, many-i, e.Number)
	}
	seen := 0
	for range c.Log() {
		if seen++; seen == 300 {
			break
		}
		get(t, c, "/count")
	}
	assert.Equal(t, 300, seen)
}

// A log with a limit keeps the responses as they were sent, without credentials.
func TestLog_answers(t *testing.T) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c := newCounter(t, fakehttp.Config{LogLimit: 100})
			rt, base := way.open(t, c)
			client := &client{transport: rt, base: base}
			c.FailNext(fakeserver.Fault{Header: http.Header{"Set-Cookie": {"canary"}, "X-Seen": {"yes"}}})
			client.add(t)
			c.FailNext(fakeserver.Fault{Status: 503, Body: strings.Repeat("x", 100<<10), RetryAfter: "7"})
			client.do(client.request(t, http.MethodGet, "/count", ""))
			client.do(client.request(t, http.MethodHead, "/count", ""))
			c.FailNext(fakeserver.Fault{Reset: true, AfterApply: true})
			client.add(t)
			client.do(client.request(t, http.MethodPost, "/token", "canary"))
			client.do(client.request(t, http.MethodGet, "/live", ""))

			answers := entries(c)
			require.Len(t, answers, 6)
			for _, e := range answers {
				assert.NotContains(t, fmt.Sprint(e.AnswerHeader)+string(e.AnswerBody), "canary")
			}
			live, secret, lost, head, failed, added := answers[0], answers[1], answers[2], answers[3], answers[4], answers[5]
			assert.Equal(t, countAnswer, string(added.AnswerBody))
			assert.Equal(t, len(countAnswer), added.AnswerSize)
			assert.Equal(t, "yes", added.AnswerHeader.Get("X-Seen"))
			assert.Equal(t, strconv.Itoa(len(countAnswer)), added.AnswerHeader.Get("Content-Length"))
			assert.Len(t, failed.AnswerBody, 64<<10)
			assert.Equal(t, 100<<10, failed.AnswerSize)
			assert.Equal(t, "7", failed.AnswerHeader.Get("Retry-After"))
			assert.NotNil(t, head.AnswerHeader)
			assert.Empty(t, head.AnswerBody)
			assert.Nil(t, lost.AnswerHeader)
			assert.Empty(t, secret.AnswerBody)
			assert.Equal(t, len("canary"), secret.AnswerSize)
			assert.NotNil(t, live.AnswerHeader)
			assert.Empty(t, live.AnswerBody)
		})
	}
}

// pending returns all faults that the next requests can meet.
func pending(c *counter) []fakeserver.Fault {
	next, standing := c.PendingFaults()
	return append(next, standing...)
}

func TestDisarm(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	c.FailNext(fakeserver.Fault{Op: "Add", Reset: true})
	c.FailNext(fakeserver.Fault{Op: "Count", Status: 503})
	c.FailNext(fakeserver.Fault{Op: "Add", Status: 500})
	require.Len(t, pending(c), 3)
	assert.Equal(t, 2, c.Disarm(func(f fakeserver.Fault, _ bool) bool { return f.Op == "Add" }))
	assert.Equal(t, []fakeserver.Fault{{Op: "Count", Status: 503}}, pending(c))
	get(t, c, "/count")
	assert.Empty(t, pending(c))

	c.FailNext(fakeserver.Fault{Op: "Add", Status: 500})
	c.Fail(fakeserver.Fault{Op: "Add", Status: 500})
	assert.Equal(t, 1, c.Disarm(func(_ fakeserver.Fault, standing bool) bool { return standing }))
	next, standing := c.PendingFaults()
	assert.Len(t, next, 1)
	assert.Empty(t, standing)

	assert.Zero(t, c.RandomShare())
	changed := c.Changed().Next()
	c.FailRandomly(0.25, 1)
	<-changed
	assert.Equal(t, 0.25, c.RandomShare())
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
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/", http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	resp, err := rt.RoundTrip(r)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusFound, resp.StatusCode, "a browser is led to the page")
	assert.Equal(t, "/_page/", resp.Header.Get("Location"))
	assert.Empty(t, c.Requests())
	assert.Len(t, pending(c), 1)
	c.Disarm(func(fakeserver.Fault, bool) bool { return true })
	for _, path := range []string{"/", "/_pages", "/_PAGE/", "/%5fpage/", "/_page?x", "//_page/", "/x/../_page/"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, http.NoBody)
		require.NoError(t, err)
		answer := (&client{transport: rt}).do(r)
		assert.Equal(t, path+"\n", answer.body)
	}
	r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, c.BaseURL()+"/_page/", http.NoBody)
	require.NoError(t, err)
	assert.Equal(t, "/_page/\n", (&client{transport: c}).do(r).body, "in memory there is only the fake")
}
