package rightechtest

import (
	"encoding/json"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/fakeserver"
	"github.com/messembed/messembed-go/platform/internal/fake"
	"github.com/messembed/messembed-go/platform/rightech"
)

// A Server is a fake Rightech IoT Cloud. It is an [http.RoundTripper] for use
// as a client's transport, and an [http.Handler]; URL makes it listen. It is
// safe for concurrent use.
//
// The operations that a [fakeserver.Fault] can name are those of Routes. A fault with a
// Status and no Body gets the service's body for that status; see [WithHTMLErrors].
type Server struct {
	fakeserver.Server // FailNext, Fail, FailRandomly, Requests, URL and what else every fake has

	tb   fakeserver.TB
	http *fakehttp.Server // the same, with what only fakes need

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

// New returns a fake in memory. It uses no socket until URL is called. When the test ends, its
// connections are closed.
func New(tb fakeserver.TB, opts ...Option) *Server {
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
		Route: s.operation, Routes: operations(), SentAs: sends, Dress: s.dressed,
		SecretFields: map[string]string{"password": "[redacted]"},
	})
	s.Server = s.http
	return s
}

// Client returns a client of this fake. It works in memory, uses the fake's
// credentials, and has very short pauses between attempts. Further options are
// applied afterwards.
func (s *Server) Client(tb fakeserver.TB, opts ...messembed.Option) *messembed.Client {
	tb.Helper()
	return fake.NewClient(tb, s.http, rightech.New, s.Credentials(), opts)
}

// dressed adds the service's body to a fault that has only a status.
func (s *Server) dressed(f fakeserver.Fault) fakeserver.Fault {
	if f.Status < 400 || f.Body != "" || f.ContentType != "" {
		return f
	}
	if s.htmlErrors && f.Status >= 500 {
		f.Body, f.ContentType = gatewayPage(f.Status), "text/html"
		return f
	}
	if data, err := json.Marshal(s.asGuessed(ricError(f.Status, tagOf(f.Status)))); err == nil {
		f.Body, f.ContentType = string(data), jsonType
	}
	return f
}
