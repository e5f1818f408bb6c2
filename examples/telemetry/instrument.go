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
// messembed.WithTransport. Each attempt becomes a client span named after its
// operation ("CreateUser", "GetUser", …) below the span of the caller's context,
// and counts in http.client.request.duration with the attribute
// messembed.operation.
//
// otelhttp records the full URL of a request in its span. The SDK's paths contain
// your users' ids, and the query of the live events' handshake contains the service's
// password. So otelhttp gets another URL: the operation's route, without ids and
// without a query.
func instrument(baseURL string, rt http.RoundTripper, opts ...otelhttp.Option) (http.RoundTripper, error) {
	base, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	// A client without credentials that sends nothing; it only lists the operations.
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
		known:    messembed.Operations(client),
	}, nil
}

// attempt is one request on its way from hiding through otelhttp to revealing.
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

// hiding names the operation and replaces the URL by its route.
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

// CloseIdleConnections makes messembed.Client.CloseIdleConnections work.
func (h *hiding) CloseIdleConnections() { (&http.Client{Transport: h.rt}).CloseIdleConnections() }

// operation identifies the request. One that matches no route of the service and has
// a form as its body goes to the token endpoint of an OAuth2 gateway.
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

// fits reports whether a path matches a route such as "users/{id}".
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

// revealing restores the request's URL below otelhttp.
type revealing struct{ rt http.RoundTripper }

func (v revealing) RoundTrip(r *http.Request) (*http.Response, error) {
	a := attemptOf(r)
	trace.SpanFromContext(r.Context()).SetAttributes(
		attribute.String("url.template", a.route),
		// The service logs it, which links a span to the service's log.
		attribute.String("messembed.request_id", r.Header.Get("X-Request-Id")),
	)
	r = r.Clone(r.Context())
	r.URL = a.url
	return v.rt.RoundTrip(r)
}
