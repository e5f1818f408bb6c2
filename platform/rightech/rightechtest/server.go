package rightechtest

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/rightech"
)

// A Server is a fake Rightech IoT Cloud. It is an [http.RoundTripper] for use as a client's transport,
// and an [http.Handler]; URL makes it listen. It is safe for concurrent use.
type Server struct {
	tb   messembedtest.TB
	http *fakehttp.Server

	token      string
	scopes     map[string]bool // nil means all
	clock      func() time.Time
	htmlErrors bool
	guesses    guesses

	mu      sync.Mutex // guards the fields below
	users   []*user    // in order of creation
	byID    map[string]*user
	byLogin map[string]*user
	byEmail map[string]*user
	lastID  uint64
	issued  int
}

// New returns a fake in memory. It uses no socket until [Server.URL] is called. When the test ends, its
// connections are closed.
func New(tb messembedtest.TB, opts ...Option) *Server {
	tb.Helper()
	s := &Server{
		tb: tb,
		// HS256,
		// {"jti":"1","sub":"682dd754b0738b9392dffd7e","grp":"62667930daacc00012016e92","org":"rightech"}
		token: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
			"eyJqdGkiOiIxIiwic3ViIjoiNjgyZGQ3NTRiMDczOGI5MzkyZGZmZDdlIiwiZ3JwIjoiNjI2Njc5MzBkYWFjYzAwMDEyMDE2ZTkyIiwib3JnIjoicmlnaHRlY2gifQ." +
			"cmlnaHRlY2gtdGVzdC1zaWduYXR1cmU",
		clock:   time.Now,
		guesses: defaultGuesses(),
		byID:    map[string]*user{},
		byLogin: map[string]*user{},
		byEmail: map[string]*user{},
	}
	for _, opt := range opts {
		opt(s)
	}
	s.http = fakehttp.New(fakehttp.Config{
		TB: tb, Package: "rightechtest", Host: "rightech.test",
		Route: s.operation, Operations: s.operationNames(), SentAs: sends, Dress: s.dressed,
		SecretFields: map[string]string{"password": "[redacted]"},
	})
	tb.Cleanup(s.Close)
	return s
}

// Close breaks all connections and ends stalled requests. It is called automatically when the test ends.
func (s *Server) Close() { s.http.Close() }

// Client returns a client of this fake. It works in memory, uses the fake's credentials, and has very
// short pauses between attempts. Further options are applied afterwards.
func (s *Server) Client(tb messembedtest.TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	own := []messembed.Option{
		messembed.WithTransport(s),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}
	client, err := rightech.New(s.BaseURL(), s.Credentials(), append(own, opts...)...)
	s.http.Must(tb, "making a client", err)
	return client
}

// URL returns the base URL of the fake on a socket, for other processes and for clients that should use
// the network. The first call starts listening on a free loopback port.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// BaseURL returns the base URL for a client that uses the fake as its transport. The fake responds to
// requests for any host.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// Credentials returns credentials for rightech.New.
func (s *Server) Credentials() rightech.Credentials { return rightech.Credentials{Token: s.token} }

// ServeHTTP implements [http.Handler], for use with a server of the caller's own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip responds to a request in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// Requests returns the requests that the fake received, in order of arrival, with the passwords of new
// users removed.
func (s *Server) Requests() []messembedtest.Request { return s.http.Requests() }

// FailNext makes the next request of the operation f.Op fail as f describes. Faults are queued: each
// request takes the first one that matches it. The operations are those of [Server.Routes]. An SDK
// method without one of its own stands for what it sends: BlockUser for UpdateUser. An unknown name
// fails the test. A fault with a Status and no Body gets the service's body for that status; see
// [WithHTMLErrors].
func (s *Server) FailNext(f messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each with one of the faults that match
// its operation, or, if none are given, with a mixture of error responses and broken connections. The
// same seed gives the same failures for the same order of requests. A share of 0 switches it off.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...messembedtest.Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}

// dressed adds the service's body to a fault that has only a status.
func (s *Server) dressed(f messembedtest.Fault) messembedtest.Fault {
	if f.Status < 400 || f.Body != "" || f.ContentType != "" {
		return f
	}
	if s.htmlErrors && f.Status >= 500 {
		f.Body, f.ContentType = gatewayPage(f.Status), "text/html"
		return f
	}
	if data, err := json.Marshal(ricError(f.Status, tagOf(f.Status)).body); err == nil {
		f.Body, f.ContentType = string(data), jsonType
	}
	return f
}
