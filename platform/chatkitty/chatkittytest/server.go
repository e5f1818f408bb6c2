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

// A Server is a fake ChatKitty. It is an [http.RoundTripper], to be given to a client as its
// transport, and an [http.Handler]; URL makes it listen. It is safe for concurrent use.
type Server struct {
	tb   messembedtest.TB
	http *fakehttp.Server

	clientID, clientSecret string
	clock                  func() time.Time
	guesses                guesses
	limit                  rateLimit

	mu       sync.Mutex // guards what is below
	users    []*user    // in order of creation
	byID     map[int64]*user
	byName   map[string]*user
	sessions []*session
	lastID   int64
	tokens   tokens
	window   window
}

// New makes a fake in memory. It uses no socket until [Server.URL] is called. When the test ends,
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

// Close breaks all connections and ends what stalls. A test need not call it: its end does.
func (s *Server) Close() { s.http.Close() }

// Client makes a client of this fake: it goes through memory, has the fake's credentials, and
// hardly waits between attempts. The options are added to these.
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

// URL is the base URL of the fake over a socket, with its /v1, for other processes and for clients
// that are not to go through memory. The first call starts listening on a free port of the loopback
// interface; [Server.Credentials] name that address from then on.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// BaseURL is the base URL for a client that has the fake as its transport. The fake answers
// whatever host a request names.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// Credentials are ready for chatkitty.New. Their token endpoint is in memory before [Server.URL]
// was called, over the socket from then on.
func (s *Server) Credentials() chatkitty.Credentials {
	return chatkitty.Credentials{ClientID: s.clientID, ClientSecret: s.clientSecret, TokenURL: s.http.Origin() + tokenPath}
}

// ServeHTTP makes the fake a handler for a server of the caller's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip answers in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// Requests returns what the fake received, in order of arrival. Requests for tokens are among them,
// as "Token".
func (s *Server) Requests() []messembedtest.Request { return s.http.Requests() }

// FailNext makes the next request that f.Op names fail as f says. Faults queue: each request takes
// the first one that matches it. The operations' names are those of [Server.Routes]. A method of the
// SDK that has none of its own stands for what it sends: GetPresence and WatchPresence for GetUser.
// A name that the fake does not know fails the test.
func (s *Server) FailNext(f messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each as one of the faults that match
// its operation; without any, as one of a mixture of failing answers and broken connections. The
// same seed gives the same failures for the same order of requests. A share of 0 ends it.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}
