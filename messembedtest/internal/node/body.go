package node

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// bodyLimit is body-parser's default limit, for the bytes sent and for their
// decompressed size.
const bodyLimit = 100 << 10

// parameterLimit is the maximum number of pairs in a urlencoded body.
const parameterLimit = 1000

// ReadBody parses a request body as body-parser's json and urlencoded do with
// their default options. A body that neither reads is an empty object. The error
// is a [js.SyntaxError] if the body is not JSON, and any other if it cannot be
// read: because of its size, content encoding or charset, of which only UTF-8 is
// supported.
func ReadBody(r *http.Request, raw []byte) (js.Value, error) {
	if !hasBody(r) {
		return &js.Object{}, nil
	}
	mediaType, charset := contentType(r.Header.Get("Content-Type"))
	switch mediaType {
	case "application/json":
		s, err := decodeBody(r, raw, charset)
		if err != nil {
			return nil, err
		}
		return readJSON(s)
	case "application/x-www-form-urlencoded":
		s, err := decodeBody(r, raw, charset)
		if err != nil {
			return nil, err
		}
		if strings.Count(s, "&") >= parameterLimit {
			return nil, errUnreadable
		}
		return parseQS(s, queryOptions{arrayLimit: max(100, strings.Count(s, "&")), depth: -1}), nil
	default:
		return &js.Object{}, nil
	}
}

// hasBody reports whether the request announces a body, even an empty one. Go's
// client announces one with these methods.
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

// contentType returns the media type in lower case and its charset. A header
// that cannot be parsed yields no type at all.
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

// decodeBody decompresses and decodes a body. The server treats every failure
// here as its own: 500, not 413 or 415.
func decodeBody(r *http.Request, raw []byte, charset string) (string, error) {
	if charset != "" && charset != "utf-8" {
		return "", errUnreadable
	}
	var inflated io.Reader
	switch strings.ToLower(Header(r.Header, "Content-Encoding")) {
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
	return js.DecodeUTF8(bytes.TrimPrefix(plain, []byte("\xEF\xBB\xBF"))), nil
}

// readJSON is body-parser's strict mode: only an object or an array is allowed
// at the top level.
func readJSON(s string) (js.Value, error) {
	if s == "" {
		return &js.Object{}, nil
	}
	start := strings.TrimLeft(s, " \t\n\r")
	if !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") {
		return nil, notStrict(s, start)
	}
	return js.ParseJSON(s)
}

// notStrict returns the error for a body that does not begin as it should. The
// server generates it by parsing the text before the first character and a "#".
// For its regular expression the first character is white space if there is
// nothing else, and never a line terminator.
func notStrict(s, start string) error {
	at := len(s) - len(start)
	if start == "" || strings.HasPrefix(start, "\u2028") || strings.HasPrefix(start, "\u2029") {
		last := strings.LastIndexAny(s[:at], " \t")
		if last < 0 {
			return errUnreadable
		}
		at = strings.IndexByte(s, s[last])
	}
	return js.UnexpectedToken(s, at)
}
