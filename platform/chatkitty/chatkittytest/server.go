package chatkittytest

import (
	"net/http"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty"
)

// basePath is the path of the service's base URL.
const basePath = "/v1"

// A Server is a fake ChatKitty. It is an [http.RoundTripper] for use as a client's transport, and
// an [http.Handler]; URL makes it listen. It is safe for concurrent use.
type Server struct {
	tb   messembedtest.TB
	http *fakehttp.Server

	clientID, clientSecret string
	clock                  func() time.Time
	guesses                guesses
	limit                  rateLimit

	mu       sync.Mutex // guards the fields below
	users    []*user    // in order of creation
	byID     map[int64]*user
	byName   map[string]*user
	sessions []*session
	lastID   int64
	tokens   tokens
	window   window
}

// New returns a fake in memory. It uses no socket until [Server.URL] is called. When the test ends,
// its connections are closed.
func New(tb messembedtest.TB, opts ...Option) *Server {
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
		Route: s.operation, Operations: s.operationNames(), SentAs: sends,
	})
	tb.Cleanup(s.Close)
	return s
}

// Close breaks all connections and ends stalled requests. It is called automatically when the test
// ends.
func (s *Server) Close() { s.http.Close() }

// Client returns a client of this fake. It works in memory, uses the fake's credentials, and has
// very short pauses between attempts. Further options are applied afterwards.
func (s *Server) Client(tb messembedtest.TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	own := []messembed.Option{
		messembed.WithTransport(s),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}
	client, err := chatkitty.New(s.BaseURL(), s.Credentials(), append(own, opts...)...)
	s.http.Must(tb, "making a client", err)
	return client
}

// URL returns the base URL of the fake on a socket, including /v1, for other processes and for
// clients that should use the network. The first call starts listening on a free loopback port;
// [Server.Credentials] then refer to that address.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// BaseURL returns the base URL for a client that uses the fake as its transport. The fake responds
// to requests for any host.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// Credentials returns credentials for chatkitty.New. Their token endpoint is in memory until
// [Server.URL] is called, then on the socket.
func (s *Server) Credentials() chatkitty.Credentials {
	return chatkitty.Credentials{ClientID: s.clientID, ClientSecret: s.clientSecret, TokenURL: s.http.Origin() + tokenPath}
}

// ServeHTTP implements [http.Handler], for use with a server of the caller's own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip responds to a request in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// Requests returns the requests that the fake received, in order of arrival, including those for
// tokens, as "Token".
func (s *Server) Requests() []messembedtest.Request { return s.http.Requests() }

// FailNext makes the next request of the operation f.Op fail as f describes. Faults are queued:
// each request takes the first one that matches it. The operations are those of [Server.Routes]. An
// SDK method without one of its own stands for what it sends: GetPresence and WatchPresence for
// GetUser. An unknown name fails the test.
func (s *Server) FailNext(f messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each with one of the faults that
// match its operation, or, if none are given, with a mixture of error responses and broken
// connections. The same seed gives the same failures for the same order of requests. A share of 0
// switches it off.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}
