package fakehttp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// An Operation is how a service handles one request.
type Operation struct {
	// Name is the SDK's method, such as "CreateUser". Faults are matched by it
	// and the log shows it. It is empty if the request belongs to no operation.
	Name string
	// SecretBody keeps the request's body out of the log because it holds credentials.
	SecretBody bool
	// SecretAnswer keeps the body of a successful response out of the log for the same reason.
	SecretAnswer bool
	// Serve carries out the operation and writes the whole response. It must
	// not retain r or w. The request's body is in memory; [Body] returns it
	// without copying.
	Serve func(w http.ResponseWriter, r *http.Request)
	// Takeover, if set, is called instead of Serve, for operations that keep the connection (a
	// websocket) or the request (a long poll). Its w can be hijacked, even in memory, and its
	// response is written as it is produced.
	Takeover func(w http.ResponseWriter, r *http.Request)
}

// Config describes a service to the Server.
type Config struct {
	// TB is the test to which mistakes are reported. Package is the name of the fake's package,
	// with which the reports begin.
	TB      fakeserver.TB
	Package string
	// Host is the host in the in-memory base URL, such as "messembed.test".
	Host string
	// BasePath is the path of the base URL, "" or "/api/messembed".
	BasePath string
	// Route returns the operation of a request. It must not read the body. For
	// a request that the service does not know, it returns an Operation without
	// a name, whose Serve responds as the service does.
	Route func(r *http.Request) Operation
	// Routes are the service's operations. Their names, and the Operations
	// besides, are the valid values of Fault.Op; any other fails the test.
	Routes     []fakeserver.Route
	Operations []string
	// SentAs maps SDK methods without an operation of their own to the
	// operation that they send, such as "Users" to "ListUsers". These methods
	// are valid values of Fault.Op too.
	SentAs map[string]string
	// Dress adds the service's own wording to a fault, where the fault has none. It may be nil.
	Dress func(fakeserver.Fault) fakeserver.Fault
	// SecretFields maps the fields of JSON bodies that hold credentials to the
	// texts that replace them in the log. A field is named "password" or,
	// inside an object, "data.password".
	SecretFields map[string]string
	// Connection adds the headers that only a response over a connection has,
	// such as Keep-Alive. It may be nil.
	Connection func(h http.Header, r *http.Request)
	// IdleTimeout is how long the service keeps an idle connection open. Zero means forever.
	IdleTimeout time.Duration
	// LogLimit is the number of requests that the log keeps, the newest ones.
	// Zero is a default that few tests reach, a negative number keeps none. A
	// log with a limit keeps the responses too.
	LogLimit int
	// OnClose is called by Close. It may be nil.
	OnClose func()
}

// A Server is the part of a fake that speaks HTTP. It is safe for concurrent use.
type Server struct {
	cfg         Config
	expectation sync.Once // of ExpectFaultsMet

	mu      sync.Mutex
	faults  faults
	log     requestLog
	watch   watch
	socket  *socket
	mounted *mount // nil: the socket serves only the fake

	bubble    string        // in which the fake was made
	done      chan struct{} // closed by Close; ends everything that stalls
	closeOnce sync.Once
}

// New returns a Server for the service that cfg describes. It is closed when the test ends.
func New(cfg Config) *Server {
	cfg.TB.Helper()
	s := &Server{cfg: cfg, bubble: bubble(), done: make(chan struct{})}
	cfg.TB.Cleanup(func() {
		s.Close()
		s.reportDropped()
	})
	return s
}

var _ fakeserver.Server = (*Server)(nil)

// CleanBasePath returns path in the form that Config requires: "" or "/api/messembed".
func CleanBasePath(path string) string {
	if path = strings.Trim(path, "/"); path != "" {
		path = "/" + path
	}
	return path
}

// BaseURL implements [fakeserver.Server]. Its scheme is https because a client does not
// send credentials over http to a host other than loopback.
func (s *Server) BaseURL() string { return "https://" + s.cfg.Host + s.cfg.BasePath }

// Origin returns the scheme and host of URLs outside the base path: those of
// the socket once there is one, otherwise the in-memory ones.
func (s *Server) Origin() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket != nil {
		return s.socket.origin
	}
	return "https://" + s.cfg.Host
}

// Close implements [fakeserver.Server]. The RoundTripper keeps responding.
func (s *Server) Close() {
	s.closeOnce.Do(func() {
		close(s.done)
		if s.cfg.OnClose != nil {
			s.cfg.OnClose()
		}
	})
	s.mu.Lock()
	sock := s.socket
	s.mu.Unlock()
	if sock != nil {
		sock.close()
	}
}

// Must returns true if err is nil. Otherwise it fails the test, and returns false if the TB's
// FailNow returns.
func (s *Server) Must(tb fakeserver.TB, doing string, err error) bool {
	if err == nil {
		return true
	}
	tb.Helper()
	tb.Errorf("%s: %s: %v", s.cfg.Package, doing, err)
	tb.FailNow()
	return false
}

// Done returns a channel that is closed by Close. A Takeover that waits must return then.
func (s *Server) Done() <-chan struct{} { return s.done }

// An exchange is one request on its way through the fake, the same for all
// three ways of using it.
type exchange struct {
	server   *Server
	op       Operation
	received *http.Request
	logged   *fakeserver.Request // by asLogged
	fault    fakeserver.Fault
	faulty   bool   // the request has a fault
	entry    *entry // in the log; nil for a refused connection and if no log is kept
	answer   answer
}

// An ending is how an exchange ends.
type ending int

const (
	endsWhole   ending = iota // the response arrives, perhaps cut short
	endsReset                 // the connection breaks
	endsStalled               // nothing arrives
)

// begin determines the operation of r, whose body is in memory, and takes its fault.
func (s *Server) begin(r *http.Request) *exchange {
	x := &exchange{server: s, op: s.cfg.Route(r), received: r}
	x.takeFault()
	x.checkStall()
	return x
}

// run carries out the exchange up to the finished response. It returns an error
// only if the caller gave up.
func (x *exchange) run() (ending, error) {
	f, r := &x.fault, x.received
	x.record()
	if !f.AfterApply {
		if err := x.wait(r.Context()); err != nil {
			return 0, err
		}
	}
	if x.op.Serve != nil && (f.AfterApply || !replaces(*f)) {
		x.op.Serve(&x.answer, r)
	}
	if f.AfterApply {
		if err := x.wait(r.Context()); err != nil {
			return 0, err
		}
	}
	switch {
	case f.Reset:
		return endsReset, nil
	case f.Stall && f.Truncate == 0:
		return endsStalled, nil
	}
	x.dress()
	x.answered(x.answer.status)
	return endsWhole, nil
}

// dress applies the fault to the response.
func (x *exchange) dress() {
	f, a := &x.fault, &x.answer
	if f.Status != 0 {
		date := a.Header().Get("Date")
		*a = answer{status: f.Status, body: []byte(f.Body)}
		a.Header().Set("Content-Type", contentType(*f))
		if date != "" {
			a.header.Set("Date", date)
		}
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if f.RetryAfter != "" {
		a.Header().Set("Retry-After", f.RetryAfter)
	}
	for name, values := range f.Header {
		a.Header()[http.CanonicalHeaderKey(name)] = values
	}
}

// cut returns how many bytes of the body arrive, and whether the response is cut short.
func (x *exchange) cut() (int, bool) {
	n := len(x.answer.body)
	switch {
	case x.fault.Truncate < 0:
		return 0, true
	case x.fault.Truncate > 0 && x.fault.Truncate < n:
		return x.fault.Truncate, true
	default:
		return n, false
	}
}

func (x *exchange) wait(ctx context.Context) error {
	if x.fault.Delay <= 0 {
		return nil
	}
	timer := time.NewTimer(x.fault.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// answer collects the response that an operation writes.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) Header() http.Header {
	if a.header == nil {
		a.header = make(http.Header, 8)
	}
	return a.header
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.body == nil {
		a.body = bytes.Clone(p)
	} else {
		a.body = append(a.body, p...)
	}
	return len(p), nil
}

// requestBody is a request body that was read before the operation began.
type requestBody struct {
	bytes.Reader
	data []byte
}

func newRequestBody(data []byte) *requestBody {
	b := &requestBody{data: data}
	b.Reset(data)
	return b
}

func (*requestBody) Close() error { return nil }

// Body returns the whole body of a request that an Operation serves. The bytes belong to the
// request and must not be modified.
func Body(r *http.Request) []byte {
	if b, ok := r.Body.(*requestBody); ok {
		return b.data
	}
	data, _ := io.ReadAll(r.Body)
	return data
}

// Target returns the request target exactly as in the request line: path and query,
// percent-encoded, even if it is not a valid URL.
func Target(r *http.Request) string {
	if r.RequestURI != "" {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}
