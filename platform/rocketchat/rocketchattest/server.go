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

// A Server is a fake Rocket.Chat workspace. It is an [http.RoundTripper] for use as a client's transport, and an [http.Handler]; URL makes it
// listen. It is safe for concurrent use.
type Server struct {
	tb   messembedtest.TB
	http *fakehttp.Server

	// Set by the options.
	version      version
	tokenSecret  string
	twoFactor    bool
	limit        rateLimit
	denied       map[string]bool // permissions that the caller lacks
	customFields map[string]bool // fields that the workspace defines; nil means every field
	mergesFields bool
	clock        func() time.Time
	basePath     string

	mu           sync.Mutex // guards the fields below
	ids          idSource
	caller       *user // the administrator whose credentials the client uses
	users        []*user
	index        index
	tokens       map[string]*token
	windows      map[string]*window // rate limit windows by route
	sessions     map[*session]bool  // open websockets
	refuse       bool               // refuse websockets
	broadcastOff bool
}

// New returns a fake workspace in memory. It uses no socket until [Server.URL] is called. When the test ends, its connections are closed.
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

// Close breaks all connections and ends stalled requests. It is called automatically when the test ends.
func (s *Server) Close() {
	s.http.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		u.stopExpiry()
	}
}

// Client returns a client of this fake. It works in memory, uses the fake's credentials, and has very short pauses between attempts. Further
// options are applied afterwards.
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

// URL returns the base URL of the fake on a socket, for other processes and for clients that should use the network. The first call starts
// listening on a free loopback port.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// BaseURL returns the base URL for a client that uses the fake as its transport. The fake responds to requests for any host.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// ServeHTTP implements [http.Handler], for use with a server of the caller's own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip responds to a request in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// FailNext makes the next request of the operation f.Op fail as f describes. Faults are queued: each request takes the first one that matches it.
// Operations have the names of the client's methods; BlockUser covers both directions, GetUser also the reads of GetPresence and of look-ups,
// FindUser is users.getStatus, WatchPresence the reads of users.presence, and PresenceStream the websocket. Routes that the client does not use
// have names of their own, which Requests shows. An unknown name fails the test.
func (s *Server) FailNext(f messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each with one of the faults that match its operation, or, if none are given, with
// a mixture of error responses and broken connections. The same seed gives the same failures for the same order of requests. A share of 0
// switches it off.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}

func (s *Server) now() time.Time { return s.clock().UTC() }

func (s *Server) timestamp() string { return isoTime(s.now()) }

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
