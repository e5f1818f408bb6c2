// Package unescape finds values in texts that repeat them in the escapes of JSON,
// URLs and HTML.
package unescape

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// View is what a text says.
type View struct {
	Text string
	From []int // where each byte of Text begins in the original, and where that ends
	Open int   // where the last escape begins in Text, if it was cut; else its end
}

// AsWritten is the view of a text that takes it as it is.
func AsWritten(original string) *View {
	v := &View{Text: original, From: make([]int, len(original)+1), Open: len(original)}
	for i := range v.From {
		v.From[i] = i
	}
	return v
}

// Said is the view of a text without the escapes of JSON, URLs and HTML, however often
// they were applied. It is for comparing, not for showing: a value and what
// repeats it say the same then, also if the value itself looks escaped. Where a
// notation is ambiguous, both readings become one: a plus is a space, a line break
// the n of \n, and any other backslash is nothing.
//
// It takes one pass: a byte that completes an escape at the end of what was read is
// replaced together with it, and may so complete another one.
func Said(original string) *View {
	var u unescaped
	open := u.read(original)
	return &View{string(u.text), append(u.from, len(original)), open}
}

const (
	// controls, one after the other from \a on, are written as a backslash and a letter.
	controls, letters = "\a\b\t\n\v\f\r", "abtnvfr"
	// backslash is one that was written as an escape. No other escape, even of the
	// next byte, begins before it.
	backslash = 0
)

// Value is the text of Said for a value that is looked for.
func Value(value string) string {
	if !strings.ContainsAny(value, `\%;+`+controls+string(rune(backslash))) {
		return value
	}
	u := buffers.Get().(*unescaped)
	defer buffers.Put(u)
	u.read(value)
	return string(u.text)
}

// buffers are for values, of which a request may have thousands.
var buffers = sync.Pool{New: func() any { return new(unescaped) }}

// unescaped is what was read of a text, without its escapes.
type unescaped struct {
	text []byte
	from []int
}

// read reads a text and returns where its last escape begins, if that was cut.
// Backslashes stay until all is read, as they may be part of an escape.
func (u *unescaped) read(original string) (open int) {
	u.text, u.from = u.text[:0], u.from[:0]
	for i := range len(original) {
		u.add(original[i], i)
	}
	said, last := 0, u.open()
	for i, c := range u.text {
		if isBackslash(c) {
			continue
		}
		if i < last {
			open++
		}
		u.text[said], u.from[said] = c, u.from[i]
		said++
	}
	u.text, u.from = u.text[:said], u.from[:said]
	return open
}

func (u *unescaped) add(c byte, from int) {
	if '\a' <= c && c <= '\r' {
		u.text, u.from = append(u.text, '\\'), append(u.from, from)
		c = letters[c-'\a']
	}
	if c == '+' {
		c = ' '
	}
	u.text, u.from = append(u.text, c), append(u.from, from)
	begin, decoded := u.escape()
	if decoded == "" {
		return
	}
	if u.text[begin] == '\\' { // escaped itself, perhaps
		begin = len(bytes.TrimRight(u.text[:begin], `\`))
	}
	from = u.from[begin]
	u.text, u.from = u.text[:begin], u.from[:begin]
	for _, c := range []byte(decoded) {
		if c == '\\' {
			c = backslash
		}
		u.add(c, from)
	}
}

// open returns where the last escape begins, if it was cut, or else the end.
func (u *unescaped) open() int {
	last := max(0, len(u.text)-maxEntity)
	at := bytes.LastIndexAny(u.text[last:], `%&\`+string(rune(backslash)))
	if at < 0 || bytes.ContainsFunc(u.text[last+at+1:], isDelimiter) {
		return len(u.text)
	}
	return last + at
}

// isDelimiter reports whether c is part of no escape but at its end.
func isDelimiter(c rune) bool {
	return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '#')
}

// maxEntity is the length of the longest escape of HTML that is recognized: that of
// the last character of Unicode.
const maxEntity = len("&#1114111;")

// escape returns where the escape begins that the text ends in, and what it stands
// for, or "".
func (u *unescaped) escape() (begin int, decoded string) {
	end := len(u.text)
	if u.text[end-1] == ';' {
		begin = max(0, end-maxEntity)
		if at := bytes.LastIndexByte(u.text[begin:], '&'); at >= 0 {
			begin += at
			entity := string(u.text[begin:])
			if decoded = html.UnescapeString(entity); decoded != entity {
				return begin, decoded
			}
		}
		return 0, ""
	}
	if !isHexDigit(u.text[end-1]) {
		return 0, ""
	}
	if c, ok := u.hex(end, '%', 2); ok {
		return end - 3, string([]byte{byte(c)})
	}
	if c, ok := u.hex(end, 'x', 2); ok {
		return end - 4, string([]byte{byte(c)})
	}
	if c, ok := u.hex(end, 'U', 8); ok {
		return end - 10, string(c)
	}
	c, ok := u.hex(end, 'u', 4)
	switch {
	case !ok:
		return 0, ""
	case !utf16.IsSurrogate(c):
		return end - 6, string(c)
	}
	half := len(bytes.TrimRight(u.text[:end-6], `\`)) // the backslash may have been escaped
	first, _ := u.hex(half, 'u', 4)
	if c = utf16.DecodeRune(first, c); c == utf8.RuneError {
		return 0, ""
	}
	return half - 6, string(c)
}

// hex returns the number before end, of so many digits after a percent sign, or
// after a backslash and another letter.
func (u *unescaped) hex(end int, letter byte, digits int) (rune, bool) {
	begin := end - digits
	if begin < 1 || u.text[begin-1] != letter || letter != '%' && (begin < 2 || !isBackslash(u.text[begin-2])) {
		return 0, false
	}
	n, err := strconv.ParseUint(string(u.text[begin:end]), 16, 32)
	return rune(n), err == nil
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isBackslash(c byte) bool { return c == '\\' || c == backslash }
