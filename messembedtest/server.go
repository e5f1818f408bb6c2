package messembedtest

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
	"github.com/messembed/messembed-go/messembedtest/internal/socketio"
)

// TB is the part of testing.TB that the fake needs; *testing.T, *testing.B and *testing.F implement
// it.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	FailNow()
}

// A Fault is one way in which a request fails. The fakes of all services use this type. The zero value
// changes nothing; each field adds something:
//
//	type Fault struct {
//		// The operation, named after the SDK's method: "CreateUser", "Token" for an OAuth2 token
//		// endpoint, "MessageEvents" for the live connection. Empty: any request.
//		Op string
//
//		// A response that replaces the operation's own, if Status is set. Without ContentType it is
//		// JSON if Body begins like JSON, otherwise HTML.
//		Status            int
//		Body, ContentType string
//
//		// Added to the response, whether it is the operation's own or that of Status.
//		RetryAfter string      // the header: seconds or a date
//		Header     http.Header // replaces headers of the same name
//
//		// How long to wait first. If the caller gives up meanwhile, the operation is not carried
//		// out, unless AfterApply is set.
//		Delay time.Duration
//
//		// Carry out the operation first, then wait for Delay, then fail. The response is lost.
//		AfterApply bool
//
//		// The connection is refused (and nothing is logged) or broken ...
//		Refuse, Reset bool
//		// ... or broken after this many bytes of the body, if it is longer; -1: after the headers ...
//		Truncate int
//		// ... or it stays open but silent until the client gives up: with Truncate after that many
//		// bytes, otherwise from the beginning.
//		Stall bool
//	}
//
// The operation is carried out unless its response is replaced (by Status, Reset, Refuse, or Stall
// without Truncate). With AfterApply it is carried out even then, except with Refuse. Of Refuse, Reset
// and Truncate, the first one set wins. The RoundTripper returns the errors of net/http: ECONNREFUSED
// from dial, ECONNRESET from read, io.ErrUnexpectedEOF from the body. Over a socket, which is already
// listening, Refuse closes the connection without a response. Truncate and AfterApply do not cut off a
// live connection that was accepted: see [Server.DropConnections].
//
// An invalid fault fails the test: a Status that is not from 200 to 999, a negative Delay, a Truncate
// below -1, Body or ContentType without Status, or more than one of Refuse, Reset and Stall.
type Fault = fakehttp.Fault

// A Request is one request that a fake received, without the caller's credentials. The fakes of all
// services use this type:
//
//	type Request struct {
//		Op     string      // the SDK's method; empty if the request belongs to none
//		Method string
//		Path   string      // as sent: percent-encoded, with the base path
//		Query  string      // as sent, except for the values of credentials
//		Header http.Header // without Authorization, cookies and the like
//		Body   []byte      // without passwords; nil if all of it is credentials, as at a token endpoint
//		Status int         // of the response, even if it was then cut short; 0: no response (yet)
//
//		Time     time.Time     // of arrival
//		Duration time.Duration // until the response was written or the connection broke; 0: neither has happened
//	}
type Request = fakehttp.Request

// A Server is a fake Messembed server. It is an [http.RoundTripper] for use as a client's
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
	liveEvents                *socketio.Server

	mu       sync.Mutex // guards the fields below; a stored document itself never changes
	users    collection
	chats    collection
	messages collection
	pairs    map[[2]js.String][]js.Value // the chats of each pair of users, by their ids in order
	lastID   uint64
	minted   tokenLog
}

// New returns a fake in memory. It uses no socket until [Server.URL] or [Server.TokenURL] is
// called. When the test ends, its connections are closed.
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
		Connection:  node.KeepAlive,
		IdleTimeout: node.IdleTimeout,
		LogLimit:    s.logLimit,
	})
	s.liveEvents = socketio.New(socketio.Config{
		Interval: s.pingInterval,
		Timeout:  s.pingTimeout,
		Listens:  s.isLiveAdmin,
		Receive:  receiveEvent,
		Done:     s.http.Done(),
		Changed:  s.http.Changed().Fire,
	})
	tb.Cleanup(s.Close)
	return s
}

// Close breaks all connections and ends stalled requests. It is called automatically when the test
// ends.
func (s *Server) Close() { s.http.Close() }

// Client returns a client of this fake. It works in memory, uses the fake's credentials, and has
// very short pauses between attempts. Further options are applied afterwards; credentials among
// them replace the fake's.
func (s *Server) Client(tb TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	all := append([]messembed.Option{
		messembed.WithTransport(s),
		messembed.WithRetry(messembed.RetryPolicy{MinBackoff: time.Millisecond}),
	}, opts...)
	own := messembed.WithBasicAuth(s.username, s.password)
	if g := s.gateway; g != nil {
		own = messembed.WithClientCredentials(clientcredentials.Config{ClientID: g.id, ClientSecret: g.secret, TokenURL: s.tokenURL()})
	}
	client, err := messembed.New(s.http.BaseURL(), append(all, own)...)
	if err != nil {
		// The caller's credentials, valid or not, replace the fake's.
		if given, others := messembed.New(s.http.BaseURL(), all...); others == nil {
			return given
		}
		s.http.Must(tb, "making a client", err)
	}
	return client
}

// URL returns the base URL of the fake on a socket, for other processes and for clients that should
// use the network. The first call starts listening on a free loopback port.
func (s *Server) URL() string {
	s.tb.Helper()
	return s.http.MustURL()
}

// Listen is like [Server.URL] but listens on the given address, such as "127.0.0.1:3000". A fake
// listens only once: later calls, and calls after URL, return the same base URL.
func (s *Server) Listen(addr string) (url string, err error) { return s.http.Listen(addr) }

// BaseURL returns the base URL for a client that uses the fake as its transport. The fake responds
// to requests for any host.
func (s *Server) BaseURL() string { return s.http.BaseURL() }

// ServeHTTP implements [http.Handler], for use with a server of the caller's own.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.http.ServeHTTP(w, r) }

// RoundTrip responds to a request in memory.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) { return s.http.RoundTrip(r) }

// Credentials returns the username and password for HTTP Basic.
func (s *Server) Credentials() (username, password string) { return s.username, s.password }

// JWTSecret returns the secret that signs the users' access tokens.
func (s *Server) JWTSecret() []byte { return append([]byte(nil), s.jwtSecret...) }

// Requests returns the requests that the fake received, in order of arrival.
func (s *Server) Requests() []Request { return s.http.Requests() }

// FailNext makes the next request of the operation f.Op fail as f describes. Faults are queued:
// each request takes the first one that matches it. The operations are those of [Server.Routes],
// "Token" and "MessageEvents". An SDK method without one of its own stands for what it sends:
// BlockUser for UpdateUser. An unknown name or an invalid fault fails the test.
func (s *Server) FailNext(f Fault) {
	s.tb.Helper()
	s.http.FailNext(f)
}

// FailRandomly makes this share of all requests (0 to 1) fail, each with one of the faults that
// match its operation, or, if none are given, with a mixture of error responses and broken
// connections. The same seed gives the same failures for the same order of requests. A share of 0
// switches it off.
func (s *Server) FailRandomly(share float64, seed uint64, faults ...Fault) {
	s.tb.Helper()
	s.http.FailRandomly(share, seed, faults...)
}

// sends maps the SDK methods without a route of their own to the operation that they send.
var sends = map[string]string{
	"CheckCredentials": "ListMessages", "Messages": "ListMessages", "Users": "ListUsers", "Chats": "ListChats",
	"EnsureUser": "CreateUser", "ImportUsers": "CreateUser", "ModifyUser": "UpdateUser", "BlockUser": "UpdateUser", "UnblockUser": "UpdateUser",
	"EnsureChat": "CreateChat", "GetChatByCompanions": "GetChat", "BlockChat": "UpdateChat", "UnblockChat": "UpdateChat",
}

// now returns the fake's time in the form in which the server stores it.
func (s *Server) now() js.Date { return js.DateOf(s.clock()) }
