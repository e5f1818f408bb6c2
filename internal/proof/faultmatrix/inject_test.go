package faultmatrix_test

import (
	"context"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

// An injector is the client's transport: it injects the planned faults and records the requests.
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

// routes are the requests of Messembed's admin API. Each is named after the client method whose main request it is.
var routes = []struct {
	op, method string
	path       *regexp.Regexp
}{
	{"Ping", "GET", regexp.MustCompile(`^/ping$`)},
	{"Token", "POST", regexp.MustCompile(`^/oauth/token$`)},
	{"CreateUser", "POST", regexp.MustCompile(`^/admin-api/users$`)},
	{"ListUsers", "GET", regexp.MustCompile(`^/admin-api/users$`)},
	{"GetUser", "GET", regexp.MustCompile(`^/users/[^/]+$`)},
	{"UpdateUser", "PATCH", regexp.MustCompile(`^/admin-api/users/[^/]+$`)},
	{"DeleteUser", "DELETE", regexp.MustCompile(`^/admin-api/users/[^/]+$`)},
	{"CreateAccessToken", "POST", regexp.MustCompile(`^/admin-api/users/[^/]+/access-tokens$`)},
	{"CreateChat", "POST", regexp.MustCompile(`^/admin-api/chats$`)},
	{"ListChats", "GET", regexp.MustCompile(`^/admin-api/chats$`)},
	{"GetChat", "GET", regexp.MustCompile(`^/admin-api/chats/[^/]+$`)},
	{"UpdateChat", "PATCH", regexp.MustCompile(`^/admin-api/chats/[^/]+$`)},
	{"CreateMessage", "POST", regexp.MustCompile(`^/admin-api/chats/[^/]+/messages$`)},
	{"ListMessages", "GET", regexp.MustCompile(`^/admin-api/chats/[^/]+/messages$`)},
	{"ListAllMessages", "GET", regexp.MustCompile(`^/admin-api/messages$`)},
	{"MessageEvents", "GET", regexp.MustCompile(`^/socket\.io/$`)},
}

func operationOf(method, path string) string {
	for _, route := range routes {
		if route.method == method && route.path.MatchString(path) {
			return route.op
		}
	}
	return method + " " + path
}
