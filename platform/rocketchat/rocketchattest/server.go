package rocketchattest

import (
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/internal/fake"
	"github.com/messembed/messembed-go/platform/rocketchat"
)

// A Server is a fake Rocket.Chat workspace. It is an [http.RoundTripper] for
// use as a client's transport, and an [http.Handler]; URL makes it listen. It
// is safe for concurrent use.
//
// The operations that a [fakeserver.Fault] can name are those of Routes, and
// PresenceStream, the websocket. BlockUser covers both directions, GetUser also
// the reads of GetPresence and of look-ups.
type Server struct {
	fakeserver.Server // FailNext, Fail, FailRandomly, Requests, URL and what else every fake has

	tb   fakeserver.TB
	http *fakehttp.Server // the same, with what only fakes need

	// Set by the options.
	version      version
	tokenSecret  string
	twoFactor    bool
	limit        fake.RateLimit
	denied       map[string]bool         // permissions that the caller lacks
	customFields map[string]*CustomField // fields that the workspace defines; nil means every field
	mergesFields func() bool             // nil: as the version does
	userLimit    int                     // 0: none
	teams        []string
	blocked      []string // usernames
	reset        RateLimitReset
	pictureDelay time.Duration

	silentUsernames, oldConflicts bool
	clock                         func() time.Time
	basePath                      string

	mu           sync.Mutex // guards the fields below
	ids          idSource
	caller       *user // the administrator whose credentials the client uses
	users        []*user
	index        index
	tokens       map[string]*token
	windows      map[string]*fake.Window // by route; the server also has one for each IP address
	sessions     map[*session]bool       // open websockets
	refuse       bool                    // refuse websockets
	broadcastOff bool
}

// New returns a fake workspace in memory. It uses no socket until URL is
// called. When the test ends, its connections are closed.
func New(tb fakeserver.TB, opts ...Option) *Server {
	tb.Helper()
	s := &Server{
		tb:           tb,
		version:      version{8, 7, 99},
		tokenSecret:  "rocketchattest-token-secret",
		clock:        time.Now,
		pictureDelay: 500 * time.Millisecond,
		denied:       map[string]bool{},
		ids:          newIDSource(),
		index:        newIndex(),
		tokens:       map[string]*token{},
		windows:      map[string]*fake.Window{},
		sessions:     map[*session]bool{},
	}
	for _, opt := range opts {
		opt(s)
	}
	s.caller = s.newCaller()
	s.http = fakehttp.New(fakehttp.Config{
		TB: tb, Package: "rocketchattest", Host: "rocketchat.test", BasePath: s.basePath,
		Route: s.operation, Routes: operations(), Operations: []string{streamOp}, SentAs: sends,
		SecretFields: map[string]string{"password": "", "secret": "", "data.password": "", "data.secret": ""},
		OnClose:      s.stopExpiry,
	})
	s.Server = s.http
	return s
}

// Client returns a client of this fake. It works in memory, uses the fake's
// credentials, and has very short pauses between attempts. Further options are
// applied afterwards.
func (s *Server) Client(tb fakeserver.TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	return fake.NewClient(tb, s.http, rocketchat.New, s.Credentials(), opts)
}

// stopExpiry stops the timers of the statuses that expire.
func (s *Server) stopExpiry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.users {
		u.stopExpiry()
	}
}

func (s *Server) now() time.Time { return s.clock().UTC() }

func (s *Server) timestamp() string { return isoTime(s.now()) }

func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
