package httpcall_test

import (
	"context"
	"flag"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// The parallel tests wait and do not compute: a few processors suffice for all.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", "16")
	m.Run()
}

// newClient returns a client with the SDK's defaults, changed as the test needs.
func newClient(t testing.TB, rt http.RoundTripper, change ...func(*httpcall.Config)) *httpcall.Client {
	t.Helper()
	return clientFor(t, "https://chat.example.com/", rt, change...)
}

func clientFor(t testing.TB, base string, rt http.RoundTripper, change ...func(*httpcall.Config)) *httpcall.Client {
	t.Helper()
	u, err := url.Parse(strings.TrimSuffix(base, "/") + "/")
	require.NoError(t, err)
	cfg := httpcall.Config{
		BaseURL: u, Transport: rt,
		MaxAttempts: 4, MinBackoff: 200 * time.Millisecond, MaxBackoff: 10 * time.Second, AttemptTimeout: 10 * time.Second,
		MaxInFlight: 256, MaxResponseBytes: 32 << 20, UserAgent: "test",
	}
	for _, f := range change {
		f(&cfg)
	}
	client := httpcall.New(cfg)
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func attempts(n int) func(*httpcall.Config) {
	return func(c *httpcall.Config) { c.MaxAttempts = n }
}

func quickly(c *httpcall.Config) { c.MinBackoff, c.MaxBackoff = 1, 1 }

func auth(a httpcall.Authenticator) func(*httpcall.Config) {
	return func(c *httpcall.Config) { c.Auth = a }
}

// The three kinds of calls: a read, a write that is safe to send twice, and one
// that is not.
func getUser() *httpcall.Call {
	return &httpcall.Call{
		Op: "GetUser", Method: http.MethodGet, Route: "users/{id}", Args: []string{"ada"}, RequestID: "r1",
		Repeatable: true, Judge: judge,
	}
}

func updateUser() *httpcall.Call {
	return &httpcall.Call{
		Op: "UpdateUser", Method: http.MethodPatch, Route: "users/{id}", Args: []string{"ada"}, RequestID: "r1",
		Body: []byte(`{"a":1}`), Type: httpcall.TypeJSON, Repeatable: true, Write: true, Judge: judge,
	}
}

func createMessage() *httpcall.Call {
	return &httpcall.Call{
		Op: "CreateMessage", Method: http.MethodPost, Route: "messages", RequestID: "r1",
		Body: []byte(`{"content":"hello"}`), Type: httpcall.TypeJSON, Write: true, Judge: judge,
	}
}

func listUsers() *httpcall.Call {
	return &httpcall.Call{Op: "Users", Method: http.MethodGet, Route: "users", RequestID: "r1", Repeatable: true, Stream: true, Judge: judge}
}

func judge(status int, _ http.Header, body []byte) httpcall.Verdict {
	return httpcall.Verdict{Status: status, Unauthenticated: status == http.StatusUnauthorized && len(body) == 0, Refusal: string(body)}
}

// within gives the call a deadline, as WithTimeout does.
func within(d time.Duration, call *httpcall.Call) *httpcall.Call {
	call.Deadline = time.Now().Add(d)
	return call
}

func with(header, value string, call *httpcall.Call) *httpcall.Call {
	call.Header = http.Header{header: {value}}
	return call
}

// transport is a service in a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// script answers one request after the other; the last answer is repeated.
type script struct {
	answers []transport

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func scripted(answers ...transport) *script { return &script{answers: answers} }

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		data, _ := io.ReadAll(r.Body)
		body = string(data)
	}
	s.mu.Lock()
	s.requests = append(s.requests, r)
	s.bodies = append(s.bodies, body)
	answer := s.answers[min(len(s.requests), len(s.answers))-1]
	s.mu.Unlock()
	return answer(r)
}

func (s *script) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// status answers with a status, and headers given as name and value.
func status(code int, header ...string) transport { return answer(code, "", header...) }

func answer(code int, body string, header ...string) transport {
	return func(*http.Request) (*http.Response, error) {
		h := http.Header{}
		for i := 0; i < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func fails(err error) transport {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// stalls answers nothing until the request is given up.
func stalls(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// body is a response's body that fails when its text has been read, and knows
// whether it was closed.
type body struct {
	io.Reader
	err    error // io.EOF if nil
	closed bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF && b.err != nil {
		err = b.err
	}
	return n, err
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func (b *body) answer(code int) transport {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, ContentLength: -1, Body: b}, nil
	}
}

// silentBody delivers its text, and then nothing until the request is given up.
type silentBody struct {
	text io.Reader
	ctx  context.Context
}

func (b *silentBody) Read(p []byte) (int, error) {
	if n, _ := b.text.Read(p); n > 0 {
		return n, nil
	}
	<-b.ctx.Done()
	return 0, b.ctx.Err()
}

func (*silentBody) Close() error { return nil }

func thenSilent(code int, text string) transport {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: code, Header: http.Header{}, ContentLength: -1, Body: &silentBody{strings.NewReader(text), r.Context()}}, nil
	}
}
