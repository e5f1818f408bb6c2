package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	messembed "github.com/messembed/messembed-go"
)

// instrument puts OpenTelemetry's HTTP instrumentation around rt, for
// messembed.WithTransport. Each attempt becomes a client span named by its
// operation ("CreateUser", "GetUser", …) below the span of the caller's context,
// and each counts in http.client.request.duration with the attribute
// messembed.operation.
//
// otelhttp writes a request's whole URL into its span. The SDK's paths hold your
// users' ids, and the query of the live events' handshake holds the service's
// password. So otelhttp is shown another URL: the operation's route, without ids
// and without a query.
func instrument(baseURL string, rt http.RoundTripper, opts ...otelhttp.Option) (http.RoundTripper, error) {
	base, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	// A client without credentials that sends nothing, to ask what it may send.
	client, err := messembed.New(baseURL)
	if err != nil {
		return nil, err
	}
	opts = append([]otelhttp.Option{
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return attemptOf(r).op }),
	}, opts...)
	return &hiding{
		next:     otelhttp.NewTransport(revealing{rt}, opts...),
		rt:       rt,
		host:     base.Host,
		basePath: strings.TrimSuffix(base.EscapedPath(), "/") + "/",
		known:    client.Operations(),
	}, nil
}

// attempt is one request on its way from hiding, through otelhttp, to revealing.
type attempt struct {
	op    string
	route string
	url   *url.URL // the real one
}

type attemptKey struct{}

func attemptOf(r *http.Request) *attempt {
	a, _ := r.Context().Value(attemptKey{}).(*attempt)
	return a
}

// hiding names the operation and puts its route in the URL's place.
type hiding struct {
	next           http.RoundTripper // otelhttp, then revealing
	rt             http.RoundTripper
	host, basePath string
	known          []messembed.Operation
}

func (h *hiding) RoundTrip(r *http.Request) (*http.Response, error) {
	op, route := h.operation(r)
	shown := *r.URL
	shown.Path, shown.RawPath, shown.RawQuery, shown.Opaque, shown.Fragment = route, "", "", "", ""
	ctx := context.WithValue(r.Context(), attemptKey{}, &attempt{op: op, route: route, url: r.URL})
	var labels otelhttp.Labeler // for the metrics
	labels.Add(attribute.String("messembed.operation", op))
	r = r.WithContext(otelhttp.ContextWithClientLabeler(ctx, &labels))
	r.URL = &shown
	return h.next.RoundTrip(r)
}

// CloseIdleConnections lets messembed.Client.CloseIdleConnections through.
func (h *hiding) CloseIdleConnections() { (&http.Client{Transport: h.rt}).CloseIdleConnections() }

// operation finds what a request is for. What is none of the service's and has a
// form for its body goes to the token endpoint of an OAuth2 gateway.
func (h *hiding) operation(r *http.Request) (op, route string) {
	path, below := strings.CutPrefix(r.URL.EscapedPath(), h.basePath)
	if below && r.URL.Host == h.host {
		if strings.HasPrefix(path, "socket.io/") {
			return "MessageEvents", h.basePath + "socket.io/"
		}
		for _, known := range h.known {
			if known.Method == r.Method && fits(known.Route, path) {
				return known.Name, h.basePath + strings.NewReplacer("{", ":", "}", "").Replace(known.Route)
			}
		}
	}
	if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
		return "Token", "/"
	}
	return "other", "/"
}

// fits tells whether a path is one of the route "users/{id}".
func fits(route, path string) bool {
	routeParts, parts := strings.Split(route, "/"), strings.Split(path, "/")
	if len(routeParts) != len(parts) {
		return false
	}
	for i, part := range routeParts {
		if !strings.Contains(part, "{") && part != parts[i] {
			return false
		}
	}
	return true
}

// revealing gives the request its URL back, below otelhttp.
type revealing struct{ rt http.RoundTripper }

func (v revealing) RoundTrip(r *http.Request) (*http.Response, error) {
	a := attemptOf(r)
	trace.SpanFromContext(r.Context()).SetAttributes(
		attribute.String("url.template", a.route),
		// The service writes it to its log: the way from a span to there.
		attribute.String("messembed.request_id", r.Header.Get("X-Request-Id")),
	)
	r = r.Clone(r.Context())
	r.URL = a.url
	return v.rt.RoundTrip(r)
}
