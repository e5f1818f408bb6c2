package httpcall

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewCause(t *testing.T) {
	require.NoError(t, NewCause(nil))
	inner := fmt.Errorf("no route: %w", context.Canceled)
	err := NewCause(&url.Error{Op: "Get", URL: "https://canary", Err: &url.Error{Op: "Get", URL: "https://canary", Err: inner}})
	assert.Equal(t, "no route: context canceled", err.Error())
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "canary")
	assert.EqualError(t, NewCause(errors.New("first line\nsecond")), "first line")
	require.EqualError(t, NewCause(errors.New("dial wss://h/?password=x failed")), "dial")
	require.EqualError(t, NewCause(errors.New(" \n")), "the transport failed")
	require.ErrorIs(t, err, context.Canceled)
	assert.NoError(t, errors.Unwrap(err), "printing a chain prints nothing else")
	var cause *url.Error
	assert.False(t, errors.As(err, &cause))
}

// FuzzCause shows that the text of a transport error is one line and repeats no
// URL and nothing quoted.
func FuzzCause(f *testing.F) {
	for _, text := range []string{
		`Get "https://chat.example.com/users/ada?x=y": EOF`, "dial tcp 127.0.0.1:80: connect: connection refused", `malformed HTTP response "<secret>"`,
		"proxyconnect tcp: http://user:password@proxy:3128: refused", "://", `"`, "", "\n", "a\nb", "x https://", strings.Repeat("é", 300), "\xff", "GET wss://h/?password=x failed",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := safeText(text)
		if got == "" || strings.ContainsAny(got, "\"\n") || strings.Contains(got, "://") || len(got) > maxCauseText || utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Fatalf("%q: %q", text, got)
		}
	})
}
