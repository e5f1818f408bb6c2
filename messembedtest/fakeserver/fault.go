package fakeserver

import (
	"net/http"
	"time"
)

// A Fault is one way in which a request fails. The zero value changes nothing;
// each field adds something.
//
// The operation is carried out unless its response is replaced (by Status,
// Reset, Refuse, or Stall without Truncate). With AfterApply it is carried out
// even then, except with Refuse. Of Refuse, Reset and Truncate, the first one
// set wins. The RoundTripper returns the errors of net/http: ECONNREFUSED from
// dial, ECONNRESET from read, io.ErrUnexpectedEOF from the body. Over a socket,
// which is already listening, Refuse closes the connection without a response.
// Truncate and AfterApply do not cut off a live connection that was accepted:
// DropConnections, which fakes with live connections have, does.
//
// An invalid fault fails the test: a Status that is not from 200 to 999, a
// negative Delay, a Truncate below -1, Body or ContentType without Status, or
// more than one of Refuse, Reset and Stall.
type Fault struct {
	// Op is the operation, named after the SDK's method: "CreateUser", "Token"
	// for an OAuth2 token endpoint, "MessageEvents" for Messembed's live
	// connection. Empty: any request.
	Op string

	// Match limits the fault to the requests for which it returns true, such as
	// those of one user or of one chat. It sees the request as Requests shows it,
	// before the response: Status is 0. It may be called by several goroutines at
	// once, and more than once for a request. Nil: every request of Op.
	Match func(Request) bool

	// Status, Body and ContentType are a response that replaces the operation's
	// own, if Status is set. Without ContentType it is JSON if Body begins like
	// JSON, otherwise HTML.
	Status            int
	Body, ContentType string

	// RetryAfter and Header are added to the response, whether it is the
	// operation's own or that of Status. RetryAfter is the header's value:
	// seconds or a date. Header replaces headers of the same name.
	RetryAfter string
	Header     http.Header

	// Delay is how long to wait first. If the caller gives up meanwhile, the
	// operation is not carried out, unless AfterApply is set.
	Delay time.Duration

	// AfterApply carries out the operation first, then waits for Delay, then
	// fails. The response is lost.
	AfterApply bool

	// Refuse refuses the connection, and nothing is logged.
	Refuse bool
	// Reset breaks the connection instead of responding.
	Reset bool
	// Truncate breaks the connection after this many bytes of the body, if it is
	// longer; -1: after the headers.
	Truncate int
	// Stall keeps the connection open but silent until the client gives up: with
	// Truncate after that many bytes, otherwise from the beginning.
	Stall bool
}
