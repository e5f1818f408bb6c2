package faultmatrix_test

import (
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

// connectionFaults are failures of the network.
func connectionFaults() []fault {
	faults := []fault{
		{
			name:    "connection refused",
			service: serving(messembedtest.Fault{Refuse: true}),
			meaning: meaning{came: nothingSent},
		},
		{
			name:    "no such host",
			wire:    instead(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "messembed.test", IsNotFound: true}}),
			meaning: meaning{came: nothingSent},
		},
		{
			name:    "connecting times out",
			wire:    instead(&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}),
			meaning: meaning{came: nothingSent},
		},
		{
			name:    "TLS handshake times out",
			wire:    instead(errors.New("net/http: TLS handshake timeout")),
			meaning: meaning{came: nothingSent},
		},
		{
			name:    "reset before the request was read",
			service: serving(messembedtest.Fault{Reset: true}),
			meaning: meaning{came: noAnswer},
		},
		{
			name:    "reset after it was applied",
			service: serving(messembedtest.Fault{Reset: true, AfterApply: true}),
			meaning: meaning{came: noAnswer, done: true},
		},
		{
			name:    "closed without a response, after it was applied",
			wire:    afterwards(io.EOF),
			meaning: meaning{came: noAnswer, done: true},
		},
		{
			name:    "endless header",
			wire:    afterwards(errors.New("net/http: server response headers exceeded 262144 bytes; aborted")),
			meaning: meaning{came: noAnswer, done: true},
		},
		{
			name:    "a response that is not HTTP",
			wire:    afterwards(errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "` + canaryMetadata + `"`)),
			meaning: meaning{came: noAnswer, done: true},
		},
		{
			name:    "HTTP/2 stream reset, after it was applied",
			wire:    afterwards(errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer")),
			meaning: meaning{came: noAnswer, done: true},
		},
		{
			name:    "silence until the attempt times out",
			service: serving(messembedtest.Fault{Stall: true}),
			meaning: meaning{came: noAnswer, takes: attemptTimeout},
		},
		{
			name:    "silence until the attempt times out, after it was applied",
			service: serving(messembedtest.Fault{Stall: true, AfterApply: true}),
			meaning: meaning{came: noAnswer, takes: attemptTimeout, done: true},
		},
		{
			name:    "the response begins too late",
			service: serving(messembedtest.Fault{Delay: attemptTimeout + time.Second}),
			meaning: meaning{came: noAnswer, takes: attemptTimeout},
		},
		{
			name:    "the response ends too late",
			service: serving(messembedtest.Fault{Delay: attemptTimeout + time.Second, AfterApply: true}),
			meaning: meaning{came: noAnswer, takes: attemptTimeout, done: true},
		},
		{
			name:    "a slow response, but in time",
			service: serving(messembedtest.Fault{Delay: attemptTimeout / 2}),
			meaning: meaning{came: whole, takes: attemptTimeout / 2, done: true},
		},
		{
			name:    "the caller gives up waiting",
			service: serving(messembedtest.Fault{Stall: true}),
			givesUp: 3 * time.Second,
			meaning: meaning{came: noAnswer, takes: 3 * time.Second, ended: true},
		},
		{
			name:    "the caller gives up waiting, after it was applied",
			service: serving(messembedtest.Fault{Stall: true, AfterApply: true}),
			givesUp: 3 * time.Second,
			meaning: meaning{came: noAnswer, takes: 3 * time.Second, ended: true, done: true},
		},
	}
	return inGroup("connection", faults)
}

// cutFaults are responses that begin well.
func cutFaults() []fault {
	cut := meaning{came: brokenOff, done: true}
	late := meaning{came: brokenOff, done: true, late: true}
	stalled := meaning{came: brokenOff, done: true, takes: attemptTimeout}
	html := "<html><body>Bad Gateway</body></html>"
	faults := []fault{
		{name: "cut after the header", service: serving(messembedtest.Fault{Truncate: -1}), meaning: cut},
		{name: "cut after one byte", service: serving(messembedtest.Fault{Truncate: 1}), meaning: cut},
		{name: "cut in the middle", wire: cutAt(func(n int) int { return n / 2 }), meaning: late},
		{name: "cut before the last byte", wire: cutAt(func(n int) int { return n - 1 }), meaning: late},
		{name: "silence after the header", service: serving(messembedtest.Fault{Truncate: -1, Stall: true}), meaning: stalled},
		{name: "silence after one byte", service: serving(messembedtest.Fault{Truncate: 1, Stall: true}), meaning: stalled},
		{name: "a byte every five seconds", wire: dripping(5 * time.Second), meaning: meaning{came: whole, done: true, drips: true}},
		{
			name:    "404, cut short",
			service: serving(messembedtest.Fault{Status: 404, Body: plainError(404), Truncate: 3}),
			meaning: meaning{came: brokenOff, status: 404},
		},
		{
			name:    "500, cut short, after it was applied",
			service: serving(messembedtest.Fault{Status: 500, Body: plainError(500), Truncate: 3, AfterApply: true}),
			meaning: meaning{came: brokenOff, status: 500, done: true},
		},
		{
			name:    "502 HTML, cut short, after it was applied",
			service: serving(messembedtest.Fault{Status: 502, Body: html, Truncate: 9, AfterApply: true}),
			meaning: meaning{came: brokenOff, status: 502, done: true},
		},
		{
			name:    "503, silence after the header",
			service: serving(messembedtest.Fault{Status: 503, Body: html, Truncate: -1, Stall: true}),
			meaning: meaning{came: brokenOff, status: 503, takes: attemptTimeout},
		},
	}
	return inGroup("response cut short", faults)
}

func inGroup(group string, faults []fault) []fault {
	for i := range faults {
		faults[i].group = group
	}
	return faults
}

func serving(f messembedtest.Fault) func(time.Time) messembedtest.Fault {
	return func(time.Time) messembedtest.Fault { return f }
}
