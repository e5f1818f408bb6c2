package messembedtest

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"golang.org/x/oauth2/clientcredentials"
)

// TB is what the fake needs of a test; *testing.T, *testing.B and *testing.F have it.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	FailNow()
}

// A Fault is one way in which a request fails. It is the same type for the fakes of all services.
// The zero value changes nothing; each field adds something:
//
//	type Fault struct {
//		// Which operation, by the name of the SDK's method: "CreateUser", "Token" for an OAuth2 token
//		// endpoint, "MessageEvents" for the live connection. Empty: any request.
//		Op string
//
//		// What is answered instead, if Status is set. Without ContentType it is JSON when Body begins
//		// like JSON, else HTML.
//		Status            int
//		Body, ContentType string
//
//		// What is added to the answer, the operation's own or that of Status.
//		RetryAfter string // the header: seconds or a date
//		Header     http.Header // takes the place of headers of the same name
//
//		// When: after Delay. A caller who gives up meanwhile leaves the work undone, unless AfterApply.
//		Delay time.Duration
//
//		// The operation is carried out first: then comes Delay, then the failure. The answer is lost.
//		AfterApply bool
//
//		// How it arrives: not at all, as the connection is refused (and nothing logged) or broken ...
//		Refuse, Reset bool
//		// ... cut after this many bytes of the body, if it has more; -1 for the head alone ...
//		Truncate int
//		// ... or the connection stays open and silent until the client gives up: with Truncate after
//		// that many bytes, without it from the beginning.
//		Stall bool
//	}
//
// The operation is carried out unless its answer is replaced (Status, Reset, Refuse, Stall without
// Truncate), and with AfterApply then too, but for Refuse. Of Refuse, Reset and Truncate the first
// wins. Through the RoundTripper errors are those that net/http gives: ECONNREFUSED from dial,
// ECONNRESET from read, io.ErrUnexpectedEOF from the body. Over a socket that stands already,
// nothing is nearer to a refused connection than one that is closed unanswered. A live connection
// that was let in is not cut short, by Truncate or AfterApply: see [Server.DropConnections].
//
// What cannot be fails the test: a Status that is no answer's, a Delay below zero, a Truncate below
// -1, Body or ContentType without Status, more than one of Refuse, Reset and Stall.
type Fault = fakehttp.Fault

// A Request is one request that a fake received, without the caller's credentials. It is the same
// type for the fakes of all services:
//
//	type Request struct {
//		Op     string      // the SDK's method; empty when the request belongs to none
//		Method string
//		Path   string      // as sent: percent-encoded, with the base path
//		Query  string      // as sent, but for the values of credentials
//		Header http.Header // without Authorization, cookies and the like
//		Body   []byte      // nil where all of it is credentials, as at a token endpoint; passwords taken out
//		Status int         // what was answered, also when it was then cut short; 0: no answer, or none yet
//
//		Time     time.Time     // when it came
//		Duration time.Duration // until it was answered or the connection broken; 0: neither has happened
//	}
type Request = fakehttp.Request

// A Server is a fake Messembed server. It is an [http.RoundTripper], to be given to a client as its
// transport, and an [http.Handler]; URL makes it listen. It is safe for concurrent use.
type Server struct {
	tb   TB
	http *fakehttp.Server

	username, password        string
	jwtSecret                 []byte
	clock                     func() time.Time
	basePath                  string
	withDeleteRoute           bool
	pingInterval, pingTimeout time.Duration
	gateway                   *gateway
	tokenLifetime             time.Duration
	logLimit                  int
	routes                    []*route
	liveEvents                *socketIO

	mu       sync.Mutex // guards what is below; a document itself never changes
	users    collection
	chats    collection
	messages collection
	pairs    map[[2]text][]value // the chats of two users, by their ids in order
	lastID   uint64
	minted   tokenLog
}

// New makes a fake server in memory. It uses no socket until [Server.URL] is called. When the test
// ends, its connections are closed.
func New(tb TB, opts ...Option) *Server {
	tb.Helper()
	s := &Server{
		tb:            tb,
		username:      "admin",
		password:      "messembed-test-password",
		jwtSecret:     []byte("messembed-test-jwt-secret"),
		clock:         time.Now,
		pingInterval:  25 * time.Second,
		pingTimeout:   5 * time.Second,
		tokenLifetime: defaultTokenLifetime,
	}
	for i, opt := range opts {
		if s.given(fmt.Sprintf("option %d of New", i+1), opt != nil) {
			opt(s)
		}
	}
	if s.gateway != nil {
		s.gateway.lifetime = s.tokenLifetime
	}
	s.prepareRoutes()
	s.http = fakehttp.New(fakehttp.Config{
		TB:          tb,
		Package:     "messembedtest",
		Host:        "messembed.test",
		BasePath:    s.basePath,
		Route:       s.operation,
		Operations:  s.operationNames(),
		SentAs:      sends,
		Connection:  keepAlive,
		IdleTimeout: idleTimeout,
		LogLimit:    s.logLimit,
	})
	s.liveEvents = newSocketIO(s.isLiveAdmin, s.pingInterval, s.pingTimeout, s.http.Done(), s.http.Changed())
	tb.Cleanup(s.Close)
	return s
}

// Close breaks all connections and ends what stalls. A test need not call it: its end does.
func (s *Server) Close() { s.http.Close() }

// Client makes a client of this fake: it goes through memory, has the fake's credentials, and
// hardly waits between attempts. The options come after these; credentials among them take the
// place of the fake's.
func (s *Server) Client(tb TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	all := append([]messembed.Option{
		messembed.WithTransport(s),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}, opts...)
	own := messembed.WithBasicAuth(s.username, s.password)
	if g := s.gateway; g != nil {
		own = messembed.WithClientCredentials(clientcredentials.Config{ClientID: g.id, ClientSecret: g.secret, TokenURL: s.TokenURL()})
	}
	client, err := messembed.New(s.http.BaseURL(), append(all, own)...)
	if err != nil {
		// The caller's credentials, good or wrong, take the place of the fake's.
		if given, others := messembed.New(s.http.BaseURL(), all...); others == nil {
			return given
		}
		s.http.Must(tb, "making a client", err)
	}
	return client
}

// URL is the base URL of the fake over a socket, for other processes and for clients that are not
// to go through memory. The first call starts listening on a free port of the loopback interface.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// Listen is [Server.URL] for an address of the caller's choice, such as "127.0.0.1:3000". A fake
// listens once: later calls, and calls after URL, return the same base URL.
func (s *Server) Listen(addr string) (url string, err error) { return s.http.Listen(addr) }

// BaseURL is the base URL for a client that has the fake as its transport. The fake answers
// whatever host a request names.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// ServeHTTP makes the fake a handler for a server of the caller's.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip answers in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// Credentials are the username and password for HTTP Basic.
func (s *Server) Credentials() (username, password string) { return s.username, s.password }

// JWTSecret is the secret that signs the users' access tokens.
func (s *Server) JWTSecret() []byte { return append([]byte(nil), s.jwtSecret...) }

// Requests returns what the fake received, in order of arrival.
func (s *Server) Requests() []Request { return s.http.Requests() }

// FailNext makes the next request that f.Op names fail as f says. Faults queue: each request takes
// the first one that matches it. A method of the SDK that has no route of its own stands for what it
// sends: BlockUser for UpdateUser. A name that the fake does not know fails the test, and so does a
// fault that cannot be.
func (s *Server) FailNext(f Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each as one of the faults that match
// its operation; without any, as one of a mixture of failing answers and broken connections. The
// same seed gives the same failures for the same order of requests. A share of 0 ends it.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}

// sends is what the SDK's methods send that have no route of their own.
var sends = map[string]string{
	"CheckCredentials": "ListMessages", "Messages": "ListMessages", "Users": "ListUsers", "Chats": "ListChats",
	"EnsureUser": "CreateUser", "ImportUsers": "CreateUser", "ModifyUser": "UpdateUser", "BlockUser": "UpdateUser", "UnblockUser": "UpdateUser",
	"EnsureChat": "CreateChat", "GetChatByCompanions": "GetChat", "BlockChat": "UpdateChat", "UnblockChat": "UpdateChat",
}

// now is the fake's time as the server stores it.
func (s *Server) now() date { return dateOf(s.clock()) }
