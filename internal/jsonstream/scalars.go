package jsonstream

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Text reads a string. As in encoding/json, invalid UTF-8 and unpaired
// surrogates become U+FFFD. Anything but a string is a
// *json.UnmarshalTypeError.
func (p *Parser) Text() (string, error) {
	text, err := p.TextBytes()
	return string(text), err
}

// TextBytes reads a string like Text. The bytes are valid until the next string
// is read.
func (p *Parser) TextBytes() ([]byte, error) {
	if p.peek() != '"' {
		return nil, p.otherKind()
	}
	text, plain, err := p.scanText()
	if err != nil || plain {
		return text, err
	}
	p.text = appendText(p.text[:0], text)
	return p.text, nil
}

// These work on eight bytes at a time, as one number: the highest bit of each byte
// of a result says whether the byte matches. It is exact up to the first match.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func zeros(x uint64) uint64 { return (x - ones) & ^x & highs }

// plainRun returns how many bytes of s precede a quote, a backslash, a control
// character or a byte that is not ASCII.
func plainRun(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:])
		found := zeros(x^'"'*ones) | zeros(x^'\\'*ones) | (x-' '*ones)&^x&highs | x&highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			break
		}
	}
	return i
}

// textRun returns how many bytes of s precede a quote or a backslash.
func textRun(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:])
		if found := zeros(x^'"'*ones) | zeros(x^'\\'*ones); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c == '"' || c == '\\' {
			break
		}
	}
	return i
}

// scanText reads a string and returns what is between its quotes. plain reports
// whether that is the string itself.
func (p *Parser) scanText() (raw []byte, plain bool, err error) {
	data := p.data
	start := p.pos + 1
	ascii, escaped := true, false
	for i := start; ; {
		if i += plainRun(data[i:]); i >= len(data) {
			break
		}
		switch c := data[i]; {
		case c == '"':
			raw, p.pos = data[start:i], i+1
			return raw, !escaped && (ascii || utf8.Valid(raw)), nil
		case c == '\\':
			escaped = true
			n := escapeLen(data[i:])
			if n == 0 {
				return nil, false, ErrSyntax
			}
			i += n
		case c < ' ':
			return nil, false, ErrSyntax
		default:
			ascii = false
			i++
		}
	}
	p.pos = len(data)
	return nil, false, p.wrong()
}

// escapeLen returns the length of the escape at the beginning of s; 0 if it is
// invalid.
func escapeLen(s []byte) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(s) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 returns the value of the \u escape at the beginning of s; -1 if there is
// none.
func hex4(s []byte) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// appendText appends raw, which scanText has accepted, with its escapes
// resolved.
func appendText(to, raw []byte) []byte {
	for i := 0; i < len(raw); {
		c := raw[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(raw[i:])
			to = utf8.AppendRune(to, r) // U+FFFD for an invalid byte
			i += size
			continue
		}
		if c != '\\' {
			to = append(to, c)
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'u':
			r := hex4(raw[i:])
			i += 6
			if utf16.IsSurrogate(r) {
				pair := utf16.DecodeRune(r, hex4(raw[i:]))
				if pair != utf8.RuneError {
					i += 6
				}
				r = pair
			}
			to = utf8.AppendRune(to, r)
			continue
		case 'b':
			to = append(to, '\b')
		case 'f':
			to = append(to, '\f')
		case 'n':
			to = append(to, '\n')
		case 'r':
			to = append(to, '\r')
		case 't':
			to = append(to, '\t')
		default:
			to = append(to, c)
		}
		i += 2
	}
	return to
}

// Int reads an integer. A null is 0; a number that is too large or not an
// integer, and anything else, is a *json.UnmarshalTypeError.
func (p *Parser) Int() (int, error) {
	if p.IsNull() {
		return 0, nil
	}
	if c := p.peek(); c != '-' && (c < '0' || c > '9') {
		return 0, p.otherKind()
	}
	raw, err := p.scanNumber()
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(string(raw))
	if err != nil {
		return 0, &json.UnmarshalTypeError{Value: "number"}
	}
	return n, nil
}

// number reads a number as encoding/json does for an any.
func (p *Parser) number() (float64, error) {
	raw, err := p.scanNumber()
	if err != nil {
		return 0, err
	}
	if n, ok := smallInt(raw); ok {
		return n, nil
	}
	n, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return 0, &json.UnmarshalTypeError{Value: "number"}
	}
	return n, nil
}

// smallInt reads the most common numbers without strconv.
func smallInt(raw []byte) (float64, bool) {
	if len(raw) > 15 || raw[0] == '-' {
		return 0, false
	}
	var n int64 // 15 digits do not fit into the int of a 32-bit machine
	for _, c := range raw {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return float64(n), true
}

// scanNumber reads a number according to JSON's grammar.
func (p *Parser) scanNumber() ([]byte, error) {
	data, start := p.data, p.pos
	i := start
	digits := func() bool {
		from := i
		for i < len(data) && '0' <= data[i] && data[i] <= '9' {
			i++
		}
		p.pos = i
		return i > from
	}
	if i < len(data) && data[i] == '-' {
		i++
	}
	if i < len(data) && data[i] == '0' {
		i++
	} else if !digits() {
		return nil, p.wrong()
	}
	if i < len(data) && data[i] == '.' {
		if i++; !digits() {
			return nil, p.wrong()
		}
	}
	if i < len(data) && (data[i] == 'e' || data[i] == 'E') {
		i++
		if i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		if !digits() {
			return nil, p.wrong()
		}
	}
	p.pos = i
	return data[start:i], nil
}
