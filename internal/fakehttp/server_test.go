package fakehttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

func TestRequests(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		r := client.request(t, http.MethodPost, "/add?a=1&token=secret&Password=secret&username=u", "the body")
		for _, name := range []string{"Authorization", "Cookie", "X-Auth-Token", "X-2fa-Code", "Proxy-Authorization"} {
			r.Header.Set(name, "secret")
		}
		r.Header.Set("X-Request-Id", "7")
		client.do(r)
		client.do(client.request(t, http.MethodPost, "/token", "client_secret=secret"))
		c.FailNext(fakeserver.Fault{Reset: true})
		client.add(t)
		c.FailNext(fakeserver.Fault{Refuse: true})
		client.add(t)
		client.do(client.request(t, http.MethodPut, "/nowhere", ""))

		log := c.Requests()
		require.Len(t, log, 4, "a refused connection is not a request")
		assert.Equal(t, "Add", log[0].Op)
		assert.Equal(t, http.MethodPost, log[0].Method)
		assert.Equal(t, "/add", log[0].Path)
		assert.Equal(t, "a=1&token=&Password=&username=", log[0].Query)
		assert.Equal(t, "the body", string(log[0].Body))
		assert.Equal(t, 201, log[0].Status)
		assert.Equal(t, "7", log[0].Header.Get("X-Request-Id"))
		assert.Nil(t, log[1].Body)
		assert.Zero(t, log[2].Status)
		assert.Empty(t, log[3].Op)
		assert.Equal(t, 404, log[3].Status)
		for _, one := range log {
			for name, values := range one.Header {
				assert.NotContains(t, values, "secret", name)
			}
		}
	})
}

// Credentials in a JSON body are removed before anything is logged.
func TestRequests_secretFields(t *testing.T) {
	c := newCounter(t, fakehttp.Config{SecretFields: map[string]string{"password": "[redacted]", "data.secret": ""}})
	client := &client{transport: c, base: c.BaseURL()}
	bodies := []struct{ sent, kept string }{
		{`{"name":"a","password":"canary","n":12345678901234567890}`, `{"n":12345678901234567890,"name":"a","password":"[redacted]"}`},
		{`{"data":{"secret":{"x":["canary"]},"b":1},"Password":"canary"}`, `{"Password":"[redacted]","data":{"b":1,"secret":""}}`},
		{`{ "secret": "shown", "data": {"password": "shown"} }`, `{ "secret": "shown", "data": {"password": "shown"} }`},
		{`{"data":"secret"}`, `{"data":"secret"}`},
		{`[{"password":"shown"}]`, `[{"password":"shown"}]`},
		{`password`, `password`},
	}
	for i, body := range bodies {
		client.do(client.request(t, http.MethodPost, "/add", body.sent))
		assert.Equal(t, body.kept, string(c.Requests()[i].Body))
		entry, _ := c.Entry(i + 1)
		assert.Equal(t, body.kept, string(entry.Body), "in the entries for a page too")
	}
}

func TestRequests_limit(t *testing.T) {
	for limit, kept := range map[int]int{0: 7, 3: 3, -1: 0} {
		c := newCounter(t, fakehttp.Config{LogLimit: limit})
		client := &client{transport: c, base: c.BaseURL()}
		for range 6 {
			client.add(t)
		}
		client.do(client.request(t, http.MethodGet, "/count", ""))
		log := c.Requests()
		require.Len(t, log, kept)
		if kept > 0 {
			assert.Equal(t, "Count", log[kept-1].Op, "the newest is last")
		}
	}
}

// Every request target reaches the service, even with broken escapes.
func TestTarget(t *testing.T) {
	for _, way := range ways {
		if way.name == "Handler" {
			continue // net/http's own server rejects broken escapes
		}
		t.Run(way.name, func(t *testing.T) {
			c := newCounter(t, fakehttp.Config{})
			rt, base := way.open(t, c)
			client := &client{transport: rt, base: base}
			for _, target := range []string{"/a%b", "/a%b?c=%zz", "/%", "/%e", "/%C3%BC", "/..", "/a/../b", "/%2e%2E", "/a?b?c", "/%00", "/a%2Fb", "/;,:@!$&'()*+="} {
				got := client.raw(t, target)
				assert.Equal(t, 404, got.status, target)
				assert.Equal(t, target+"\n", got.body)
			}
			assert.Len(t, c.Requests(), 12)
			assert.Equal(t, "/a%b", c.Requests()[1].Path)
			assert.Equal(t, "c=%zz", c.Requests()[1].Query)
		})
	}
}

// Requests with broken escapes and bodies can share a connection with others.
func TestTarget_keptConnection(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	base := c.URL()
	rt := &http.Transport{MaxConnsPerHost: 1}
	t.Cleanup(rt.CloseIdleConnections)
	client := &client{transport: rt, base: base}
	for range 200 {
		assert.Equal(t, "/a%b?c%\n", client.raw(t, "/a%b?c%").body)
		got := client.do(client.request(t, http.MethodPost, "/token", strings.Repeat("GET /x%y HTTP/1.1\r\n", 400)))
		assert.Len(t, got.body, 19*400)
		assert.Empty(t, got.header.Get("Fakehttp-Raw-Target"))
	}
	// Clients cannot use the header that passes targets on.
	r := client.request(t, http.MethodGet, "/nowhere", "")
	r.Header.Set("Fakehttp-Raw-Target", "L2FkZA==")
	assert.Equal(t, 404, client.do(r).status)
}

func TestTakeover(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		echo, err := client.upgrade(t, "hello")
		require.NoError(t, err)
		assert.Equal(t, "echo hello\n", echo)

		got := client.do(client.request(t, http.MethodGet, "/live", ""))
		assert.Equal(t, 200, got.status)
		assert.Equal(t, "polled", got.body)

		c.FailNext(fakeserver.Fault{Op: "Live", Status: 403})
		assert.Equal(t, 403, client.do(client.request(t, http.MethodGet, "/live", "")).status)
		c.FailNext(fakeserver.Fault{Op: "Live", Reset: true, AfterApply: true})
		require.Error(t, client.do(client.request(t, http.MethodGet, "/live", "")).err)

		ctx, cancel := context.WithCancelCause(t.Context())
		r := client.request(t, http.MethodGet, "/live", "").WithContext(ctx)
		r.Header.Set("Wait", "1")
		go cancel(errBoom)
		require.Error(t, client.do(r).err)

		statuses := make([]int, 0, 5)
		for _, one := range c.Requests() {
			statuses = append(statuses, one.Status)
		}
		assert.Equal(t, []int{101, 200, 403, 0}, statuses[:4])
	})
}

func TestRoundTrip_giveUp(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	client := &client{transport: c, base: c.BaseURL()}

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	require.ErrorIs(t, client.do(client.request(t, http.MethodPost, "/add", "1").WithContext(ctx)).err, errBoom)
	assert.Empty(t, c.Requests(), "nothing was sent")

	broken := client.request(t, http.MethodPost, "/add", "")
	broken.Body, broken.ContentLength = io.NopCloser(brokenReader{}), -1
	require.ErrorIs(t, client.do(broken).err, errBoom)

	resp, err := c.RoundTrip(client.request(t, http.MethodGet, "/count", ""))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	_, err = resp.Body.Read(make([]byte, 1))
	require.ErrorIs(t, err, http.ErrBodyReadAfterClose)
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBoom }

// Through the RoundTripper a broken connection looks as in net/http.
func TestRoundTrip_errors(t *testing.T) {
	c := newCounter(t, fakehttp.Config{})
	client := &client{transport: c, base: c.BaseURL()}
	for fault, want := range map[*fakeserver.Fault]struct {
		op  string
		err syscall.Errno
	}{
		{Refuse: true}: {"dial", syscall.ECONNREFUSED},
		{Reset: true}:  {"read", syscall.ECONNRESET},
	} {
		c.FailNext(*fault)
		var op *net.OpError
		err := client.add(t).err
		require.True(t, errors.As(err, &op), "%v", err)
		assert.Equal(t, want.op, op.Op)
		require.ErrorIs(t, err, want.err)
	}
}

func TestHead(t *testing.T) {
	everyWay(t, func(t *testing.T, _ *counter, client *client) {
		got := client.do(client.request(t, http.MethodHead, "/count", ""))
		require.NoError(t, got.err)
		assert.Equal(t, 200, got.status)
		assert.Empty(t, got.body)
	})
}

func TestURL(t *testing.T) {
	c := newCounter(t, fakehttp.Config{BasePath: "/base"})
	assert.Equal(t, "https://counter.test/base", c.BaseURL())
	assert.Equal(t, "https://counter.test", c.Origin())
	first := c.URL()
	second, err := c.Listen("127.0.0.1:1")
	require.NoError(t, err)
	assert.Equal(t, first, second, "a fake listens only once")
	assert.Equal(t, first, c.Origin()+"/base")

	_, err = newCounter(t, fakehttp.Config{}).Listen("nowhere")
	require.Error(t, err)

	c.Close()
	c.Close()
	_, err = http.Get(first)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	assert.Equal(t, 404, (&client{transport: c, base: c.BaseURL()}).add(t).status, "it still responds in memory")
}

func TestMust(t *testing.T) {
	tb := &failing{}
	c := newCounter(t, fakehttp.Config{TB: t})
	assert.True(t, c.Must(tb, "counting", nil))
	assert.Empty(t, tb.problems)
	assert.False(t, c.Must(tb, "counting", errBoom))
	assert.Equal(t, []string{"countertest: counting: boom", "FailNow"}, tb.problems)
	assert.NotEmpty(t, c.URL())
}

func TestConcurrentUse(t *testing.T) {
	everyWay(t, func(t *testing.T, c *counter, client *client) {
		c.FailRandomly(0.2, 1)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 20 {
					client.add(t)
					c.FailNext(fakeserver.Fault{Op: "Add", Status: 500})
					_ = c.Requests()
				}
			})
		}
		all.Wait()
		assert.Len(t, c.Requests(), 160)
	})
}

// However long a test is, its log takes a bounded amount of memory, and a test
// that fails learns that its log is not whole.
func TestRequests_bounded(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		sent int
		kept int
	}{
		"bytes":                           {strings.Repeat("x", 1<<20), 70, 63},
		"one that is larger than the log": {strings.Repeat("x", 65<<20), 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tb := &endingTest{}
			c := newCounter(t, fakehttp.Config{TB: tb})
			client := &client{transport: c, base: c.BaseURL()}
			for range test.sent {
				r := client.request(t, http.MethodPost, "/add", test.body)
				resp, err := c.RoundTrip(r)
				require.NoError(t, err)
				resp.Body.Close()
			}
			assert.Len(t, c.Requests(), test.kept)
			assert.Equal(t, test.sent-test.kept, c.DroppedRequests())

			tb.failed = true
			tb.end()
			assert.Equal(t, []string{fmt.Sprintf("countertest: the request log does not have the %d oldest requests", test.sent-test.kept)}, tb.logged)
		})
	}
}

func TestRequests_nothingDropped(t *testing.T) {
	tb := &endingTest{failed: true}
	c := newCounter(t, fakehttp.Config{TB: tb})
	get(t, c, "/count")
	assert.Zero(t, c.DroppedRequests())
	tb.end()
	assert.Empty(t, tb.logged)
}
