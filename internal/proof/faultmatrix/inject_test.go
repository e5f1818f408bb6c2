package faultmatrix_test

import (
	"context"
	"net/http"
	"regexp"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// An injector is the client's transport: it injects the planned faults and
// records the requests.
type injector struct {
	fake *messembedtest.Server

	mu     sync.Mutex // over a socket each request has a goroutine
	plan   func(op string, nth int) *fault
	giveUp context.CancelFunc
	sent   map[string]int
	hosts  map[string]bool
	agents map[string]bool
}

func (in *injector) begin(plan func(string, int) *fault, giveUp context.CancelFunc) {
	in.plan, in.giveUp = plan, giveUp
	in.sent, in.hosts, in.agents = map[string]int{}, map[string]bool{}, map[string]bool{}
}

func (in *injector) RoundTrip(r *http.Request) (*http.Response, error) {
	if in.plan == nil || r.Context().Err() != nil {
		return in.fake.RoundTrip(r)
	}
	f := in.meets(r)
	if f == nil {
		return in.fake.RoundTrip(r)
	}
	if f.givesUp > 0 {
		time.AfterFunc(f.givesUp, in.giveUp)
	}
	next := func() (*http.Response, error) {
		if f.service != nil {
			in.fake.FailNext(f.service(time.Now()))
		}
		return in.fake.RoundTrip(r)
	}
	if f.wire == nil {
		return next()
	}
	return f.wire(r, next)
}

// meets records a request and returns its fault.
func (in *injector) meets(r *http.Request) *fault {
	in.mu.Lock()
	defer in.mu.Unlock()
	op := operationOf(r.Method, r.URL.EscapedPath())
	in.sent[op]++
	in.hosts[r.URL.Scheme+"://"+r.URL.Host] = true
	in.agents[r.UserAgent()] = true
	return in.plan(op, in.sent[op])
}

// ServeHTTP does the same over a socket, for faults that are injected there.
func (in *injector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if in.plan == nil {
		in.fake.ServeHTTP(w, r)
		return
	}
	switch f := in.meets(r); {
	case f == nil:
		in.fake.ServeHTTP(w, r)
	case f.raw != nil:
		f.raw(in.fake, w, r)
	default:
		in.fake.FailNext(f.service(time.Now()))
		in.fake.ServeHTTP(w, r)
	}
}

// A request is one that the client may send: an operation, and the pattern of
// its request line.
type request struct {
	op   string
	line *regexp.Regexp
}

// requests are Messembed's operations, and what is no Operation: the request
// for a token and the live connection.
var requests = sync.OnceValue(func() []request {
	requests := []request{
		{"Token", regexp.MustCompile(`^POST /oauth/token$`)},
		{"MessageEvents", regexp.MustCompile(`^GET /socket\.io/$`)},
	}
	placeholder := regexp.MustCompile(`\{\w+\}`)
	for _, op := range messembedOperations() {
		line := "^" + op.Method + " /" + placeholder.ReplaceAllString(op.Route, "[^/]+") + "$"
		requests = append(requests, request{op.Name, regexp.MustCompile(line)})
	}
	return requests
})

func messembedOperations() []messembed.Operation {
	client, err := messembed.New("https://messembed.test")
	if err != nil {
		panic(err)
	}
	return messembed.Operations(client)
}

func operationOf(method, path string) string {
	line := method + " " + path
	for _, r := range requests() {
		if r.line.MatchString(line) {
			return r.op
		}
	}
	return line
}
