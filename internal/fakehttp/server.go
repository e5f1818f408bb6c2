package fakehttp

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// An Operation is what a service does with one request.
type Operation struct {
	// Name is the SDK's method, "CreateUser": faults are matched by it and the log shows it. Empty
	// when the request belongs to no operation.
	Name string
	// SecretBody keeps the request's body out of the log because it holds credentials.
	SecretBody bool
	// Serve carries the operation out and writes the whole answer. It must not keep r or w. The
	// request's body is in memory; [Body] gives it without a copy.
	Serve func(w http.ResponseWriter, r *http.Request)
	// Takeover, when set, is called instead of Serve for operations that keep the connection (a
	// websocket) or the request (a long poll). Its w can be hijacked, in memory as well, and its
	// answer is written as it goes.
	Takeover func(w http.ResponseWriter, r *http.Request)
}

// Config is what a service tells the Server about itself.
type Config struct {
	// TB is the test that hears of mistakes, Package the fake's package, with which they begin.
	TB      TB
	Package string
	// Host is the name in the in-memory base URL, such as "messembed.test".
	Host string
	// BasePath is the path of the base URL, "" or "/api/messembed".
	BasePath string
	// Route finds the operation of a request. It must not read the body. For a request that the
	// service does not know it gives an Operation without a name, whose Serve answers as the
	// service does.
	Route func(r *http.Request) Operation
	// Operations are the names that a Fault may have in Op; any other fails the test.
	Operations []string
	// SentAs is what the SDK's methods send that have no operation of their own: "Users" is sent as
	// "ListUsers". A Fault may have their names too.
	SentAs map[string]string
	// Dress gives a fault the service's own words, as far as it has none. It may be nil.
	Dress func(Fault) Fault
	// SecretFields are the fields of JSON bodies that hold credentials, "password" or, for one in an
	// object, "data.password", and the text that the log has in their place.
	SecretFields map[string]string
	// Connection adds the headers that only an answer over a connection has, such as Keep-Alive. It
	// may be nil.
	Connection func(h http.Header, r *http.Request)
	// IdleTimeout is when the service closes an idle connection. Zero means never.
	IdleTimeout time.Duration
	// LogLimit is how many requests the log keeps, the newest ones. Zero keeps all, a negative
	// number none.
	LogLimit int
}

// A Server is the part of a fake that speaks HTTP. It is safe for concurrent use.
type Server struct {
	cfg Config

	mu      sync.Mutex
	faults  faults
	log     []*Entry
	watch   watch
	socket  *socket
	mounted *mount // nil: the socket is the fake's alone

	done      chan struct{} // closed by Close: ends whatever stalls
	closeOnce sync.Once
}

// New makes a Server for the service that cfg describes.
func New(cfg Config) *Server {
	return &Server{cfg: cfg, done: make(chan struct{})}
}

// CleanBasePath gives a base path the form that Config wants: "" or "/api/messembed".
func CleanBasePath(path string) string {
	if path = strings.Trim(path, "/"); path != "" {
		path = "/" + path
	}
	return path
}

// BaseURL is the base URL of the in-memory fake. Its scheme is https, because a client does not
// send credentials over http to a host other than loopback.
func (s *Server) BaseURL() string { return "https://" + s.cfg.Host + s.cfg.BasePath }

// Origin is the scheme and host of a URL outside the base path: of the socket once there is one,
// else in memory.
func (s *Server) Origin() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket != nil {
		return s.socket.origin
	}
	return "https://" + s.cfg.Host
}

// Close breaks all connections, ends all stalled answers and stops listening. Requests through the
// RoundTripper are still answered.
func (s *Server) Close() {
	s.closeOnce.Do(func() { close(s.done) })
	s.mu.Lock()
	sock := s.socket
	s.mu.Unlock()
	if sock != nil {
		sock.close()
	}
}

// Done is closed when the Server is: a Takeover that waits ends with it.
func (s *Server) Done() <-chan struct{} { return s.done }

// An exchange is one request on its way through the fake, the same for all three ways in.
type exchange struct {
	server *Server
	op     Operation
	fault  Fault
	faulty bool   // it has met a fault
	entry  *Entry // in the log; nil for a refused connection and when no log is kept
	answer answer
}

// An ending is how an exchange ends.
type ending int

const (
	endsWhole   ending = iota // the answer arrives, perhaps cut short
	endsReset                 // the connection breaks
	endsStalled               // nothing comes
)

// begin names the operation of r and takes its fault. Nothing has been read yet.
func (s *Server) begin(r *http.Request) *exchange {
	x := &exchange{server: s, op: s.cfg.Route(r)}
	s.mu.Lock()
	x.fault, x.faulty = s.faults.take(x.op.Name)
	s.mu.Unlock()
	return x
}

// run carries the exchange out up to the finished answer. It returns an error only when the caller
// gave up.
func (x *exchange) run(r *http.Request, body []byte) (ending, error) {
	f := &x.fault
	x.record(r, body)
	if !f.AfterApply {
		if err := x.wait(r.Context()); err != nil {
			return 0, err
		}
	}
	if x.op.Serve != nil && (f.AfterApply || !f.replaces()) {
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

// dress turns the answer into the one that the fault wants.
func (x *exchange) dress() {
	f, a := &x.fault, &x.answer
	if f.Status != 0 {
		date := a.Header().Get("Date")
		*a = answer{status: f.Status, body: []byte(f.Body)}
		a.Header().Set("Content-Type", f.contentType())
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

// cut returns how many bytes of the body arrive, and whether that is less than all of them.
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

// answer collects what an operation writes.
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

// requestBody is a request's body that was read before the operation began.
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
// request and must not be changed.
func Body(r *http.Request) []byte {
	if b, ok := r.Body.(*requestBody); ok {
		return b.data
	}
	data, _ := io.ReadAll(r.Body)
	return data
}

// Target returns the request target as it stood in the request line: path and query,
// percent-encoded, also where it is no valid URL.
func Target(r *http.Request) string {
	if r.RequestURI != "" {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}
