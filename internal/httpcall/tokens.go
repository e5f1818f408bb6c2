package httpcall

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// TokenSource authenticates with the tokens of an oauth2.TokenSource. A TokenSource
// cannot be cancelled, so while one call of it is running no other is started.
func TokenSource(ts oauth2.TokenSource) Authenticator {
	return &tokens{endless: true, fetch: func(context.Context) (*oauth2.Token, error) { return ts.Token() }}
}

// ClientCredentials authenticates with the OAuth2 client-credentials grant. It
// sends token requests through the same transport; timeout limits one fetch.
func ClientCredentials(cfg clientcredentials.Config, transport http.RoundTripper, timeout time.Duration) Authenticator {
	client := &http.Client{Transport: tokenTransport{transport}}
	return &tokens{fetch: func(ctx context.Context) (*oauth2.Token, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		return cfg.Token(context.WithValue(ctx, oauth2.HTTPClient, client))
	}}
}

// tokenTransport is the transport of the http.Client that fetches tokens. It
// keeps a redirect from it: credentials must not travel on.
type tokenTransport struct{ transport http.RoundTripper }

func (t tokenTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.transport.RoundTrip(req)
	if err == nil {
		err = usable(req, resp)
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 3 {
		_ = resp.Body.Close() // nothing is wanted of it
		return nil, &tokenRefusedError{endpointReturned(resp.StatusCode)}
	}
	resp.Body = &moving{ReadCloser: resp.Body}
	return resp, nil
}

// tokens keeps one token and fetches the next, once for all callers waiting for
// it.
type tokens struct {
	fetch   func(context.Context) (*oauth2.Token, error)
	endless bool // fetch ignores its context

	mu       sync.Mutex
	header   func() []string // of the kept token; nil if there is none
	staleAt  time.Time       // zero if the token does not expire
	fetching *tokenFetch
}

// tokenFetch is one fetch in progress. It is cancelled when nobody waits for it
// any more.
type tokenFetch struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int
	header  func() []string
	err     error
	crash   Crash
}

// refreshEarly is how long before its expiry a token is no longer used, so that
// it is still valid when it arrives.
const refreshEarly = 30 * time.Second

func (t *tokens) authorize(ctx context.Context, h http.Header) error {
	t.mu.Lock()
	if t.header != nil && (t.staleAt.IsZero() || time.Now().Before(t.staleAt)) {
		h["Authorization"] = t.header()
		t.mu.Unlock()
		return nil
	}
	f := t.fetching
	if f == nil {
		f = t.begin(ctx)
	}
	f.waiting++
	t.mu.Unlock()

	select {
	case <-f.done:
		f.crash.GoOn()
		if f.err != nil {
			return f.err
		}
		h["Authorization"] = f.header()
		return nil
	case <-ctx.Done():
		t.mu.Lock()
		defer t.mu.Unlock()
		if f.waiting--; f.waiting == 0 {
			f.cancel()
			if t.fetching == f && !t.endless {
				t.fetching = nil
			}
		}
		return ctx.Err()
	}
}

// begin starts a fetch that outlives the call that began it, since others may
// come to wait for it too. What panics in it is the caller's code, and panics in
// the goroutines of those who wait.
func (t *tokens) begin(ctx context.Context) *tokenFetch {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &tokenFetch{done: make(chan struct{}), cancel: cancel}
	t.fetching = f
	go func() {
		defer cancel() // for what a token source has tied to ctx
		var token *oauth2.Token
		var err error
		defer func() { t.keep(f, token, err) }()
		f.crash.Guard(func() { token, err = t.fetch(ctx) })
	}()
	return f
}

// keep ends a fetch with what came of it.
func (t *tokens) keep(f *tokenFetch, token *oauth2.Token, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case f.crash.Happened():
	case err != nil:
		f.err = tokenError(err)
	case token == nil || token.AccessToken == "":
		f.err = errors.New("the token source gave no access token")
	default:
		header := []string{token.Type() + " " + token.AccessToken}
		if !fitsHeader(header[0]) {
			f.err = &tokenRefusedError{"the access token holds a character that no header can hold"}
			break
		}
		f.header = func() []string { return header }
		t.header, t.staleAt = f.header, staleAt(token)
	}
	if t.fetching == f {
		t.fetching = nil
	}
	close(f.done)
}

func staleAt(token *oauth2.Token) time.Time {
	if token.Expiry.IsZero() {
		return time.Time{}
	}
	early := min(refreshEarly, time.Until(token.Expiry)/4)
	return token.Expiry.Add(-early)
}

func (t *tokens) renew(h http.Header) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	used := h["Authorization"]
	if len(used) == 1 && t.header != nil && used[0] == t.header()[0] {
		t.header = nil
	}
	return true
}

func (*tokens) secrets(h http.Header) []string {
	var secrets []string
	for _, value := range h["Authorization"] {
		secrets = append(secrets, secretsOf(value)...)
	}
	return secrets
}

// fitsHeader reports whether a header may have the value: net/http would refuse
// to send any other, after the request counts as sent.
func fitsHeader(value string) bool {
	return !strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f })
}

// tokenRefusedError means that the token endpoint rejected the credentials, or
// gave a token that is of no use. Asking again would not help.
type tokenRefusedError struct{ text string }

func (e *tokenRefusedError) Error() string { return e.text }

// tokenDelayedError means that the token endpoint may give a token later.
type tokenDelayedError struct {
	status        int
	retryAfter    time.Duration
	hasRetryAfter bool
}

func (e *tokenDelayedError) Error() string { return endpointReturned(e.status) }

func endpointReturned(status int) string {
	return "the token endpoint returned status " + strconv.Itoa(status)
}

// tokenError keeps what is safe to show of a failed fetch: oauth2's own error
// contains the endpoint's whole response.
func tokenError(err error) error {
	var answered *oauth2.RetrieveError
	if !errors.As(err, &answered) || answered.Response == nil {
		var refused *tokenRefusedError
		if errors.As(err, &refused) {
			return refused
		}
		return err
	}
	switch status := answered.Response.StatusCode; status {
	case http.StatusProxyAuthRequired:
		return errProxyAuth
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
	default:
		if status/100 == 4 {
			return &tokenRefusedError{endpointReturned(status)}
		}
		if status/100 == 2 { // as some endpoints do it, with an error code in the body
			return &tokenRefusedError{"the token endpoint refused the credentials"}
		}
	}
	later := &tokenDelayedError{status: answered.Response.StatusCode}
	later.retryAfter, later.hasRetryAfter = retryAfterOf(answered.Response.Header)
	return later
}
