package httpcall

import (
	"net/url"
	"strings"
)

// A base is the path that all routes are below, in the two forms that net/url
// keeps of a path.
type base struct {
	path, escaped string
	own           bool // escaped is not how net/url would escape path
}

func newBase(u *url.URL) base { return base{u.Path, u.EscapedPath(), u.RawPath != ""} }

// expand fills the {placeholders} of a route in order and gives the path twice:
// decoded, and percent-encoded. The second is empty when both are the same, as
// net/url has it with Path and RawPath. The base goes out as it was given.
//
// Every argument becomes exactly one segment, whatever it holds: a slash, a
// percent sign, NUL, and "." and ".." too, which proxies would otherwise take
// for a way up.
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

// unreserved is RFC 3986's list, section 2.3.
func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '.' || c == '_' || c == '~'
}
