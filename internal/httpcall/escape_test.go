package httpcall_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// FuzzPath shows that the server reads back exactly the arguments, each from one
// segment, and nothing above them, whatever they are and under any base path.
func FuzzPath(f *testing.F) {
	for _, id := range []string{
		"ada", ".", "..", "...", "a/b", "../..", "%2e%2e", "a%", "a b", "a+b", "a?b#c", "é", "\x00", "a:b", ";x=y", "~-_.", "👍🏽", "\u202e", "", "\xff", "{id}", "}{", "/", "日本",
		"x HTTP/1.1\r\nX-Injected: y\r\n\r\n", "x\r\n\r\nDELETE /admin-api/users/bob HTTP/1.1",
	} {
		for _, base := range []string{"", "/", "/api/messembed", "/a%2Fb/", "/a b", "/%2e%2e/x", "//x", "/é", "/a;b", "/..", "/a%zz"} {
			f.Add(base, id, "x")
			f.Add(base, id, id)
		}
	}
	f.Fuzz(func(t *testing.T, base, first, second string) {
		own, err := url.Parse("https://chat.example.com" + strings.TrimSuffix(base, "/") + "/")
		if err != nil || own.Host != "chat.example.com" || own.RawQuery != "" || own.Fragment != "" {
			return // it is no base path
		}
		service := scripted(status(200))
		call := getUser()
		call.Route, call.Args = "a/{id}/b/{id}/c", []string{first, second}
		if _, failure := clientFor(t, own.String(), service).Do(t.Context(), call); failure != nil {
			t.Fatal(failure.Err)
		}
		// As it goes over the wire, and as a server reads it.
		var wire bytes.Buffer
		if err := service.requests[0].Write(&wire); err != nil {
			t.Fatal(err)
		}
		received, err := http.ReadRequest(bufio.NewReader(&wire))
		if err != nil {
			t.Fatalf("%q and %q under %q: %v", first, second, base, err)
		}
		rest, ok := strings.CutPrefix(received.RequestURI, own.EscapedPath())
		segments := strings.Split(rest, "/")
		if !ok || len(segments) != 5 || segments[0] != "a" || segments[2] != "b" || segments[4] != "c" {
			t.Fatalf("%q and %q under %q went out as %q", first, second, base, received.RequestURI)
		}
		for i, want := range []string{first, second} {
			segment := segments[1+2*i]
			if got, err := url.PathUnescape(segment); err != nil || got != want || strings.ContainsAny(segment, "?#;") || segment == "." || segment == ".." {
				t.Fatalf("segment %q, want %q: %v", segment, want, err)
			}
		}
		if received.Host != "chat.example.com" || received.Method != http.MethodGet || len(received.Header) != 3 {
			t.Fatalf("%s to %s with %v", received.Method, received.Host, received.Header)
		}
	})
}

// What needs no escape is sent as it is.
func TestPath_unreserved(t *testing.T) {
	const unreserved = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
	for _, id := range []string{unreserved, unreserved + "/"} {
		service := scripted(status(200))
		call := getUser()
		call.Args = []string{id}
		_, failure := newClient(t, service).Do(t.Context(), call)
		require.Nil(t, failure)
		assert.Equal(t, "/users/"+strings.ReplaceAll(id, "/", "%2F"), service.requests[0].URL.EscapedPath())
	}
}

func TestEscapedLen(t *testing.T) {
	for arg, want := range map[string]int{"": 0, "ada": 3, "a-._~Z9": 7, "a/b": 5, "é": 6, "\x00": 3} {
		assert.Equal(t, want, httpcall.EscapedLen(arg), "%q", arg)
	}
}
