package jsonstream

import (
	"bytes"
	"encoding/json"
	"io"
)

// maxDepth is encoding/json's limit on nesting.
const maxDepth = 10_000

// Parser reads one JSON document in memory, value by value, and validates it on
// the way. The zero Parser reads nothing.
type Parser struct {
	// CopyRaw makes Since return copies, so that a value that is kept does not
	// keep the whole document in memory.
	CopyRaw bool

	data  []byte
	pos   int
	depth int
	names *nameTable // strings of keys seen before; nil if they are not kept
	stack []any      // the elements of the arrays being read
	text  []byte     // the last unescaped string
}

// NewParser returns a Parser for data, which must not change meanwhile.
func NewParser(data []byte) *Parser { return &Parser{data: data} }

// NewListParser returns a Parser for a series of similar documents, set with
// Reset: it keeps the strings of metadata's keys.
func NewListParser() *Parser { return &Parser{names: new(nameTable)} }

// Reset starts another document.
func (p *Parser) Reset(data []byte) { p.data, p.pos, p.depth = data, 0, 0 }

// Begin moves to the beginning of the next value and returns its position, for
// [Parser.Since].
func (p *Parser) Begin() int {
	p.peek()
	return p.pos
}

// Since returns the bytes from start to the current position.
func (p *Parser) Since(start int) []byte {
	raw := p.data[start:p.pos:p.pos]
	if p.CopyRaw {
		return bytes.Clone(raw)
	}
	return raw
}

// Raw reads a value of any kind and returns its bytes, which belong to the
// document.
func (p *Parser) Raw() ([]byte, error) {
	start := p.Begin()
	err := p.Skip()
	return p.data[start:p.pos:p.pos], err
}

// End checks that nothing follows.
func (p *Parser) End() error {
	if p.peek(); p.pos < len(p.data) {
		return ErrSyntax
	}
	return nil
}

// IsNull reads a null if that is the next value, and reports whether it was.
func (p *Parser) IsNull() bool { return p.peek() == 'n' && p.literal("null") == nil }

// IsObject reports whether the next value is an object.
func (p *Parser) IsObject() bool { return p.peek() == '{' }

// IsArray reports whether the next value is an array.
func (p *Parser) IsArray() bool { return p.peek() == '[' }

// IsText reports whether the next value is a string.
func (p *Parser) IsText() bool { return p.peek() == '"' }

// Object reads an object and calls field for each of its fields, which must
// read the value. A null counts as an object without fields; anything else is a
// *json.UnmarshalTypeError.
func (p *Parser) Object(field func(name []byte) error) error {
	if p.IsNull() {
		return nil
	}
	if p.peek() != '{' {
		return p.otherKind()
	}
	more, err := p.open('}')
	for more && err == nil {
		var name []byte
		if name, err = p.name(); err != nil {
			return err
		}
		if err = field(name); err != nil {
			return err
		}
		more, err = p.more('}')
	}
	return err
}

// Array reads an array and calls element for each of its elements, which must
// read it. A null counts as an empty array; anything else is a
// *json.UnmarshalTypeError.
func (p *Parser) Array(element func() error) error {
	if p.IsNull() {
		return nil
	}
	if p.peek() != '[' {
		return p.otherKind()
	}
	more, err := p.open(']')
	for more && err == nil {
		if err = element(); err != nil {
			return err
		}
		more, err = p.more(']')
	}
	return err
}

// Bool reads true or false. A null is false; anything else is a
// *json.UnmarshalTypeError.
func (p *Parser) Bool() (bool, error) {
	switch p.peek() {
	case 't':
		return true, p.literal("true")
	case 'f':
		return false, p.literal("false")
	case 'n':
		return false, p.literal("null")
	}
	return false, p.otherKind()
}

// Skip reads and discards a value of any kind.
func (p *Parser) Skip() error {
	switch c := p.peek(); c {
	case '{':
		more, err := p.open('}')
		for more && err == nil {
			if err = p.skipName(); err == nil {
				if err = p.Skip(); err == nil {
					more, err = p.more('}')
				}
			}
		}
		return err
	case '[':
		more, err := p.open(']')
		for more && err == nil {
			if err = p.Skip(); err == nil {
				more, err = p.more(']')
			}
		}
		return err
	case '"':
		_, _, err := p.scanText()
		return err
	case 't':
		return p.literal("true")
	case 'f':
		return p.literal("false")
	case 'n':
		return p.literal("null")
	default:
		_, err := p.scanNumber()
		return err
	}
}

// otherKind returns the error for a value of an unexpected kind, or for an
// invalid one.
func (p *Parser) otherKind() error {
	kind := ""
	switch p.peek() {
	case '{':
		kind = "object"
	case '[':
		kind = "array"
	case '"':
		kind = "string"
	case 't', 'f':
		kind = "bool"
	default:
		kind = "number"
	}
	if err := p.Skip(); err != nil {
		return err
	}
	return &json.UnmarshalTypeError{Value: kind}
}

// open reads an opening bracket. It returns false if the closing one follows at
// once.
func (p *Parser) open(closing byte) (bool, error) {
	p.pos++
	if p.depth++; p.depth > maxDepth {
		return false, ErrSyntax
	}
	if p.peek() == closing {
		p.pos++
		p.depth--
		return false, nil
	}
	return true, nil
}

// more reads a comma, or the closing bracket.
func (p *Parser) more(closing byte) (bool, error) {
	switch p.peek() {
	case ',':
		p.pos++
		return true, nil
	case closing:
		p.pos++
		p.depth--
		return false, nil
	}
	return false, p.wrong()
}

// name reads a key and the colon. The bytes are valid until the next string is
// read.
func (p *Parser) name() ([]byte, error) {
	if p.peek() != '"' {
		return nil, p.wrong()
	}
	name, plain, err := p.scanText()
	if err != nil {
		return nil, err
	}
	if !plain {
		p.text = appendText(p.text[:0], name)
		name = p.text
	}
	return name, p.colon()
}

func (p *Parser) skipName() error {
	if p.peek() != '"' {
		return p.wrong()
	}
	if _, _, err := p.scanText(); err != nil {
		return err
	}
	return p.colon()
}

func (p *Parser) colon() error {
	if p.peek() != ':' {
		return p.wrong()
	}
	p.pos++
	return nil
}

func (p *Parser) literal(word string) error {
	if len(p.data)-p.pos < len(word) || string(p.data[p.pos:p.pos+len(word)]) != word {
		return p.wrong()
	}
	p.pos += len(word)
	return nil
}

// peek moves to the next byte that is not white space and returns it, or 0 at
// the end.
func (p *Parser) peek() byte {
	for ; p.pos < len(p.data); p.pos++ {
		if c := p.data[p.pos]; !isSpace(c) {
			return c
		}
	}
	return 0
}

// wrong returns the error for the current position.
func (p *Parser) wrong() error {
	if p.pos >= len(p.data) {
		return io.ErrUnexpectedEOF
	}
	return ErrSyntax
}
