package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func TestTelemetry_embedded(t *testing.T) {
	clearEnv(t, "MESSEMBED_")
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `span   GetUser url.template=/users/:id http.response.status_code=404 error.type=404
span   CreateUser url.template=/admin-api/users error.type=*net.OpError
span   CreateUser url.template=/admin-api/users http.response.status_code=409 error.type=409
span   GetUser url.template=/users/:id http.response.status_code=200
span   CreateAccessToken url.template=/admin-api/users/:id/access-tokens http.response.status_code=201
span sign-up
metric http.client.request.duration CreateAccessToken status=201: 1
metric http.client.request.duration CreateUser status=409: 1
metric http.client.request.duration CreateUser status=none: 1
metric http.client.request.duration GetUser status=200: 1
metric http.client.request.duration GetUser status=404: 1
`, out.String())
}

func TestTelemetry_service(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	username, password := fake.Credentials()
	t.Setenv("MESSEMBED_URL", fake.URL())
	t.Setenv("MESSEMBED_USERNAME", username)
	t.Setenv("MESSEMBED_PASSWORD", password)
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Contains(t, out.String(), "CreateAccessToken url.template=/api/messembed/admin-api/users/:id/access-tokens")
}

// recorder records what a collector would receive.
type recorder struct {
	spans   *tracetest.InMemoryExporter
	traces  *sdktrace.TracerProvider
	metrics *sdkmetric.ManualReader
	options []otelhttp.Option
}

func newRecorder() *recorder {
	r := &recorder{spans: tracetest.NewInMemoryExporter(), metrics: sdkmetric.NewManualReader()}
	r.traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
	r.options = []otelhttp.Option{
		otelhttp.WithTracerProvider(r.traces),
		otelhttp.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.metrics))),
		otelhttp.WithPropagators(propagation.TraceContext{}),
	}
	return r
}

func (r *recorder) client(t *testing.T, fake *messembedtest.Server, opts ...messembed.Option) *messembed.Client {
	t.Helper()
	rt, err := instrument(fake.BaseURL(), fake, r.options...)
	require.NoError(t, err)
	return fake.Client(t, append(opts, messembed.WithTransport(rt))...)
}

// everything returns all that was recorded, as text.
func (r *recorder) everything(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, span := range r.spans.GetSpans() {
		fmt.Fprintf(&all, "%+v\n", span)
		for _, a := range span.Attributes {
			fmt.Fprintf(&all, "%s=%s\n", a.Key, a.Value.String())
		}
	}
	var metrics metricdata.ResourceMetrics
	require.NoError(t, r.metrics.Collect(context.Background(), &metrics))
	data, err := json.Marshal(metrics)
	require.NoError(t, err)
	all.Write(data)
	return all.String()
}

// Canaries are put into every place that holds user data or secrets. None may appear
// in a span or metric, whether calls succeed or fail.
func TestTelemetry_canaries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		canary := func(what string) string { return "canary-" + what }
		fake := messembedtest.New(t,
			messembedtest.WithCredentials(canary("username"), canary("password")),
			messembedtest.WithJWTSecret([]byte(canary("jwt-secret"))))
		r := newRecorder()
		client := r.client(t, fake, messembed.WithTimeout(5*time.Second), messembed.WithAttemptTimeout(time.Second))
		ctx := t.Context()
		metadata := messembed.Metadata{canary("key"): canary("value")}

		listening, stop := context.WithCancel(ctx)
		received := make(chan *messembed.MessageEvent, 10)
		go func() {
			defer close(received)
			for event, err := range client.MessageEvents(listening, messembed.EventOptions{}) {
				if err == nil {
					received <- event
				}
			}
		}()
		synctest.Wait()

		for _, id := range []string{canary("user/1"), canary("user 2")} {
			_, _, err := client.EnsureUser(ctx, messembed.CreateUserParams{ID: id, ExternalMetadata: metadata, PrivateExternalMetadata: metadata})
			require.NoError(t, err)
		}
		token, err := client.CreateAccessToken(ctx, canary("user/1"))
		require.NoError(t, err)
		chat, err := client.CreateChat(ctx, messembed.CreateChatParams{FirstCompanionID: canary("user/1"), SecondCompanionID: canary("user 2"), ExternalMetadata: metadata})
		require.NoError(t, err)
		_, err = client.GetChatByCompanions(ctx, canary("user/1"), canary("user 2"))
		require.NoError(t, err)
		_, err = client.CreateMessage(ctx, messembed.CreateMessageParams{ChatID: chat.ID, UserID: canary("user 2"), Content: canary("content"), ExternalMetadata: metadata})
		require.NoError(t, err)
		assert.Equal(t, canary("content"), (<-received).Message.Content)
		_, err = client.ListMessages(ctx, messembed.ListMessagesParams{ChatID: chat.ID, After: time.Now().Add(-time.Hour)})
		require.NoError(t, err)
		for _, err := range client.Users(ctx) {
			require.NoError(t, err)
		}

		for _, fault := range []messembedtest.Fault{
			{Reset: true}, {Refuse: true}, {Stall: true}, {Truncate: 1}, {Status: 500}, {Status: 302, Header: http.Header{"Location": {"https://" + canary("elsewhere")}}},
			{Status: 401, Body: `{"statusCode":401,"message":"` + canary("answer") + `"}`}, {Status: 200, Body: "<html>" + canary("page")},
		} {
			fault.Op = "UpdateUser"
			for range 4 {
				fake.FailNext(fault)
			}
			_, _ = client.UpdateUser(ctx, canary("user/1"), messembed.UpdateUserParams{ExternalMetadata: metadata})
			_ = client.DeleteUser(ctx, canary("user 2"))
		}
		stop()
		for range received {
		}
		synctest.Wait()

		all := r.everything(t)
		require.Contains(t, all, "url.template=/admin-api/users/:id")
		for _, secret := range []string{"canary", token.AccessToken, chat.ID, "password", "Basic "} {
			assert.NotContains(t, all, secret)
		}
		names := map[string]bool{}
		for _, span := range r.spans.GetSpans() {
			names[span.Name] = true
		}
		for _, name := range []string{"GetUser", "CreateUser", "UpdateUser", "DeleteUser", "ListUsers", "CreateAccessToken", "CreateChat", "GetChat", "CreateMessage", "ListMessages", "MessageEvents"} {
			assert.True(t, names[name], name)
		}
		assert.False(t, names["other"])
	})
}

// The same for an OAuth2 gateway's secret and token.
func TestTelemetry_gatewayCanaries(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithClientCredentials("canary-id", "canary-secret"))
	r := newRecorder()
	require.NoError(t, r.client(t, fake).CheckCredentials(t.Context()))
	all := r.everything(t)
	assert.NotContains(t, all, "canary")
	assert.NotContains(t, all, "gateway-token", "the prefix of the fake's tokens")
	var names []string
	for _, span := range r.spans.GetSpans() {
		names = append(names, span.Name)
	}
	assert.Equal(t, []string{"Token", "ListMessages"}, names)
}

// The service receives the same requests as without instrumentation, plus the trace.
func TestTelemetry_changesNothing(t *testing.T) {
	fake := messembedtest.New(t, messembedtest.WithBasePath("/api/messembed"))
	r := newRecorder()
	client := r.client(t, fake)
	plain := fake.Client(t)
	ids := []string{"a/b", "..", ".", "a b", "ü", "a%2Fb", "a?b#c", "{id}"}
	for _, id := range ids {
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: id})
		require.NoError(t, err)
		for _, c := range []*messembed.Client{client, plain} {
			user, err := c.GetUser(t.Context(), id)
			require.NoError(t, err)
			assert.Equal(t, id, user.ID)
		}
	}
	requests := fake.Requests()
	for i := 0; i < len(requests); i += 3 {
		traced, plain := requests[i+1], requests[i+2]
		assert.NotEmpty(t, traced.Header.Get("Traceparent"))
		assert.Equal(t, plain.Path, traced.Path)
		traced.Header.Del("Traceparent")
		for _, r := range []messembedtest.Request{traced, plain} {
			r.Header.Del("X-Request-Id")
		}
		assert.Equal(t, plain.Header, traced.Header)
	}
	for _, span := range r.spans.GetSpans() {
		assert.Contains(t, []string{"CreateUser", "GetUser"}, span.Name)
	}
	client.CloseIdleConnections()
}

// Attempts are children of the caller's span and carry the request id.
func TestTelemetry_parent(t *testing.T) {
	fake := messembedtest.New(t)
	r := newRecorder()
	client := r.client(t, fake)
	fake.FailNext(messembedtest.Fault{Status: 503})
	ctx, parent := r.traces.Tracer("test").Start(t.Context(), "the caller's")
	_, err := client.CreateUser(ctx, messembed.CreateUserParams{ID: "42"}, messembed.WithRequestID("rq-1"))
	parent.End()
	require.NoError(t, err)
	spans := r.spans.GetSpans()
	require.Len(t, spans, 3)
	for _, span := range spans[:2] {
		assert.Equal(t, parent.SpanContext().SpanID(), span.Parent.SpanID())
		assert.Contains(t, fmt.Sprint(span.Attributes), "rq-1")
	}
}

// Why instrument is needed: otelhttp by itself records the service's password, which
// is in the query of the live events' handshake.
func TestTelemetry_plainOtelhttpDoesNotDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := messembedtest.New(t, messembedtest.WithCredentials("admin", "canary-password"))
		r := newRecorder()
		client := fake.Client(t, messembed.WithTransport(otelhttp.NewTransport(fake, r.options...)))
		listening, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range client.MessageEvents(listening, messembed.EventOptions{}) {
			}
		}()
		synctest.Wait()
		stop()
		<-ended
		synctest.Wait()
		assert.Contains(t, r.everything(t), "canary-password")
	})
}
