package httpcall

import (
	"context"
	"log/slog"
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
	retrying  *retryablehttp.Client
	base      base
	userAgent []string
}

// New returns a Client for a complete Config.
func New(cfg Config) *Client {
	// An attempt goes down these stages, and its response comes back up. What a
	// stage returns is a 2xx response, or a *Failure as its error.
	retrying := newRetrying(cfg,
		renewal{cfg.Auth,
			rateLimit{cfg.Limiter,
				inFlight{make(slots, cfg.MaxInFlight),
					deadline{cfg.AttemptTimeout,
						credentials{cfg.Auth,
							reading{cfg.MaxResponseBytes,
								wire{cfg.Transport, onlyHTTP1(cfg.Transport)}}}}}}})
	return &Client{cfg: cfg, retrying: retrying, base: newBase(cfg.BaseURL), userAgent: []string{cfg.UserAgent}}
}

// Do carries out the call, with retries according to the retry table, until ctx
// or the call's deadline ends.
func (c *Client) Do(ctx context.Context, call *Call) (Answer, *Failure) {
	p := &progress{client: c, call: call, deadline: call.Deadline, began: time.Now()}
	if call.ListTimeout > 0 {
		p.deadline = p.began.Add(call.ListTimeout)
	}
	req := &retryablehttp.Request{Request: c.newRequest(withProgress(ctx, p), call)}
	if call.Body != nil {
		_ = req.SetBody(call.Body) // fails only for types that it does not know
	}
	resp, err := c.retrying.Do(req) //nolint:bodyclose // it was read, or is the caller's Stream
	if err != nil {
		return Answer{}, p.failure(ctx, err)
	}
	p.log(ctx, resp.StatusCode, nil)
	answer := Answer{StatusCode: resp.StatusCode, Header: resp.Header, Attempts: p.sent}
	switch body := resp.Body.(type) {
	case *Stream:
		answer.Stream = body
	case *wholeBody:
		answer.Body = body.bytes
	}
	return answer, nil
}

// Call is what to send, and how.
type Call struct {
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

	// ListTimeout is how long the first byte of a response may take that the
	// service needs long to prepare, instead of AttemptTimeout and Deadline; 0 for
	// any other. After it the response may last as long as bytes keep coming. If it
	// timed out, it is not requested again: the service is still preparing it.
	ListTimeout time.Duration

	RequestID string

	// Judge interprets a response that is neither 2xx nor a redirect.
	Judge func(status int, header http.Header, body []byte) Verdict
}

// Answer is what a call returns: a 2xx response.
type Answer struct {
	StatusCode int
	Header     http.Header
	Body       []byte  // whole, unless the call was for a stream
	Stream     *Stream // to be closed by the caller
	Attempts   int
}

var (
	acceptJSON = []string{"application/json"}
	typeJSON   = []string{"application/json"}
)

// TypeJSON is a content type that costs no allocation.
const TypeJSON = "application/json"

func (c *Client) newRequest(ctx context.Context, call *Call) *http.Request {
	u := *c.cfg.BaseURL
	u.Path, u.RawPath = c.base.expand(call.Route, call.Args)
	u.RawQuery = call.Query

	header := make(http.Header, 5+len(call.Header))
	header["Accept"] = acceptJSON
	header["User-Agent"] = c.userAgent
	header["X-Request-Id"] = []string{call.RequestID}
	switch call.Type {
	case "":
	case TypeJSON:
		header["Content-Type"] = typeJSON
	default:
		header["Content-Type"] = []string{call.Type}
	}
	for name, values := range call.Header {
		header[name] = values
	}
	req := &http.Request{
		Method: call.Method, URL: &u, Host: u.Host, Header: header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	return req.WithContext(ctx)
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.cfg.Transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}
