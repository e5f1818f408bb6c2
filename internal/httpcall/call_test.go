package httpcall_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

func TestDo_request(t *testing.T) {
	service := scripted(answer(201, `{"_id":"ada"}`, "X-Trace", "t1"))
	client := clientFor(t, "https://chat.example.com/api/messembed", service)
	call := updateUser()
	call.Query = "a=b%20c"
	call.Header = http.Header{"X-Tenant": {"t"}, "Accept": {"text/plain"}}

	got, failure := client.Do(t.Context(), call)

	require.Nil(t, failure)
	assert.Equal(t, 201, got.StatusCode)
	assert.Equal(t, `{"_id":"ada"}`, string(got.Body))
	assert.Equal(t, "t1", got.Header.Get("X-Trace"))
	assert.Equal(t, 1, got.Attempts)
	assert.Nil(t, got.Stream)
	sent := service.requests[0]
	assert.Equal(t, http.MethodPatch, sent.Method)
	assert.Equal(t, "https://chat.example.com/api/messembed/users/ada?a=b%20c", sent.URL.String())
	assert.Equal(t, "chat.example.com", sent.Host)
	assert.Equal(t, "HTTP/1.1", sent.Proto)
	assert.True(t, sent.ProtoAtLeast(1, 1) && !sent.ProtoAtLeast(1, 2))
	assert.EqualValues(t, len(call.Body), sent.ContentLength)
	assert.Equal(t, string(call.Body), service.bodies[0])
	assert.Equal(t, http.Header{
		"Accept": {"text/plain"}, "User-Agent": {"test"}, "X-Request-Id": {"r1"}, "X-Tenant": {"t"}, "Content-Type": {"application/json"},
	}, sent.Header)
}

func TestDo_contentType(t *testing.T) {
	for want, call := range map[string]*httpcall.Call{"": getUser(), "image/png": {Method: http.MethodPut, Route: "picture", Type: "image/png", Judge: judge}} {
		service := scripted(status(204))
		_, failure := newClient(t, service).Do(t.Context(), call)
		require.Nil(t, failure)
		assert.Equal(t, want, service.requests[0].Header.Get("Content-Type"))
	}
}

func TestDo_endedContextSendsNothing(t *testing.T) {
	service := scripted(status(200))
	client := newClient(t, service, auth(httpcall.TokenSource(neverAsked(t))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, failure := client.Do(ctx, updateUser())
	require.ErrorIs(t, failure.Err, context.Canceled)
	assert.Equal(t, httpcall.NoAnswer, failure.Reason)
	assert.Zero(t, failure.Attempts)
	assert.False(t, failure.MaybeApplied)
	assert.Zero(t, service.sent())
}

// pooled is a transport that keeps connections.
type pooled struct {
	http.RoundTripper
	closed int
}

func (p *pooled) CloseIdleConnections() { p.closed++ }

// A call that fails leaves the connections of others alone.
func TestCloseIdleConnections(t *testing.T) {
	service := &pooled{RoundTripper: fails(errors.New("broken"))}
	base, err := url.Parse("https://chat.example.com/")
	require.NoError(t, err)
	client := httpcall.New(httpcall.Config{BaseURL: base, Transport: service, MaxAttempts: 1, AttemptTimeout: time.Second, MaxInFlight: 1})
	_, failure := client.Do(t.Context(), getUser())
	require.NotNil(t, failure)
	assert.Zero(t, service.closed)
	client.CloseIdleConnections()
	assert.Equal(t, 1, service.closed)
	newClient(t, status(200)).CloseIdleConnections() // a transport that keeps none
}
