package fakeserver

import (
	"net/http"
	"time"
)

// A Request is one request that a fake received, without the caller's
// credentials.
type Request struct {
	Op     string // the operation, named after the SDK's method; empty if the request belongs to none
	Method string
	Path   string      // as sent: percent-encoded, with the base path, without the query
	Query  string      // as sent, except for the values of credentials
	Header http.Header // without Authorization, cookies and the like

	// Body is without passwords, and nil if all of it is credentials, as at a
	// token endpoint. Where the number of requests is limited, it has at most
	// 256 KiB.
	Body []byte

	Status int // of the response, even if it was then cut short; 0: no response (yet)

	Time     time.Time     // of arrival
	Duration time.Duration // until the response was written or the connection broke; 0: neither has happened
}

// A LoggedRequest is a [Request] with what only an observer of a running fake
// needs.
type LoggedRequest struct {
	Request
	Number int    // from 1, in order of arrival, never reused
	Fault  *Fault // that the request met, nil if none
	Ended  bool   // the response is written in full, or the connection broke

	// The response, without credentials, even if it was then cut short: nil if
	// there is none (yet). Of the body only the beginning is kept, at most 64 KiB,
	// and nothing of one with credentials or of a live connection; AnswerSize is
	// the length of all of it. They are empty where the number of requests is not
	// limited.
	AnswerHeader http.Header
	AnswerBody   []byte
	AnswerSize   int
}
