package jsonstream

import "math"

// Any reads a value into what encoding/json produces for an any.
func (p *Parser) Any() (any, error) {
	switch p.peek() {
	case '{':
		return p.Map()
	case '[':
		return p.slice()
	case '"':
		return p.Text()
	case 't':
		return true, p.literal("true")
	case 'f':
		return false, p.literal("false")
	case 'n':
		return nil, p.literal("null")
	}
	n, err := p.number()
	if i := int(n); 0 <= i && i < len(smallNumbers) && float64(i) == n && !math.Signbit(n) {
		return smallNumbers[i], err
	}
	return n, err
}

// smallNumbers are the most frequent numbers, to save an allocation each.
var smallNumbers = func() (t [256]any) {
	for i := range t {
		t[i] = float64(i)
	}
	return t
}()

// Map reads an object; anything else is a *json.UnmarshalTypeError.
func (p *Parser) Map() (map[string]any, error) {
	if p.peek() != '{' {
		return nil, p.otherKind()
	}
	m := make(map[string]any)
	more, err := p.open('}')
	for more && err == nil {
		var raw []byte
		if raw, err = p.name(); err != nil {
			return nil, err
		}
		name := p.keep(raw)
		var value any
		if value, err = p.Any(); err != nil {
			return nil, err
		}
		m[name] = value
		more, err = p.more('}')
	}
	return m, err
}

// slice reads an array. Its elements are kept on the stack until their number
// is known.
func (p *Parser) slice() ([]any, error) {
	base := len(p.stack)
	defer func() {
		clear(p.stack[base:])
		p.stack = p.stack[:base]
	}()
	more, err := p.open(']')
	for more && err == nil {
		var value any
		if value, err = p.Any(); err != nil {
			return nil, err
		}
		p.stack = append(p.stack, value)
		more, err = p.more(']')
	}
	if err != nil {
		return nil, err
	}
	return append(make([]any, 0, len(p.stack)-base), p.stack[base:]...), nil
}

// nameTable holds the strings of keys, each in the only place where it can be.
type nameTable [256]string

const maxKeptName = 64 // bytes

// keep returns the string of a key. With a name table, equal keys share memory:
// the metadata of a list repeats the same few keys.
func (p *Parser) keep(raw []byte) string {
	if p.names == nil || len(raw) == 0 || len(raw) > maxKeptName {
		return string(raw)
	}
	place := &p.names[byte(len(raw))*7+raw[0]*31+raw[len(raw)-1]*11+raw[len(raw)/2]]
	if *place != string(raw) {
		*place = string(raw)
	}
	return *place
}
