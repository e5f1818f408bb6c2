package node

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// IsUpgrade reports whether Node treats the request as an upgrade.
func IsUpgrade(r *http.Request) bool {
	if _, ok := r.Header["Upgrade"]; !ok {
		return false
	}
	for token := range strings.SplitSeq(strings.Join(r.Header["Connection"], ","), ",") {
		if strings.EqualFold(strings.TrimSpace(token), "upgrade") {
			return true
		}
	}
	return false
}

// OriginForm removes scheme and host from a target that has them, as requests
// through a proxy do. Node keeps them, but a client in Go has no other way to
// send a path that begins with two slashes.
func OriginForm(target string) string {
	if strings.HasPrefix(target, "/") {
		return target
	}
	if _, rest, ok := strings.Cut(target, "://"); ok {
		if at := strings.IndexAny(rest, "/?"); at >= 0 {
			return rest[at:]
		}
	}
	return "/"
}

// Latin1 decodes bytes beyond ASCII in a request line as Node does: one
// character each.
func Latin1(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			out := make([]rune, len(s))
			for j := range len(s) {
				out[j] = rune(s[j])
			}
			return string(out)
		}
	}
	return s
}

// Header returns a header as Node does: all of its lines joined. For some headers
// Node returns only the first line, as Get does: Authorization, Content-Type,
// If-Modified-Since.
func Header(h http.Header, name string) string { return strings.Join(h[name], ", ") }

// KeepAlive sets the headers that Node adds to a response over a connection.
func KeepAlive(h http.Header, r *http.Request) {
	if r.Close || h.Get("Connection") == "close" {
		h.Set("Connection", "close")
		return
	}
	h.Set("Connection", "keep-alive")
	h.Set("Keep-Alive", "timeout="+strconv.Itoa(int(IdleTimeout/time.Second)))
}

// IdleTimeout is how long Node keeps an idle connection open.
const IdleTimeout = 5 * time.Second

// DecodeBase64 is Buffer.from(s, "base64"): it takes either alphabet, with or
// without padding, and skips all other characters.
func DecodeBase64(s string) []byte {
	s, _, _ = strings.Cut(s, "=")
	clean := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c == '-':
			clean = append(clean, '+')
		case c == '_':
			clean = append(clean, '/')
		case c == '+', c == '/', c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	out, _ := base64.RawStdEncoding.DecodeString(string(clean))
	return out
}
