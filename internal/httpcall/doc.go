// Package httpcall carries one HTTP call from start to end: it escapes the
// path, keeps the limits, sends, authenticates every attempt, sends again where
// that is safe, reads a bounded answer and logs. It knows HTTP and nothing of
// users, chats or any service.
//
// The stages are in this order, each in the file of its name:
//
//	call.go       what a call is, and its way through the stages
//	escape.go     a path from a template and segments
//	retry.go      go-retryablehttp with our own table of what is sent again
//	limit.go      rate limit and requests in flight
//	attempt.go    one attempt: its deadline, its place in the limits, its credentials
//	auth.go       Basic, fixed headers, OAuth2 tokens
//	transport.go  the http.RoundTripper that is used when the caller brings none
//	read.go       bounded reading of answers and streams
//	conceal.go    what a service's text may repeat of the request: nothing
//	cause.go      what a transport error may say about itself
//	log.go        one line an attempt
package httpcall
