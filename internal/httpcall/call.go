package httpcall

import (
	"context"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"
)

// Config is fixed for the life of a Client. Its fields have no defaults here.
type Config struct {
	BaseURL          *url.URL // its path ends in a slash
	Transport        http.RoundTripper
	Auth             Authenticator // nil means that no credentials are sent
	MaxAttempts      int
	MinBackoff       time.Duration
	MaxBackoff       time.Duration
	AttemptTimeout   time.Duration
	Limiter          *rate.Limiter // nil means no limit
	MaxInFlight      int
	MaxResponseBytes int64
	Logger           *slog.Logger // nil means no logging
	UserAgent        string
}

// Client sends calls to one service. It is safe for concurrent use.
type Client struct {
	cfg       Config
	slots     slots
	http      http.Client
	base      base
	userAgent []string
}

// New returns a Client for a complete Config.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, slots: make(slots, cfg.MaxInFlight), base: newBase(cfg.BaseURL), userAgent: []string{cfg.UserAgent}}
	c.http = http.Client{Transport: attemptTransport{}, CheckRedirect: RefuseRedirect}
	return c
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.cfg.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// Request is one call to make.
type Request struct {
	Op       string // for the log
	Method   string
	Route    string   // below the base URL, with {placeholders}: "users/{id}"
	Args     []string // fill the placeholders, each as one segment
	Query    string   // encoded
	Header   http.Header
	Body     []byte
	Type     string // the body's content type
	Deadline time.Time

	Repeatable bool // safe to retry
	Write      bool // changes something at the service
	Stream     bool // the response's body is left open

	RequestID string

	// Judge interprets a response that is neither 2xx nor a redirect.
	Judge func(status int, header http.Header, body []byte) Verdict
}

// Verdict is the meaning of an error response for the retry table.
type Verdict struct {
	Status          int           // the status that the response counts as
	RetryAfter      time.Duration // if the service gives it by other means than the header
	HasRetryAfter   bool
	Unauthenticated bool // the credentials were rejected; a new token may help
}

// Answer is a 2xx response.
type Answer struct {
	StatusCode int
	Header     http.Header
	Body       []byte  // whole, unless the request was for a stream
	Stream     *Stream // to be closed by the caller
	Attempts   int
}

// Reason is why a call failed.
type Reason int

// The reasons.
const (
	NoAnswer     Reason = iota // nothing arrived, or not in time
	CutShort                   // the response broke off
	Refused                    // an error status, on which Judge has given its Verdict
	Redirected                 // 3xx
	TooLarge                   // more bytes than MaxResponseBytes
	TokenRefused               // the token endpoint rejected the credentials
)

// Failure is a call that ended without a usable response.
type Failure struct {
	Reason       Reason
	StatusCode   int // 0 if no response arrived
	Header       http.Header
	Attempts     int
	MaybeApplied bool
	RetryAfter   time.Duration
	Err          error // a *Cause, or nil

	of *attempts // for Conceal
}

// Do sends the request, with retries according to the retry table, until ctx or
// the request's deadline ends.
func (c *Client) Do(ctx context.Context, r *Request) (Answer, *Failure) {
	a := &attempts{Context: ctx, client: c, req: r, deadline: r.Deadline}
	if err := ctx.Err(); err != nil {
		return Answer{}, a.fail(NoAnswer, err)
	}
	req := &retryablehttp.Request{Request: c.newHTTPRequest(a)}
	if r.Body != nil {
		if err := req.SetBody(r.Body); err != nil {
			return Answer{}, a.fail(NoAnswer, err)
		}
	}
	a.retrying.HTTPClient = &c.http
	a.retrying.RetryMax = min(c.cfg.MaxAttempts, math.MaxInt-1) + 1 // judge does the counting; one more is for a renewed token
	a.retrying.CheckRetry = checkRetry
	a.retrying.Backoff = a.backoff
	a.retrying.ErrorHandler = keepLastError
	resp, err := a.retrying.Do(req) //nolint:bodyclose // readBody and Stream close it
	if err != nil && err == ctx.Err() {
		a.failure.Err = NewCause(err) // it ended while waiting to retry
	}
	if a.failure != nil {
		return Answer{}, a.failure
	}
	answer := Answer{StatusCode: resp.StatusCode, Header: resp.Header, Body: a.body, Attempts: a.sent}
	if r.Stream {
		limit := c.cfg.MaxResponseBytes
		answer.Stream = &Stream{a: a, body: resp.Body, limit: limit, left: limit}
	}
	return answer, nil
}

var (
	acceptJSON = []string{"application/json"}
	typeJSON   = []string{"application/json"}
)

// TypeJSON is a content type that costs no allocation.
const TypeJSON = "application/json"

func (c *Client) newHTTPRequest(a *attempts) *http.Request {
	r := a.req
	u := *c.cfg.BaseURL
	u.Path, u.RawPath = c.base.expand(r.Route, r.Args)
	u.RawQuery = r.Query

	header := make(http.Header, 5+len(r.Header))
	header["Accept"] = acceptJSON
	header["User-Agent"] = c.userAgent
	header["X-Request-Id"] = []string{r.RequestID}
	switch r.Type {
	case "":
	case TypeJSON:
		header["Content-Type"] = typeJSON
	default:
		header["Content-Type"] = []string{r.Type}
	}
	for name, values := range r.Header {
		header[name] = values
	}
	req := &http.Request{
		Method: r.Method, URL: &u, Host: u.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(a)
}
