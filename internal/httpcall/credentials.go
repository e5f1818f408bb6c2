package httpcall

import (
	"context"
	"encoding/base64"
	"net/http"
)

// credentials adds the credentials to the request.
type credentials struct {
	auth Authenticator // nil means that none are sent
	next http.RoundTripper
}

func (s credentials) RoundTrip(req *http.Request) (*http.Response, error) {
	if s.auth == nil {
		return s.next.RoundTrip(req)
	}
	ctx := req.Context()
	out := req.WithContext(ctx)
	out.Header = req.Header.Clone() // a transport may still be sending an earlier attempt's
	if err := s.auth.authorize(ctx, out.Header); err != nil {
		return nil, noToken(progressOf(ctx), reasonOf(ctx, err))
	}
	return s.next.RoundTrip(out)
}

// noToken returns the failure of an attempt for which there was no token.
func noToken(p *progress, err error) *Failure {
	if proxyWantsAuth(err) {
		return p.refusedByProxy()
	}
	f := p.failNotSent(err)
	switch err := err.(type) { //nolint:errorlint // they are made here
	case *tokenRefusedError:
		f.Reason = TokenRefused
	case *tokenDelayedError:
		f.Verdict.HasRetryAfter, f.RetryAfter = err.hasRetryAfter, err.retryAfter
		if err.status == http.StatusTooManyRequests {
			f.Reason = TokenRateLimited
		}
	}
	return f
}

// Authenticator knows the credentials.
type Authenticator interface {
	authorize(ctx context.Context, h http.Header) error
	// renew drops the token that was sent with h and reports whether another
	// one may be obtained.
	renew(h http.Header) bool
	// secrets returns the parts of the credentials in h that must not be shown.
	secrets(h http.Header) []string
}

// fixedHeaders are credentials that do not change. They are behind a function
// because fmt, wherever it meets them, does not print what is behind one.
type fixedHeaders func() http.Header

// Basic returns HTTP Basic authentication.
func Basic(username, password string) Authenticator {
	return FixedHeaders(http.Header{"Authorization": {
		"Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password)),
	}})
}

// FixedHeaders returns authentication by headers of the service's own, given by
// their canonical names.
func FixedHeaders(h http.Header) Authenticator {
	return fixedHeaders(func() http.Header { return h })
}

func (f fixedHeaders) authorize(_ context.Context, h http.Header) error {
	for name, values := range f() {
		h[name] = values
	}
	return nil
}

func (fixedHeaders) renew(http.Header) bool { return false }

func (f fixedHeaders) secrets(http.Header) []string {
	var secrets []string
	for _, values := range f() {
		for _, value := range values {
			secrets = append(secrets, secretsOf(value)...)
		}
	}
	return secrets
}
