package js

import "strconv"

// ParseJSON is JSON.parse, with V8's error messages. s must be valid UTF-8. An
// error is a [SyntaxError].
func ParseJSON(s string) (Value, error) {
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

// A SyntaxError is V8's message for text that is not JSON.
type SyntaxError string

func (e SyntaxError) Error() string { return string(e) }

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

// peek returns the next byte, or 0 at the end. A NUL in the text is not valid
// JSON anyway.
func (p *jsonParser) peek() byte {
	if p.at < len(p.s) {
		return p.s[p.at]
	}
	return 0
}

// unexpected returns V8's error for the text at the current position.
func (p *jsonParser) unexpected() error {
	if p.at >= len(p.s) {
		return SyntaxError("Unexpected end of JSON input")
	}
	switch c := p.s[p.at]; {
	case c == '"':
		return SyntaxError("Unexpected string in JSON at position " + p.position())
	case c >= '0' && c <= '9' || c == '-':
		return SyntaxError("Unexpected number in JSON at position " + p.position())
	}
	return p.unexpectedToken()
}

func (p *jsonParser) unexpectedToken() error { return UnexpectedToken(p.s, p.at) }

// UnexpectedToken returns V8's error for a character that cannot begin or
// continue a JSON text.
func UnexpectedToken(s string, at int) error {
	return SyntaxError("Unexpected token " + firstUnit(s[at:]) + " in JSON at position " + strconv.Itoa(Length(s[:at])))
}

// position returns the current position as JavaScript counts.
func (p *jsonParser) position() string { return strconv.Itoa(Length(p.s[:p.at])) }

func (p *jsonParser) value() (Value, error) {
	p.space()
	switch c := p.peek(); {
	case c == '{':
		return p.object()
	case c == '[':
		return p.array()
	case c == '"':
		s, err := p.string()
		return String(s), err
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

func (p *jsonParser) object() (Value, error) {
	p.at++
	o := &Object{}
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
		o.Set(key, v)
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

func (p *jsonParser) array() (Value, error) {
	p.at++
	a := &Array{}
	if p.space(); p.peek() == ']' {
		p.at++
		return a, nil
	}
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		a.Items = append(a.Items, v)
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
		out = AppendCodeUnit(out, unit)
	default:
		return nil, p.unexpected()
	}
	p.at++
	return out, nil
}

func (p *jsonParser) number() (Value, error) {
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
