package httpcall

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// Cause is a transport's error without anything that it might give away: its
// text has no URL and quotes nothing from a response. The error itself can be
// found with errors.Is and errors.As, but not by unwrapping, so that printing a
// whole chain prints nothing else.
type Cause struct {
	text string
	err  error
}

// NewCause returns a Cause for any transport error; nil for nil.
func NewCause(err error) error { return newCause(err, func(text string) string { return text }) }

// newCause conceals the whole text before any of it is cut off, since the front
// of a secret is not recognized everywhere.
func newCause(err error, conceal func(string) string) error {
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
	return &Cause{text: safeText(conceal(err.Error())), err: err}
}

func (c *Cause) Error() string { return c.text }

// GoString makes %#v as safe as Error.
func (c *Cause) GoString() string { return c.text }

// Is reports whether the transport's error is or wraps target.
func (c *Cause) Is(target error) bool { return errors.Is(c.err, target) }

// As finds target in the chain of the transport's error.
func (c *Cause) As(target any) bool { return errors.As(c.err, target) }

const maxCauseText = 200

// safeText cuts a text where net/http starts to quote a response, and before
// any URL. A certificate's names, among others, may hold control characters, which
// would forge lines of a log or move the cursor of a terminal.
func safeText(s string) string {
	s, _, _ = strings.Cut(s, `"`)
	if before, _, found := strings.Cut(s, "://"); found {
		s = before[:strings.LastIndexAny(before, " \t(")+1]
	}
	s, _, _ = strings.Cut(s, "\n")
	s = strings.Map(printable, s)
	if len(s) > maxCauseText {
		s = strings.ToValidUTF8(s[:maxCauseText], "")
	}
	if s = strings.TrimSpace(s); s == "" {
		return "the transport failed"
	}
	return s
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// dialFailed reports, judging by the error alone, whether no connection was made.
func dialFailed(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect") {
		return true
	}
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// tlsFailed reports, judging by the error alone, whether the TLS handshake failed.
// Alerts do not count: they may be sent at any time.
func tlsFailed(err error) bool {
	return handshakeFailed(err) && !isAlert(err) || err.Error() == "net/http: TLS handshake timeout"
}

// isAlert reports whether one of the two sides ended the TLS connection, which
// it may do during the handshake and at any time after it.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// handshakeFailed reports, for an error before the request was sent, whether
// the two sides could not agree on TLS, which a retry will not change.
func handshakeFailed(err error) bool {
	var cert *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &cert) || isAlert(err) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}
