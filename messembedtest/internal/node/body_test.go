package node_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

const unreadable = "unreadable"

// read returns what ReadBody makes of a body: JSON, a syntax error, or
// unreadable.
func read(body string, header ...string) string {
	v, err := node.ReadBody(request(http.MethodPost, header...), []byte(body))
	if malformed, ok := errors.AsType[js.SyntaxError](err); ok {
		return string(malformed)
	}
	if err != nil {
		return unreadable
	}
	return string(js.AppendJSON(nil, v))
}

func TestReadBody_contentTypes(t *testing.T) {
	const object, form = `{"a":[1]}`, "a[b]=1"
	for _, tc := range []struct{ contentType, body, want string }{
		{"application/json", object, object},
		{"APPLICATION/JSON ; charset=UTF-8", object, object},
		{`application/json; x=y; charset="utf-8"`, object, object},
		{"application/json; charset=utf-16", object, unreadable},
		{"application/json; charset=iso-8859-1", object, unreadable},
		{"application/json;", object, `{}`},
		{"application/json; charset", object, `{}`},
		{"text/plain", object, `{}`},
		{"", object, `{}`},
		{"application/x-www-form-urlencoded", form, `{"a":{"b":"1"}}`},
		{"application/x-www-form-urlencoded; charset=UTF-8", form, `{"a":{"b":"1"}}`},
		{"application/x-www-form-urlencoded; charset=x", form, unreadable},
	} {
		assert.Equal(t, tc.want, read(tc.body, "Content-Type", tc.contentType), tc.contentType)
	}
}

func TestReadBody_strict(t *testing.T) {
	for body, want := range map[string]string{
		"":          `{}`,
		" \n{}":     `{}`,
		"\ufeff[]":  `[]`,
		`"x"`:       `Unexpected token " in JSON at position 0`,
		"1":         "Unexpected token 1 in JSON at position 0",
		" null":     "Unexpected token n in JSON at position 1",
		"{":         "Unexpected end of JSON input",
		`{"a":1} x`: "Unexpected token x in JSON at position 8",
		"\n":        unreadable,
		"é{}":       "Unexpected token é in JSON at position 0",
		"[\xff]":    "Unexpected token \ufffd in JSON at position 1",
	} {
		assert.Equal(t, want, read(body, "Content-Type", "application/json"), "%q", body)
	}
}

func TestReadBody_contentEncodings(t *testing.T) {
	const body = `{"a":1}`
	for encoding, writer := range map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"Deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
	} {
		var out bytes.Buffer
		z := writer(&out)
		_, err := io.WriteString(z, body)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		assert.Equal(t, body, read(out.String(), "Content-Type", "application/json", "Content-Encoding", encoding))
		assert.Equal(t, unreadable, read(body, "Content-Type", "application/json", "Content-Encoding", encoding))
	}
	assert.Equal(t, body, read(body, "Content-Type", "application/json", "Content-Encoding", "identity"))
	assert.Equal(t, unreadable, read(body, "Content-Type", "application/json", "Content-Encoding", "br"))
}

func TestReadBody_limits(t *testing.T) {
	text := func(size int) string { return `["` + strings.Repeat("x", size-4) + `"]` }
	assert.NotEqual(t, unreadable, read(text(102_400), "Content-Type", "application/json"))
	assert.Equal(t, unreadable, read(text(102_401), "Content-Type", "application/json"))
	pairs := strings.Repeat("a=1&", 999) + "a=1"
	assert.NotEqual(t, unreadable, read(pairs, "Content-Type", "application/x-www-form-urlencoded"))
	assert.Equal(t, unreadable, read(pairs+"&a=1", "Content-Type", "application/x-www-form-urlencoded"))
}
