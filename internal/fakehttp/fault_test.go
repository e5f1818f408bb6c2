package fakehttp_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

func TestFault(t *testing.T) {
	tests := []struct {
		name   string
		fault  fakeserver.Fault
		status int    // 0: no response
		body   string // the part that arrives
		cut    bool   // the body is incomplete
		error  []error
		header http.Header
		added  int64
	}{
		{name: "none", status: 201, body: countAnswer, added: 1},
		{name: "status", fault: fakeserver.Fault{Status: 503, Body: `{"down":true}`}, status: 503, body: `{"down":true}`,
			header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}},
		{name: "status with a page", fault: fakeserver.Fault{Status: 502, Body: "<html>"}, status: 502, body: "<html>",
			header: http.Header{"Content-Type": {"text/html; charset=utf-8"}}},
		{name: "status with a content type", fault: fakeserver.Fault{Status: 200, Body: "x", ContentType: "text/plain"}, status: 200, body: "x",
			header: http.Header{"Content-Type": {"text/plain"}}},
		{name: "status after the work", fault: fakeserver.Fault{Status: 504, AfterApply: true}, status: 504, added: 1},
		{name: "retry-after", fault: fakeserver.Fault{Status: 429, RetryAfter: "7"}, status: 429, header: http.Header{"Retry-After": {"7"}}},
		{name: "header on the operation's answer", fault: fakeserver.Fault{Header: http.Header{"X-Proxy": {"a", "b"}}}, status: 201, body: countAnswer,
			header: http.Header{"X-Proxy": {"a", "b"}, "X-Count": {"1"}}, added: 1},
		{name: "redirect", fault: fakeserver.Fault{Status: 307, Header: http.Header{"Location": {"https://elsewhere.test/"}}}, status: 307,
			header: http.Header{"Location": {"https://elsewhere.test/"}}},
		{name: "no content", fault: fakeserver.Fault{Status: 204, Body: "lost"}, status: 204},
		{name: "delay", fault: fakeserver.Fault{Delay: soon}, status: 201, body: countAnswer, added: 1},
		{name: "delay after the work", fault: fakeserver.Fault{Delay: soon, AfterApply: true}, status: 201, body: countAnswer, added: 1},
		{name: "refuse", fault: fakeserver.Fault{Refuse: true, AfterApply: true, Delay: soon}, error: []error{syscall.ECONNREFUSED, syscall.ECONNRESET, io.EOF}},
		{name: "reset", fault: fakeserver.Fault{Reset: true}, error: []error{syscall.ECONNRESET, io.EOF}},
		{name: "reset after the work", fault: fakeserver.Fault{Reset: true, AfterApply: true}, error: []error{syscall.ECONNRESET, io.EOF}, added: 1},
		{name: "truncate", fault: fakeserver.Fault{Truncate: 5}, status: 201, body: countAnswer[:5], cut: true, added: 1},
		{name: "truncate to the head", fault: fakeserver.Fault{Truncate: -1}, status: 201, cut: true, added: 1},
		{name: "truncate beyond the end", fault: fakeserver.Fault{Truncate: 1000}, status: 201, body: countAnswer, added: 1},
		{name: "truncate another answer", fault: fakeserver.Fault{Status: 500, Body: "broken", Truncate: 3}, status: 500, body: "bro", cut: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			everyWay(t, func(t *testing.T, c *counter, client *client) {
				c.FailNext(test.fault)

				got := client.add(t)

				assert.Equal(t, test.status, got.status)
				assert.Equal(t, test.body, got.body)
				assert.Equal(t, test.added, c.added.Load())
				for name, values := range test.header {
					assert.Equal(t, values, got.header[name], name)
				}
				switch {
				case test.error != nil:
					assertOneOf(t, got.err, test.error)
				case test.cut:
					require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
					assert.Greater(t, got.length, int64(len(test.body)), "the header announces the whole body")
				default:
					require.NoError(t, got.err)
				}
				assert.Equal(t, 201, client.add(t).status, "each fault is used once")
			})
		})
	}
}

func assertOneOf(t *testing.T, err error, wanted []error) {
	t.Helper()
	for _, want := range wanted {
		if errors.Is(err, want) {
			return
		}
	}
	t.Errorf("error is %v", err)
}

func TestFault_stall(t *testing.T) {
	tests := []struct {
		name   string
		fault  fakeserver.Fault
		status int
		body   string
		added  int64
	}{
		{"nothing comes", fakeserver.Fault{Stall: true}, 0, "", 0},
		{"nothing comes after the work", fakeserver.Fault{Stall: true, AfterApply: true}, 0, "", 1},
		{"the head comes", fakeserver.Fault{Stall: true, Truncate: -1}, 201, "", 1},
		{"some bytes come", fakeserver.Fault{Stall: true, Truncate: 4}, 201, countAnswer[:4], 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, c *counter, client *client) {
				t.Parallel()
				c.FailNext(test.fault)
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()

				got := client.do(client.request(t, http.MethodPost, "/add", "1").WithContext(ctx))

				require.ErrorIs(t, got.err, context.DeadlineExceeded)
				assert.Equal(t, test.status, got.status)
				assert.Equal(t, test.body, got.body)
				assert.Equal(t, test.added, c.added.Load())
			})
		})
	}
}

// In memory a wait ends with the caller's context, and takes no time of the
// bubble that the test does not see.
func TestFault_inBubble(t *testing.T) {
	inBubble := func(t *testing.T, f fakeserver.Fault, test func(t *testing.T, c *counter, client *client)) {
		synctest.Test(t, func(t *testing.T) {
			c := newCounter(t, fakehttp.Config{})
			c.FailNext(f)
			test(t, c, &client{transport: c, base: c.BaseURL()})
		})
	}
	t.Run("a delay passes", func(t *testing.T) {
		inBubble(t, fakeserver.Fault{Delay: time.Hour}, func(t *testing.T, _ *counter, client *client) {
			start := time.Now()
			assert.Equal(t, 201, client.add(t).status)
			assert.Equal(t, time.Hour, time.Since(start))
		})
	})
	t.Run("a delay before the work leaves it undone", func(t *testing.T) {
		inBubble(t, fakeserver.Fault{Delay: time.Hour}, func(t *testing.T, c *counter, client *client) {
			ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errBoom)
			defer cancel()
			start := time.Now()
			got := client.do(client.request(t, http.MethodPost, "/add", "").WithContext(ctx))
			require.ErrorIs(t, got.err, errBoom)
			assert.Equal(t, time.Minute, time.Since(start))
			assert.Zero(t, c.added.Load())
		})
	})
	t.Run("a delay after the work loses the answer", func(t *testing.T) {
		inBubble(t, fakeserver.Fault{Delay: time.Hour, AfterApply: true}, func(t *testing.T, c *counter, client *client) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			got := client.do(client.request(t, http.MethodPost, "/add", "").WithContext(ctx))
			require.ErrorIs(t, got.err, context.DeadlineExceeded)
			assert.EqualValues(t, 1, c.added.Load())
		})
	})
	t.Run("a stalled body ends with the context", func(t *testing.T) {
		inBubble(t, fakeserver.Fault{Stall: true, Truncate: 3}, func(t *testing.T, _ *counter, client *client) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			start := time.Now()
			got := client.do(client.request(t, http.MethodPost, "/add", "").WithContext(ctx))
			require.ErrorIs(t, got.err, context.DeadlineExceeded)
			assert.Equal(t, countAnswer[:3], got.body)
			assert.Equal(t, time.Minute, time.Since(start))
		})
	})
	t.Run("a closed fake breaks what stalls", func(t *testing.T) {
		inBubble(t, fakeserver.Fault{Stall: true}, func(t *testing.T, c *counter, client *client) {
			time.AfterFunc(time.Second, c.Close)
			require.ErrorIs(t, client.add(t).err, syscall.ECONNRESET)
		})
	})
}

func TestFailNext_queue(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		c.FailNext(fakeserver.Fault{Op: "Count", Status: 500})
		c.FailNext(fakeserver.Fault{Status: 501})
		c.FailNext(fakeserver.Fault{Op: "Add", Status: 502})
		count := func() int { return client.do(client.request(t, http.MethodGet, "/count", "")).status }

		assert.Equal(t, 501, client.add(t).status, "the first one that matches")
		assert.Equal(t, 502, client.add(t).status)
		assert.Equal(t, 201, client.add(t).status)
		assert.Equal(t, 500, count())
		assert.Equal(t, 200, count())
	})
}

// A method without an operation of its own stands for what it sends. A fault
// for an unknown name would never be used, so the test that sets it is wrong.
func TestFailNext_names(t *testing.T) {
	tb := &failing{}
	c := newCounter(t, fakehttp.Config{TB: tb, SentAs: map[string]string{"AddAll": "Add"}})
	client := &client{transport: c, base: c.BaseURL()}
	c.FailNext(fakeserver.Fault{Op: "AddAll", Status: 503})
	assert.Equal(t, 503, client.add(t).status)
	c.FailRandomly(1, 1, fakeserver.Fault{Op: "AddAll", Status: 502})
	assert.Equal(t, 502, client.add(t).status)
	assert.Empty(t, tb.problems)

	c.FailNext(fakeserver.Fault{Op: "add", Status: 503})
	c.FailRandomly(1, 1, fakeserver.Fault{Op: "Add"}, fakeserver.Fault{Op: "Adds"})
	assert.Equal(t, []string{
		`countertest: Fault: "add" is not an operation of the fake`, `countertest: Fault: "Adds" is not an operation of the fake`,
	}, tb.problems)
}

// An impossible fault would never be used, and the test would pass without testing anything.
func TestFault_nonsense(t *testing.T) {
	for want, f := range map[string]fakeserver.Fault{
		"Status must be from 200 to 999, not 99":                {Status: 99},
		"Status must be from 200 to 999, not 100":               {Status: 100},
		"Status must be from 200 to 999, not 1000":              {Status: 1000},
		"Status must be from 200 to 999, not -1":                {Status: -1},
		"Delay must not be negative, but is -1ns":               {Delay: -1},
		"Truncate must be at least -1, not -2":                  {Truncate: -2},
		"at most one of Refuse, Reset and Stall may be set":     {Refuse: true, Stall: true},
		"Body and ContentType require a Status":                 {Body: "x", Reset: true},
		"at most one of Refuse, Reset and Stall may be set\x00": {Reset: true, Stall: true, Truncate: 1},
	} {
		tb := &failing{}
		c := newCounter(t, fakehttp.Config{TB: tb})
		c.FailNext(f)
		c.FailRandomly(1, 1, f)
		problem := "countertest: Fault: " + strings.TrimSuffix(want, "\x00")
		assert.Equal(t, []string{problem, problem}, tb.problems)
	}
	tb := &failing{}
	c := newCounter(t, fakehttp.Config{TB: tb})
	for _, f := range []fakeserver.Fault{
		{}, {Status: 200}, {Status: 999}, {Status: 503, RetryAfter: "x", Reset: true}, {Refuse: true, AfterApply: true}, {Reset: true, Truncate: -1},
	} {
		c.FailNext(f)
	}
	c.FailRandomly(0, 1)
	c.FailRandomly(1, 1)
	assert.Empty(t, tb.problems)
	for _, share := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		c.FailRandomly(share, 1)
	}
	assert.Len(t, tb.problems, 4)
	assert.Equal(t, "countertest: FailRandomly: share must be between 0 and 1, not -0.1", tb.problems[0])
}

// A service can add its own wording to faults that have none, including random ones.
func TestFault_dressed(t *testing.T) {
	c := newCounter(t, fakehttp.Config{Dress: func(f fakeserver.Fault) fakeserver.Fault {
		if f.Status != 0 && f.Body == "" {
			f.Body = "own words"
		}
		return f
	}})
	client := &client{transport: c, base: c.BaseURL()}
	c.FailNext(fakeserver.Fault{Status: 500})
	assert.Equal(t, "own words", client.add(t).body)
	c.FailNext(fakeserver.Fault{Status: 500, Body: "others"})
	assert.Equal(t, "others", client.add(t).body)
	c.FailRandomly(1, 1)
	seen := map[int]bool{}
	for range 100 {
		if got := client.add(t); got.status >= 500 {
			seen[got.status] = true
			assert.Equal(t, "own words", got.body, got.status)
		}
	}
	assert.Equal(t, map[int]bool{500: true, 502: true, 503: true}, seen)
}

func TestFailRandomly(t *testing.T) {
	statuses := func(seed uint64, share float64, faults ...fakeserver.Fault) (failed int, all []int) {
		c := newCounter(t, fakehttp.Config{})
		c.FailRandomly(share, seed, faults...)
		client := &client{transport: c, base: c.BaseURL()}
		for range 1000 {
			status := client.add(t).status
			all = append(all, status)
			if status != 201 {
				failed++
			}
		}
		return failed, all
	}
	down := []fakeserver.Fault{{Op: "Add", Status: 503}, {Op: "Count", Status: 502}}

	failed, first := statuses(1, 0.3, down...)
	assert.InDelta(t, 300, failed, 60)
	assert.NotContains(t, first, 502, "that fault is for another operation")
	_, again := statuses(1, 0.3, down...)
	assert.Equal(t, first, again, "the same seed gives the same order of failures")
	_, other := statuses(2, 0.3, down...)
	assert.NotEqual(t, first, other)

	failed, _ = statuses(1, 1, down...)
	assert.Equal(t, 1000, failed)
	failed, _ = statuses(1, 0, down...)
	assert.Zero(t, failed)
	_, mixed := statuses(1, 0.5)
	for _, want := range []int{0, 201, 500, 502, 503} {
		assert.Contains(t, mixed, want)
	}
}
