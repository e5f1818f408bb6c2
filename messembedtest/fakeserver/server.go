package fakeserver

import "net/http"

// TB is the part of testing.TB that a fake needs; *testing.T, *testing.B and
// *testing.F implement it. [Program] does so outside of tests.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	FailNow()
}

// A Route is one operation of a fake.
type Route struct {
	Op     string // its name, as in [Fault] and [Request]
	Method string
	Path   string // below the base path; its parameters begin with a colon
}

// A Server is what every fake can do, whatever service it stands for. Each
// fake's own Server embeds one. Only the fakes of this module implement it: it
// gains methods as they do.
//
// A fake answers in three ways that are alike and fail alike: as an
// [http.RoundTripper] in memory, as an [http.Handler] in a server of the
// caller's own, and over a socket of its own. It is safe for concurrent use.
type Server interface {
	// RoundTrip responds in memory, whatever host the request's URL names. It
	// fails as net/http does, and works inside a testing/synctest bubble if the
	// fake was made there.
	http.RoundTripper

	// ServeHTTP responds in an http.Server of the caller's own.
	http.Handler

	// BaseURL returns the base URL for a client that uses the fake as its
	// transport.
	BaseURL() string

	// URL returns the base URL of the fake on a socket, for other processes and
	// for clients that should use the network. The first call starts listening
	// on a free loopback port.
	URL() string

	// Listen is like URL but listens on the given address, such as
	// "127.0.0.1:3000". A fake listens only once: later calls, and calls after
	// URL, return the same base URL.
	Listen(addr string) (url string, err error)

	// Close breaks all connections, ends stalled requests and stops listening.
	// It is called automatically when the test ends.
	Close()

	// Routes returns the fake's operations.
	Routes() []Route

	// FailNext makes the next request that f matches fail as f describes. Faults
	// are queued: each request takes the first one that matches it.
	//
	// Fault.Op names one of Routes, or one of the operations without a route
	// that are documented at each fake's Server. An SDK method without an
	// operation of its own stands for what it sends, such as BlockUser for
	// UpdateUser. An unknown name or an invalid fault fails the test.
	FailNext(f Fault)

	// Fail makes every request that f matches fail as f describes, until stop is
	// called. A request takes a fault of FailNext first, if one matches it.
	Fail(f Fault) (stop func())

	// FailRandomly makes this share of all requests (0 to 1) fail, each with one
	// of the faults that match it, or, if none are given, with a mixture of error
	// responses and broken connections. The same seed gives the same failures for
	// the same order of requests. A share of 0 switches it off.
	FailRandomly(share float64, seed uint64, faults ...Fault)

	// ExpectFaultsMet makes the test fail at its end if a fault of FailNext or
	// Fail was met by no request: such a test passes without testing the failure.
	ExpectFaultsMet()

	// Requests returns the requests received, in order of arrival, without
	// credentials. A request that has no response yet has Status 0. The newest
	// 100,000 are kept, and fewer if they need more than 64 MiB.
	Requests() []Request

	// DroppedRequests returns how many older requests were received than Requests
	// returns. A test that fails after any were dropped says so in its log.
	DroppedRequests() int
}
