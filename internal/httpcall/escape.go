package httpcall

import (
	"net/url"
	"strings"
)

// base is the path below which all routes are, in the two forms in which
// net/url keeps a path.
type base struct {
	path, escaped string
	own           bool // escaped is not how net/url would escape path
}

func newBase(u *url.URL) base { return base{u.Path, u.EscapedPath(), u.RawPath != ""} }

// expand fills the {placeholders} of a route in order and returns the path
// twice: decoded, and percent-encoded. The second is empty if both are the
// same, like Path and RawPath of net/url. The base is sent as it was given.
//
// Every argument becomes exactly one segment, whatever it contains: a slash, a
// percent sign, NUL, and even "." and "..", which proxies would otherwise
// resolve.
func (b base) expand(route string, args []string) (path, rawPath string) {
	encoded := b.own
	for _, arg := range args {
		if needsEscape(arg) {
			encoded = true
		}
	}
	path = fill(b.path, route, args, func(b *strings.Builder, arg string) { b.WriteString(arg) })
	if encoded {
		rawPath = fill(b.escaped, route, args, writeSegment)
	}
	return path, rawPath
}

func fill(base, route string, args []string, write func(*strings.Builder, string)) string {
	if len(args) == 0 {
		return base + route
	}
	var b strings.Builder
	b.Grow(len(base) + len(route) + 3*len(args[0]))
	b.WriteString(base)
	for _, arg := range args {
		open, rest, found := strings.Cut(route, "{")
		if !found {
			break
		}
		b.WriteString(open)
		write(&b, arg)
		_, route, _ = strings.Cut(rest, "}")
	}
	b.WriteString(route)
	return b.String()
}

// EscapedLen is the length of an argument as it is sent in a path, in bytes.
func EscapedLen(arg string) int {
	n := 0
	for i := range len(arg) {
		if n++; !unreserved(arg[i]) {
			n += 2
		}
	}
	return n
}

func needsEscape(segment string) bool {
	if segment == "." || segment == ".." {
		return true
	}
	for i := range len(segment) {
		if !unreserved(segment[i]) {
			return true
		}
	}
	return false
}

func writeSegment(b *strings.Builder, segment string) {
	const hex = "0123456789ABCDEF"
	dots := segment == "." || segment == ".."
	for i := range len(segment) {
		c := segment[i]
		if unreserved(c) && !dots {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}

// unreserved reports whether c is unreserved according to RFC 3986, section
// 2.3.
func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '.' || c == '_' || c == '~'
}
