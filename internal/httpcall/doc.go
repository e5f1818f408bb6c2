// Package httpcall carries out one HTTP call from start to end: it escapes the
// path, applies the limits, authenticates and sends every attempt, retries
// where that is safe, reads a bounded response and logs. It knows HTTP and
// nothing of users, chats or any service.
//
// The stages, each in the file of its name:
//
//	call.go       what a call is, and its way through the stages
//	escape.go     a path from a template and segments
//	retry.go      go-retryablehttp with our own table of what is retried
//	limit.go      rate limit and requests in flight
//	attempt.go    one attempt: its deadline, its slot, its credentials
//	auth.go       Basic, fixed headers, OAuth2 tokens
//	transport.go  the http.RoundTripper used if the caller brings none
//	read.go       bounded reading of responses and streams
//	conceal.go    removes what a service's text repeats of the request
//	cause.go      what a transport error may reveal
//	log.go        one line per attempt
package httpcall
