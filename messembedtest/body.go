package messembedtest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf8"
)

// bodyLimit is body-parser's default limit, for the bytes sent and for their decompressed size.
const bodyLimit = 100 << 10

// parameterLimit is the maximum number of pairs in a urlencoded body.
const parameterLimit = 1000

// readBody parses a request body as the server's two body parsers do. They run before anything
// else, whatever the route. A body that neither reads is an empty object.
func readBody(r *http.Request, raw []byte) (value, *failure) {
	if !hasBody(r) {
		return &object{}, nil
	}
	mediaType, charset := contentType(r.Header.Get("Content-Type"))
	switch mediaType {
	case "application/json":
		s, err := decodeBody(r, raw, charset)
		if err != nil {
			return nil, internalError()
		}
		return readJSON(s)
	case "application/x-www-form-urlencoded":
		s, err := decodeBody(r, raw, charset)
		if err != nil || strings.Count(s, "&") >= parameterLimit {
			return nil, internalError()
		}
		return parseQuery(s, queryOptions{arrayLimit: max(100, strings.Count(s, "&")), depth: -1}), nil
	default:
		return &object{}, nil
	}
}

// hasBody reports whether the request announces a body, even an empty one. Go's client announces
// one with these methods.
func hasBody(r *http.Request) bool {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
		return true
	default:
		return r.ContentLength != 0 || len(r.TransferEncoding) > 0 || r.Header.Get("Content-Length") != ""
	}
}

const (
	tokenPattern     = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
	parameterPattern = `; *(` + tokenPattern + `) *= *("(?:[ !#-\[\]-~\x80-\x{ff}]|\\[ -~])*"|` + tokenPattern + `) *`
)

var (
	mediaTypePattern = regexp.MustCompile(`^ *([A-Za-z0-9][A-Za-z0-9!#$&^_-]*/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]*) *(?:` + parameterPattern + `)*$`)
	parameters       = regexp.MustCompile(parameterPattern)
)

// contentType returns the media type in lower case and its charset. A header that cannot be parsed
// yields no type at all.
func contentType(header string) (mediaType, charset string) {
	if header == "application/json" {
		return header, "" // the usual case
	}
	found := mediaTypePattern.FindStringSubmatch(header)
	if found == nil {
		return "", ""
	}
	for _, p := range parameters.FindAllStringSubmatch(header, -1) {
		if strings.EqualFold(p[1], "charset") {
			charset = strings.ToLower(strings.Trim(p[2], `"`))
		}
	}
	return strings.ToLower(found[1]), charset
}

var errUnreadable = errors.New("unreadable body")

// decodeBody decompresses and decodes a body. The server treats every failure here as its own: 500,
// not 413 or 415.
func decodeBody(r *http.Request, raw []byte, charset string) (string, error) {
	if charset != "" && charset != "utf-8" {
		return "", errUnreadable
	}
	var inflated io.Reader
	switch strings.ToLower(joined(r.Header, "Content-Encoding")) {
	case "", "identity":
		inflated = bytes.NewReader(raw)
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return "", err
		}
		inflated = z
	case "deflate":
		z, err := zlib.NewReader(bytes.NewReader(raw))
		if err != nil {
			return "", err
		}
		inflated = z
	default:
		return "", errUnreadable
	}
	plain, err := io.ReadAll(io.LimitReader(inflated, bodyLimit+1))
	if err != nil || len(plain) > bodyLimit {
		return "", errUnreadable
	}
	return decodeUTF8(bytes.TrimPrefix(plain, []byte("\xEF\xBB\xBF"))), nil
}

// decodeUTF8 replaces invalid UTF-8 as the Encoding Standard specifies: with one U+FFFD for each
// sequence that could have begun a character, where Go replaces each byte.
func decodeUTF8(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]byte, 0, len(b)+len(b)/2)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size <= 1 {
			size = brokenLength(b)
		}
		out = utf8.AppendRune(out, r)
		b = b[size:]
	}
	return string(out)
}

// brokenLength returns how many bytes at the front of b begin a character that is not completed.
func brokenLength(b []byte) int {
	low, high, want := byte(0x80), byte(0xBF), 0
	switch c := b[0]; {
	case c >= 0xC2 && c <= 0xDF:
		want = 1
	case c >= 0xE0 && c <= 0xEF:
		want = 2
		if c == 0xE0 {
			low = 0xA0
		} else if c == 0xED {
			high = 0x9F
		}
	case c >= 0xF0 && c <= 0xF4:
		want = 3
		if c == 0xF0 {
			low = 0x90
		} else if c == 0xF4 {
			high = 0x8F
		}
	}
	n := 1
	for n <= want && n < len(b) && b[n] >= low && b[n] <= high {
		low, high = 0x80, 0xBF
		n++
	}
	return n
}

// readJSON is body-parser's strict mode: only an object or an array is allowed at the top level.
func readJSON(s string) (value, *failure) {
	if s == "" {
		return &object{}, nil
	}
	start := strings.TrimLeft(s, " \t\n\r")
	if !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") {
		return nil, notStrict(s, start)
	}
	v, err := parseJSON(s)
	if err != nil {
		return nil, badRequest(text(err.Error()))
	}
	return v, nil
}

// notStrict returns the error for a body that does not begin as it should. The server generates it
// by parsing the text before the first character and a "#". For its regular expression the first
// character is white space if there is nothing else, and never a line terminator.
func notStrict(s, start string) *failure {
	at := len(s) - len(start)
	if start == "" || strings.HasPrefix(start, "\u2028") || strings.HasPrefix(start, "\u2029") {
		last := strings.LastIndexAny(s[:at], " \t")
		if last < 0 {
			return internalError()
		}
		at = strings.IndexByte(s, s[last])
	}
	p := &jsonParser{s: s, at: at}
	return badRequest(text(p.unexpectedToken().Error()))
}
