package fakehttp_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

func TestFail_untilStopped(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		stop := c.Fail(fakeserver.Fault{Op: "Add", Status: 503})
		stopOther := c.Fail(fakeserver.Fault{Op: "Add", Status: 502})
		for range 3 {
			assert.Equal(t, 503, client.add(t).status)
		}
		c.FailNext(fakeserver.Fault{Status: 500})
		assert.Equal(t, 500, client.add(t).status, "queued ones come first")
		assert.Equal(t, 503, client.add(t).status)
		assert.Equal(t, 200, client.do(client.request(t, http.MethodGet, "/count", "")).status)

		stop()
		stop()
		assert.Equal(t, 502, client.add(t).status)
		stopOther()
		assert.Equal(t, 201, client.add(t).status)
	})
}

// A Match sees what the log shows, and may ask the fake.
func TestFault_match(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		var seen []fakeserver.Request
		ofAda := func(r fakeserver.Request) bool {
			seen = append(seen, r)
			return strings.Contains(string(r.Body), "ada") && len(c.Requests()) > 0
		}
		send := func(body string) int {
			r := client.request(t, http.MethodPost, "/add?token=secret&a=1", body)
			r.Header.Set("Authorization", "secret")
			return client.do(r).status
		}
		c.FailNext(fakeserver.Fault{Op: "Add", Status: 500, Match: ofAda})
		stop := c.Fail(fakeserver.Fault{Op: "Count", Status: 501, Match: ofAda})

		assert.Equal(t, 201, send("ada"), "the first request of all")
		assert.Equal(t, 201, send("grace"))
		assert.Equal(t, 500, send("ada"))
		assert.Equal(t, 201, send("ada"), "it is used up")
		require.Len(t, seen, 3)
		assert.Equal(t, "Add", seen[2].Op)
		assert.Equal(t, "ada", string(seen[2].Body))
		assert.Equal(t, "token=&a=1", seen[2].Query)
		assert.Zero(t, seen[2].Status)
		assert.NotContains(t, seen[2].Header, "Authorization")

		stop()
		c.FailRandomly(1, 1, fakeserver.Fault{Status: 502, Match: ofAda})
		assert.Equal(t, 502, send("ada"))
		assert.Equal(t, 201, send("grace"))
	})
}

// Without a log too, and without the body of a request whose body is credentials.
func TestFault_matchWithoutLog(t *testing.T) {
	c := newCounter(t, fakehttp.Config{LogLimit: -1})
	client := &client{transport: c, base: c.BaseURL()}
	var bodies []string
	c.FailNext(fakeserver.Fault{Match: func(r fakeserver.Request) bool {
		bodies = append(bodies, string(r.Body))
		return r.Op == "Add"
	}, Refuse: true})
	client.do(client.request(t, http.MethodPost, "/token", "client_secret=secret"))
	require.Error(t, client.add(t).err)
	assert.Equal(t, []string{"", "1"}, bodies)
	assert.Empty(t, c.Requests())
}

// Of many requests that match a fault at once, one meets it.
func TestFault_matchConcurrently(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	client := &client{transport: c, base: c.BaseURL()}
	for range 10 {
		c.FailNext(fakeserver.Fault{Status: 500, Match: func(fakeserver.Request) bool { return true }})
	}
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() { client.add(t) })
	}
	all.Wait()
	assert.EqualValues(t, 30, c.added.Load())
	assert.Empty(t, pending(c))
}

// A test is a TB whose end the test decides.
type endingTest struct {
	failing
	cleanups []func()
	failed   bool
	logged   []string
}

func (e *endingTest) Cleanup(f func()) { e.cleanups = append(e.cleanups, f) }
func (e *endingTest) Failed() bool     { return e.failed }
func (e *endingTest) Logf(format string, args ...any) {
	e.logged = append(e.logged, fmt.Sprintf(format, args...))
}

func (e *endingTest) end() {
	for len(e.cleanups) > 0 {
		last := e.cleanups[len(e.cleanups)-1]
		e.cleanups = e.cleanups[:len(e.cleanups)-1]
		last()
	}
}

func TestExpectFaultsMet(t *testing.T) {
	all := func(fakeserver.Request) bool { return true }
	for name, test := range map[string]struct {
		arm  func(c *counter)
		want []string
	}{
		"none":               {arm: func(*counter) {}},
		"met":                {arm: func(c *counter) { c.FailNext(fakeserver.Fault{Op: "Add", Status: 500}) }},
		"met, until stopped": {arm: func(c *counter) { c.Fail(fakeserver.Fault{Op: "Add", Status: 500}) }},
		"met, by chance":     {arm: func(c *counter) { c.FailRandomly(0.1, 1) }},
		"disarmed": {arm: func(c *counter) {
			c.FailNext(fakeserver.Fault{Op: "Count"})
			c.Disarm(func(fakeserver.Fault, bool) bool { return true })
		}},
		"queued": {
			arm: func(c *counter) {
				c.FailNext(fakeserver.Fault{Op: "Count", Status: 503, Body: "secret", RetryAfter: "7", AfterApply: true, Delay: soon, Match: all})
				c.FailNext(fakeserver.Fault{Op: "Live", Truncate: -1, Header: http.Header{"A": {"b"}}})
			},
			want: []string{
				`countertest: no request met the fault {Op: "Count", Match: …, Status: 503, Body: …, RetryAfter: "7", Delay: 5ms, AfterApply: true}`,
				`countertest: no request met the fault {Op: "Live", Header: …, Truncate: -1}`,
			},
		},
		"until stopped": {
			arm:  func(c *counter) { c.Fail(fakeserver.Fault{Op: "Count", Reset: true}) },
			want: []string{`countertest: no request met the fault {Op: "Count", Reset: true}`},
		},
		"stopped": {
			arm:  func(c *counter) { c.Fail(fakeserver.Fault{Op: "Add", Stall: true})() },
			want: []string{`countertest: no request met the fault {Op: "Add", Stall: true}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			tb := &endingTest{}
			c := newCounter(t, fakehttp.Config{TB: tb})
			c.ExpectFaultsMet()
			c.ExpectFaultsMet()
			test.arm(c)
			(&client{transport: c, base: c.BaseURL()}).add(t)
			tb.end()
			assert.Equal(t, test.want, tb.problems)
		})
	}
}

func TestExpectFaultsMet_notAsked(t *testing.T) {
	tb := &endingTest{}
	newCounter(t, fakehttp.Config{TB: tb}).FailNext(fakeserver.Fault{Op: "Count", Status: 503})
	tb.end()
	assert.Empty(t, tb.problems)
}
