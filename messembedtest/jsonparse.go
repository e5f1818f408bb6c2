package messembedtest

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// parseJSON is JSON.parse of the server's Node, with the same values and the same error messages. s
// must be valid UTF-8.
func parseJSON(s string) (value, error) {
	p := &jsonParser{s: s}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at < len(p.s) {
		return nil, p.unexpected()
	}
	return v, nil
}

// A syntaxError is V8's message for text that is not JSON.
type syntaxError string

func (e syntaxError) Error() string { return string(e) }

type jsonParser struct {
	s  string
	at int
}

func (p *jsonParser) space() {
	for p.at < len(p.s) {
		switch p.s[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// peek returns the next byte, or 0 at the end. A NUL in the text is not valid JSON anyway.
func (p *jsonParser) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

// unexpected returns V8's error for the text at the current position.
func (p *jsonParser) unexpected() error {
	if p.at >= len(p.s) {
		return syntaxError("Unexpected end of JSON input")
	}
	switch c := p.s[p.at]; {
	case c == '"':
		return syntaxError("Unexpected string in JSON at position " + p.position())
	case c >= '0' && c <= '9' || c == '-':
		return syntaxError("Unexpected number in JSON at position " + p.position())
	}
	return p.unexpectedToken()
}

func (p *jsonParser) unexpectedToken() error {
	return syntaxError("Unexpected token " + firstUnit(p.s[p.at:]) + " in JSON at position " + p.position())
}

// position returns the current position as JavaScript counts.
func (p *jsonParser) position() string { return strconv.Itoa(utf16Length(p.s[:p.at])) }

// utf16Length returns the length of a string in JavaScript.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// firstUnit is s[0] in JavaScript: for a character beyond the first plane, its first half.
func firstUnit(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if r > 0xFFFF {
		return string(appendUnit(nil, 0xD800+(r-0x10000)>>10))
	}
	return s[:size]
}

func (p *jsonParser) value() (value, error) {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.string()
		return text(s), err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return true, p.word("true")
	case c == 'f':
		return false, p.word("false")
	case c == 'n':
		return nil, p.word("null")
	default:
		return nil, p.unexpected()
	}
}

func (p *jsonParser) word(w string) error {
	for i := range len(w) {
		if p.peek() != w[i] || p.at >= len(p.s) {
			return p.unexpected()
		}
		p.at++
	}
	return nil
}

func (p *jsonParser) object() (value, error) {
	p.at++
	o := &object{}
	if p.space(); p.peek() == '}' {
		p.at++
		return o, nil
	}
	for {
		if p.space(); p.peek() != '"' {
			return nil, p.unexpected()
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if p.space(); p.peek() != ':' {
			return nil, p.unexpected()
		}
		p.at++
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		o.set(key, v)
		switch p.space(); p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return o, nil
		default:
			return nil, p.unexpected()
		}
	}
}

func (p *jsonParser) array() (value, error) {
	p.at++
	a := &array{}
	if p.space(); p.peek() == ']' {
		p.at++
		return a, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		a.items = append(a.items, v)
		switch p.space(); p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return a, nil
		default:
			return nil, p.unexpected()
		}
	}
}

func (p *jsonParser) string() (string, error) {
	p.at++
	start := p.at
	var out []byte // nil while the string can be used unchanged
	for p.at < len(p.s) {
		switch c := p.s[p.at]; {
		case c == '"':
			s := p.s[start:p.at]
			p.at++
			if out == nil {
				return s, nil
			}
			return string(append(out, s...)), nil
		case c == '\\':
			if out == nil {
				out = make([]byte, 0, p.at-start+16)
			}
			out = append(out, p.s[start:p.at]...)
			p.at++
			var err error
			if out, err = p.escape(out); err != nil {
				return "", err
			}
			start = p.at
		case c < 0x20:
			return "", p.unexpected()
		default:
			p.at++
		}
	}
	return "", p.unexpected()
}

func (p *jsonParser) escape(out []byte) ([]byte, error) {
	c := p.peek()
	switch c {
	case '"', '\\', '/':
		out = append(out, c)
	case 'b':
		out = append(out, '\b')
	case 'f':
		out = append(out, '\f')
	case 'n':
		out = append(out, '\n')
	case 'r':
		out = append(out, '\r')
	case 't':
		out = append(out, '\t')
	case 'u':
		var unit rune
		for range 4 {
			p.at++
			digit, ok := hexValue(p.peek())
			if !ok {
				return nil, p.unexpected()
			}
			unit = unit<<4 | rune(digit)
		}
		out = appendUnit(out, unit)
	default:
		return nil, p.unexpected()
	}
	p.at++
	return out, nil
}

func hexValue(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10, true
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10, true
	default:
		return 0, false
	}
}

func (p *jsonParser) number() (value, error) {
	start := p.at
	if p.peek() == '-' {
		p.at++
	}
	if p.peek() == '0' {
		p.at++
		if isDigit(p.peek()) {
			return nil, p.unexpected()
		}
	} else if err := p.digits(); err != nil {
		return nil, err
	}
	if p.peek() == '.' {
		p.at++
		if err := p.digits(); err != nil {
			return nil, err
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.at++
		if c := p.peek(); c == '+' || c == '-' {
			p.at++
		}
		if err := p.digits(); err != nil {
			return nil, err
		}
	}
	f, _ := strconv.ParseFloat(p.s[start:p.at], 64) // infinite if out of range, as in JavaScript
	return f, nil
}

func (p *jsonParser) digits() error {
	if !isDigit(p.peek()) {
		return p.unexpected()
	}
	for isDigit(p.peek()) {
		p.at++
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
