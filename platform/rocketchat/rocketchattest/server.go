package rocketchattest

import (
	"net/http"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rocketchat"
)

// A Server is a fake Rocket.Chat workspace. It is an [http.RoundTripper], to be given to a client as its transport, and an [http.Handler];
// URL makes it listen. It is safe for concurrent use.
type Server struct {
	tb   messembedtest.TB
	http *fakehttp.Server

	// Fixed by the options.
	version      version
	tokenSecret  string
	twoFactor    bool
	limit        rateLimit
	denied       map[string]bool // permissions that the caller does not have
	customFields map[string]bool // those that the workspace defines; nil: every one
	mergesFields bool
	clock        func() time.Time
	basePath     string

	mu           sync.Mutex // guards what is below
	ids          idSource
	caller       *user // the administrator whose credentials the client has
	users        []*user
	index        index
	tokens       map[string]*token
	windows      map[string]*window // of the rate limit, by route
	sessions     map[*session]bool  // the open websockets
	refuse       bool               // websockets
	broadcastOff bool
}

// New makes a fake workspace in memory. It uses no socket until [Server.URL] is called. When the test ends, its connections are closed.
func New(tb messembedtest.TB, opts ...Option) *Server {
	tb.Helper()
	s := &Server{
		tb:          tb,
		version:     version{8, 7},
		tokenSecret: "rocketchattest-token-secret",
		clock:       time.Now,
		denied:      map[string]bool{},
		ids:         newIDSource(),
		index:       newIndex(),
		tokens:      map[string]*token{},
		windows:     map[string]*window{},
		sessions:    map[*session]bool{},
	}
	for _, opt := range opts {
		opt(s)
	}
	s.caller = s.newCaller()
	s.http = fakehttp.New(fakehttp.Config{
		TB: tb, Package: "rocketchattest", Host: "rocketchat.test", BasePath: s.basePath,
		Route: s.operation, Operations: operationNames(), SentAs: sends,
		SecretFields: map[string]string{"password": "", "secret": "", "data.password": "", "data.secret": ""},
	})
	tb.Cleanup(s.Close)
	return s
}

// Close breaks all connections and ends what stalls. A test need not call it: its end does.
func (s *Server) Close() {
	s.http.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		u.stopExpiry()
	}
}

// Client makes a client of this fake: it goes through memory, has the fake's credentials, and hardly waits between attempts. The options are
// added to these.
func (s *Server) Client(tb messembedtest.TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	own := []messembed.Option{
		messembed.WithTransport(s),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}
	client, err := rocketchat.New(s.BaseURL(), s.Credentials(), append(own, opts...)...)
	s.http.Must(tb, "making a client", err)
	return client
}

// URL is the base URL of the fake over a socket, for other processes and for clients that are not to go through memory. The first call starts
// listening on a free port of the loopback interface.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// BaseURL is the base URL for a client that has the fake as its transport. The fake answers whatever host a request names.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// ServeHTTP makes the fake a handler for a server of the caller's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip answers in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// FailNext makes the next request that f.Op names fail as f says. Faults queue: each request takes the first one that matches it. The names are
// those of the client's methods, BlockUser for both directions, GetUser also where GetPresence or a look-up reads a user, FindUser for
// users.getStatus, WatchPresence for the reads of users.presence, and PresenceStream for the websocket; routes that the client has no use for have
// names of their own, as Requests shows. A name that the fake does not know fails the test.
func (s *Server) FailNext(f messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each as one of the faults that match its operation; without any, as one of a
// mixture of failing answers and broken connections. The same seed gives the same failures for the same order of requests. A share of 0 ends it.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}

func (s *Server) now() time.Time { return s.clock().UTC() }

func (s *Server) timestamp() string { return isoTime(s.now()) }

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
