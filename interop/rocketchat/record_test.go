// Package rocketchat_test tests the Rocket.Chat adapter and its fake with what
// Rocket.Chat publishes: the validators of its REST API and its clients. What
// needs Node is skipped if Node or the packages of package-lock.json are not
// installed.
package rocketchat_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exchange is a request and its response, as validate.mjs reads them.
type exchange struct {
	ID      int             `json:"id"`
	Version string          `json:"version"` // the major version of the server
	Route   string          `json:"route"`   // such as "POST v1/users.create"
	Query   map[string]any  `json:"query"`   // a parameter that is given several times has a list
	Body    json.RawMessage `json:"body"`    // of a form, its text fields
	Status  int             `json:"status"`
	Answer  json.RawMessage `json:"answer"`
}

// recorder is a transport that records what passes through it.
type recorder struct {
	t       *testing.T
	next    http.RoundTripper
	version string

	mu        sync.Mutex
	exchanges []exchange
}

func (rec *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	_, route, ok := strings.Cut(r.URL.Path, "/api/")
	if !ok { // the websocket
		return rec.next.RoundTrip(r)
	}
	e := exchange{Version: rec.version, Route: r.Method + " " + route, Query: map[string]any{}, Body: json.RawMessage(`{}`)}
	for name, values := range r.URL.Query() {
		e.Query[name] = values[0]
		if len(values) > 1 {
			e.Query[name] = values
		}
	}
	if r.Body != nil {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(sent))
		e.Body = rec.body(r.Header.Get("Content-Type"), sent)
	}
	resp, err := rec.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	e.Status, e.Answer = resp.StatusCode, answer
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.exchanges = append(rec.exchanges, e)
	return resp, nil
}

// body returns the JSON of a request: of a form, its text fields. The only
// other field that it may have is the picture.
func (rec *recorder) body(contentType string, sent []byte) json.RawMessage {
	kind, params, err := mime.ParseMediaType(contentType)
	if !assert.NoError(rec.t, err) || kind != "multipart/form-data" {
		return sent
	}
	form, err := multipart.NewReader(bytes.NewReader(sent), params["boundary"]).ReadForm(1 << 20)
	if !assert.NoError(rec.t, err) {
		return sent
	}
	defer func() { _ = form.RemoveAll() }()
	assert.Len(rec.t, form.File, 1)
	assert.Len(rec.t, form.File["image"], 1)
	fields := map[string]string{}
	for name, values := range form.Value {
		fields[name] = values[0]
	}
	data, err := json.Marshal(fields)
	assert.NoError(rec.t, err)
	return data
}

// lines returns the exchanges as validate.mjs reads them.
func lines(t *testing.T, exchanges []exchange) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	for i, e := range exchanges {
		e.ID = i
		require.NoError(t, encoder.Encode(e), "%s: %s", e.Route, e.Answer)
	}
	return out.Bytes()
}
