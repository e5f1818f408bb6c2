package messembedtest

import (
	"fmt"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
	"github.com/messembed/messembed-go/messembedtest/internal/socketio"
)

// What the fakes of all services share, under the names that tests use.
type (
	// TB is the part of testing.TB that a fake needs.
	TB = fakeserver.TB
	// A Program takes the place of the test in a main function.
	Program = fakeserver.Program
	// A Fault is one way in which a request fails.
	Fault = fakeserver.Fault
	// A Request is one request that a fake received.
	Request = fakeserver.Request
	// A Route is one operation of a fake.
	Route = fakeserver.Route
)

// A Server is a fake Messembed server. It is an [http.RoundTripper] for use as a client's
// transport, and an [http.Handler]; URL makes it listen. It is safe for concurrent use.
//
// The operations that a [Fault] can name are those of Routes, in the real
// server's order, and "Token" and "MessageEvents". They include DeleteUser,
// which without [WithDeleteRoute] is no route.
type Server struct {
	fakeserver.Server // FailNext, Fail, FailRandomly, Requests, URL and what else every fake has

	tb   TB
	http *fakehttp.Server // the same, with what only fakes need

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

// New returns a fake in memory. It uses no socket until URL or [Server.TokenURL] is
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
		Routes:      s.operations(),
		Operations:  []string{"Token", "MessageEvents"},
		SentAs:      s.sentAs(),
		Connection:  node.KeepAlive,
		IdleTimeout: node.IdleTimeout,
		LogLimit:    s.logLimit,
	})
	s.Server = s.http
	s.liveEvents = socketio.New(socketio.Config{
		Interval: s.pingInterval,
		Timeout:  s.pingTimeout,
		Listens:  s.isLiveAdmin,
		Receive:  receiveEvent,
		Done:     s.http.Done(),
		Changed:  s.http.Changed().Fire,
	})
	return s
}

// Client returns a client of this fake. It works in memory, uses the fake's
// credentials, and has very short pauses between attempts. Further options are
// applied afterwards; credentials among them replace the fake's.
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

// Credentials returns the username and password for HTTP Basic.
func (s *Server) Credentials() (username, password string) { return s.username, s.password }

// JWTSecret returns the secret that signs the users' access tokens.
func (s *Server) JWTSecret() []byte { return append([]byte(nil), s.jwtSecret...) }

// now returns the fake's time in the form in which the server stores it.
func (s *Server) now() js.Date { return js.DateOf(s.clock()) }
