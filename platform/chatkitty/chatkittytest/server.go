package chatkittytest

import (
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/chatkitty"
	"github.com/messembed/messembed-go/platform/internal/fake"
)

// basePath is the path of the service's base URL.
const basePath = "/v1"

// A Server is a fake ChatKitty. It is an [http.RoundTripper] for use as a
// client's transport, and an [http.Handler]; URL makes it listen. It is safe
// for concurrent use. Its base URLs include /v1.
//
// The operations that a [fakeserver.Fault] can name are those of Routes, which begin
// with the token endpoint.
type Server struct {
	fakeserver.Server // FailNext, Fail, FailRandomly, Requests, URL and what else every fake has

	tb   fakeserver.TB
	http *fakehttp.Server // the same, with what only fakes need

	clientID, clientSecret string
	clock                  func() time.Time
	guesses                guesses
	limit                  fake.RateLimit

	mu       sync.Mutex // guards the fields below
	users    []*user    // in order of creation
	byID     map[int64]*user
	byName   map[string]*user
	sessions []*session
	lastID   int64
	tokens   tokens
	window   fake.Window
}

// New returns a fake in memory. It uses no socket until URL is called. When the test ends,
// its connections are closed.
func New(tb fakeserver.TB, opts ...Option) *Server {
	tb.Helper()
	s := &Server{
		tb:           tb,
		clientID:     "chatkitty-test-client",
		clientSecret: "chatkitty-test-secret",
		clock:        time.Now,
		guesses:      defaultGuesses(),
		byID:         map[int64]*user{},
		byName:       map[string]*user{},
	}
	for _, opt := range opts {
		opt(s)
	}
	s.http = fakehttp.New(fakehttp.Config{
		TB: tb, Package: "chatkittytest", Host: "api.chatkitty.test", BasePath: basePath,
		Route: s.operation, Routes: operations(), SentAs: sends,
	})
	s.Server = s.http
	return s
}

// Client returns a client of this fake. It works in memory, uses the fake's
// credentials, and has very short pauses between attempts. Further options are
// applied afterwards.
func (s *Server) Client(tb fakeserver.TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	return fake.NewClient(tb, s.http, chatkitty.New, s.Credentials(), opts)
}
