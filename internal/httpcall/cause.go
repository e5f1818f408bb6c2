package httpcall

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Cause is a transport's error without what it may give away. Its text has no
// URL and nothing that was quoted from an answer. The error itself is reachable
// for errors.Is and errors.As, and not by unwrapping: who prints a whole chain
// prints nothing else.
type Cause struct {
	text string
	err  error
}

// NewCause makes a Cause of any transport error; nil stays nil.
func NewCause(err error) error {
	if err == nil {
		return nil
	}
	for {
		var u *url.Error
		if !errors.As(err, &u) {
			break
		}
		err = u.Err
	}
	return &Cause{text: safeText(err.Error()), err: err}
}

func (c *Cause) Error() string { return c.text }

// GoString keeps %#v as safe as Error.
func (c *Cause) GoString() string { return c.text }

// Is tells whether the transport's error is target, or wraps it.
func (c *Cause) Is(target error) bool { return errors.Is(c.err, target) }

// As finds the transport's error, or one that it wraps.
func (c *Cause) As(target any) bool { return errors.As(c.err, target) }

const maxCauseText = 200

// safeText cuts where net/http starts to quote an answer and before any URL.
func safeText(s string) string {
	s, _, _ = strings.Cut(s, `"`)
	if before, _, found := strings.Cut(s, "://"); found {
		s = before[:strings.LastIndexAny(before, " \t(")+1]
	}
	s, _, _ = strings.Cut(s, "\n")
	if len(s) > maxCauseText {
		s = strings.ToValidUTF8(s[:maxCauseText], "")
	}
	if s = strings.TrimSpace(s); s == "" {
		return "the transport failed"
	}
	return s
}

// dialFailed tells by the error whether no connection was made.
func dialFailed(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// tlsFailed tells by the error whether TLS did not come about. Alerts may come at
// any time.
func tlsFailed(err error) bool {
	return handshakeFailed(err) && !isAlert(err) || err.Error() == "net/http: TLS handshake timeout"
}

// isAlert tells whether one of the two sides ended the TLS connection, which it
// may do in the handshake and at any time after it.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// handshakeFailed tells of an error before the request was sent whether the two
// sides could not agree on TLS, which another try will not change.
func handshakeFailed(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &cert) || isAlert(err) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
