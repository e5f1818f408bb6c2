// Package httpcall carries out one HTTP call from start to end: it escapes the
// path, retries where that is safe, applies the limits, authenticates, sends,
// reads a bounded response and logs. It knows HTTP and nothing of users, chats
// or any service.
//
// A call is what [Client.Do] carries out. It takes one attempt or several, each
// with one request and at most one response, which are net/http's. Do returns an
// [Answer], or a [Failure].
//
// An attempt goes down the stages, which [New] puts together, and its response
// comes back up. Each stage is an http.RoundTripper in a file of its own:
//
//	retry.go        go-retryablehttp with our own table of what is retried
//	renewal.go      once more, with a new token, after a 401
//	ratelimit.go    waits for the rate limit
//	inflight.go     waits for a slot among the requests in flight
//	deadline.go     limits the time of the attempt
//	credentials.go  adds the credentials
//	reading.go      reads the response, or makes a Stream of it
//	wire.go         the caller's transport, and whether it has sent anything
//
// What the stages use:
//
//	progress.go   how far a call has come
//	failure.go    why a call failed
//	backoff.go    how long to wait before the next attempt
//	tokens.go     OAuth2 tokens
//	stream.go     a response that is read as it arrives
//	escape.go     a path from a template and segments
//	conceal.go    removes what a service's text repeats of the request
//	cause.go      what a transport error may reveal
//	log.go        one line per attempt
//	transport.go  the http.RoundTripper used if the caller brings none
//	tunnel.go     bounds what its proxy may take to open a connection
//	crash.go      a panic of the caller's code comes back to the caller
package httpcall
