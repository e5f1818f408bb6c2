package messembed_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A service in debug mode repeats the request; an error repeats none of it.
func TestErrors_echo(t *testing.T) {
	echo := roundTripper(func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		text := string(quoted(fmt.Sprintf("cannot store %s for %s", body, r.Header.Get("X-Gateway-Key"))))
		return &http.Response{StatusCode: http.StatusInternalServerError, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(strings.NewReader(
			`{"statusCode":500,"message":` + text + `,"validationErrors":[` + text + `]}`))}, nil
	})
	client, err := messembed.New("https://chat.example.com", messembed.WithTransport(echo))
	require.NoError(t, err)
	_, err = client.CreateMessage(t.Context(), messembed.CreateMessageParams{
		ChatID: "0123456789abcdef01234567", UserID: "ada", Content: "Dear Bob,\nmy canary", ExternalMetadata: messembed.Metadata{"note": "say \"canary\""},
	}, messembed.WithHeader("X-Gateway-Key", "key-canary"))
	require.Error(t, err)
	failure, _ := errors.AsType[*messembed.Error](err)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, failure), "canary")
	assert.ErrorContains(t, err, "cannot store")
}

// What the service says in its own words stays, though parts of it are in the request by chance.
func TestHostile_ownWords(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	for words, want := range map[string]string{
		"request entity exceeds 102400 bytes":                 "exceeds 102400 bytes",
		"retry after 2024-05-01":                              "retry after 2024-05-01",
		`roles must be one of ["admin","user"], but got more`: `one of ["admin","user"], but got more`,
		`cannot read {"name":"x"}`:                            "cannot read […]",
	} {
		fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"code":"error-could-not-save","message":` + string(quoted(words)) + `}`})
		_, err := client.CreateUser(t.Context(), messembed.CreateUserParams{ID: "ada", ExternalMetadata: messembed.Metadata{"port": 1024, "year": 2024, "n": 240051}},
			messembed.WithHeader("X-Log-Level", "error"))
		require.ErrorContains(t, err, want)
		failure, _ := errors.AsType[*messembed.Error](err)
		assert.Equal(t, "error-could-not-save", failure.Code)
	}
	fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"code":"gateway-key","message":"x"}`})
	_, err := client.GetUser(t.Context(), "ada", messembed.WithHeader("X-Gateway-Key", "gateway-key"))
	assert.NotContains(t, err.Error(), "gateway-key")
}

// quoted is a text as JSON.
func quoted(text string) []byte {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return data
}

// What a service says fits into a line of a log, and does nothing to a terminal.
func TestHostile_words(t *testing.T) {
	fake := messembedtest.New(t)
	client := fake.Client(t)
	fake.FailNext(messembedtest.Fault{Status: 400, Body: `{"message":["` + strings.Repeat(`long","`, 10_000) + `"]}`})
	_, err := client.GetUser(t.Context(), "ada")
	assert.Less(t, len(err.Error()), 1000)
	fake.FailNext(messembedtest.Fault{Status: 400, Body: "{\"message\":\"one\\u2028two\\u0085three\\u202efour\\u009b31m five\\ufeff\"}"})
	_, err = client.GetUser(t.Context(), "ada")
	assert.ErrorContains(t, err, "one two three four 31m five")
}
