package fakehttp_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// The parallel tests wait and do not compute: a few processors suffice for all.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "16")
	goleak.VerifyTestMain(m)
}

// A counter is a service with one number: POST /add adds to it, GET /count
// returns it, POST /token has a body with credentials, and /live keeps the
// connection.
type counter struct {
	*fakehttp.Server
	added atomic.Int64
}

// failing records the failures of a test.
type failing struct{ problems []string }

func (*failing) Helper()        {}
func (*failing) Cleanup(func()) {}
func (f *failing) FailNow()     { f.problems = append(f.problems, "FailNow") }
func (f *failing) Errorf(format string, args ...any) {
	f.problems = append(f.problems, fmt.Sprintf(format, args...))
}

const countAnswer = `{"count":12345678901234567890}`

func newCounter(t *testing.T, cfg fakehttp.Config) *counter {
	c := &counter{}
	cfg.Host, cfg.Package = "counter.test", "countertest"
	cfg.Operations = []string{"Add", "Count", "Token", "Live"}
	if cfg.TB == nil {
		cfg.TB = t
	}
	cfg.Route = func(r *http.Request) fakehttp.Operation {
		switch path, _, _ := strings.Cut(fakehttp.Target(r), "?"); path {
		case "/add":
			return fakehttp.Operation{Name: "Add", Serve: func(w http.ResponseWriter, _ *http.Request) {
				c.added.Add(1)
				w.Header().Set("X-Count", strconv.FormatInt(c.added.Load(), 10))
				w.WriteHeader(http.StatusCreated)
				_, _ = io.WriteString(w, countAnswer)
			}}
		case "/count":
			return fakehttp.Operation{Name: "Count", Serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, countAnswer) }}
		case "/token":
			return fakehttp.Operation{Name: "Token", SecretBody: true, SecretAnswer: true, Serve: func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(fakehttp.Body(r)) }}
		case "/live":
			return fakehttp.Operation{Name: "Live", Takeover: live}
		default:
			return fakehttp.Operation{Serve: func(w http.ResponseWriter, r *http.Request) { http.Error(w, fakehttp.Target(r), http.StatusNotFound) }}
		}
	}
	c.Server = fakehttp.New(cfg)
	t.Cleanup(c.Close) // a TB of the test's own may not
	return c
}

// live echoes lines after an upgrade or, on request, severs the connection.
// Without an upgrade it waits for the client to go away or breaks the
// connection if asked to, and otherwise responds at once.
func live(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Upgrade") != "":
		w.Header().Set("Upgrade", "echo")
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(http.StatusSwitchingProtocols)
		catcher := &fakehttp.ConnCatcher{ResponseWriter: w}
		conn, buffered, err := catcher.Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		switch line, err := buffered.ReadString('\n'); {
		case err != nil:
		case line == "sever\n":
			fakehttp.Sever(catcher.Conn)
		default:
			_, _ = io.WriteString(conn, "echo "+line)
		}
	case r.Header.Get("Break") != "":
		fakehttp.Break(w)
	case r.Header.Get("Wait") != "":
		<-r.Context().Done()
	default:
		_, _ = io.WriteString(w, "polled")
	}
}

// ways are the three ways of using a fake.
var ways = []struct {
	name string
	open func(t *testing.T, c *counter) (http.RoundTripper, string)
}{
	{"RoundTripper", func(_ *testing.T, c *counter) (http.RoundTripper, string) { return c, c.BaseURL() }},
	{"Handler", func(t *testing.T, c *counter) (http.RoundTripper, string) {
		server := httptest.NewServer(c)
		t.Cleanup(server.Close)
		t.Cleanup(c.Close) // before the server's own, which waits for stalled requests
		return transport(t), server.URL
	}},
	{"URL", func(t *testing.T, c *counter) (http.RoundTripper, string) {
		base := c.URL()
		return transport(t), base
	}},
}

// everyWay runs a test in each of the three ways.
func everyWay(t *testing.T, test func(t *testing.T, c *counter, client *client)) {
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			c := newCounter(t, fakehttp.Config{})
			rt, base := way.open(t, c)
			test(t, c, &client{transport: rt, base: base})
		})
	}
}

// transport opens a new connection for each request, so that net/http does not
// retry the request of a broken one.
func transport(t *testing.T) *http.Transport {
	rt := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(rt.CloseIdleConnections)
	return rt
}

type client struct {
	transport http.RoundTripper
	base      string
}

// A reply is the outcome of a request: a response with the part of its body
// that arrived, and the error of either.
type reply struct {
	status int
	header http.Header
	length int64
	body   string
	err    error
}

func (c *client) do(r *http.Request) reply {
	resp, err := c.transport.RoundTrip(r)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return reply{status: resp.StatusCode, header: resp.Header, length: resp.ContentLength, body: string(body), err: err}
}

func (c *client) request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.base+path, strings.NewReader(body))
	require.NoError(t, err)
	return r
}

func (c *client) add(t *testing.T) reply {
	t.Helper()
	return c.do(c.request(t, http.MethodPost, "/add", "1"))
}

// raw sends a request line unchanged.
func (c *client) raw(t *testing.T, target string) reply {
	t.Helper()
	base, err := url.Parse(c.base)
	require.NoError(t, err)
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: base.Scheme, Host: base.Host, Opaque: target}, Header: http.Header{}}
	return c.do(r.WithContext(t.Context()))
}

// upgrade requests an upgrade and sends a line over the connection.
func (c *client) upgrade(t *testing.T, line string) (answer string, err error) {
	t.Helper()
	r := c.request(t, http.MethodGet, "/live", "")
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "echo")
	resp, err := c.transport.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusSwitchingProtocols, resp.StatusCode)
	conn, ok := resp.Body.(io.ReadWriteCloser)
	require.True(t, ok)
	_, err = io.WriteString(conn, line+"\n")
	require.NoError(t, err)
	return bufio.NewReader(conn).ReadString('\n')
}

var errBoom = errors.New("boom")

// soon is a short delay.
const soon = 5 * time.Millisecond
