package jsonstream

import (
	"bytes"
	"encoding/json"
	"io"
)

// maxDepth is encoding/json's limit on nesting.
const maxDepth = 10_000

// Parser reads one JSON document that is in memory, value by value, and checks
// it on the way. The zero Parser reads nothing.
type Parser struct {
	// CopyRaw makes Since give copies: a value that is kept then does not keep
	// the whole document in memory.
	CopyRaw bool

	data  []byte
	pos   int
	depth int
	names *nameTable // texts of keys seen before, if they are kept
	stack []any      // the elements of the arrays that are being read
	text  []byte     // of a text with escapes
}

// NewParser reads data, which must not change meanwhile.
func NewParser(data []byte) *Parser { return &Parser{data: data} }

// NewListParser is a parser for one document after the other, with Reset, that
// are alike: it keeps the texts of metadata's keys.
func NewListParser() *Parser { return &Parser{names: new(nameTable)} }

// Reset begins with another document.
func (p *Parser) Reset(data []byte) { p.data, p.pos, p.depth = data, 0, 0 }

// Begin goes to where the next value begins; [Parser.Since] gives it when it was
// read.
func (p *Parser) Begin() int {
	p.peek()
	return p.pos
}

// Since gives the bytes from start to here.
func (p *Parser) Since(start int) []byte {
	raw := p.data[start:p.pos:p.pos]
	if p.CopyRaw {
		return bytes.Clone(raw)
	}
	return raw
}

// Raw reads a value of any kind and gives its bytes, which stay the document's.
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

// IsNull reads a null if one is next.
func (p *Parser) IsNull() bool { return p.peek() == 'n' && p.literal("null") == nil }

// IsObject tells whether the next value is an object.
func (p *Parser) IsObject() bool { return p.peek() == '{' }

// IsArray tells whether the next value is an array.
func (p *Parser) IsArray() bool { return p.peek() == '[' }

// IsText tells whether the next value is a text.
func (p *Parser) IsText() bool { return p.peek() == '"' }

// Object reads an object and calls field, which has to read the value, for each
// of its fields. A null counts as an object without fields; anything else is a
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

// Array reads an array and calls element, which has to read it, for each of its
// elements. A null counts as an empty array; anything else is a
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

// Bool reads true or false; null is false, anything else a
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

// Skip reads a value of any kind and forgets it.
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

// otherKind is the error for a value that is of another kind than it should be,
// or is none.
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

// open reads an opening bracket; false when the closing one follows at once.
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

// name reads a key and the colon. The bytes stay until the next text is read.
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

// peek gives the next byte that is no white space, 0 at the end, and goes to it.
func (p *Parser) peek() byte {
	for ; p.pos < len(p.data); p.pos++ {
		if c := p.data[p.pos]; !isSpace(c) {
			return c
		}
	}
	return 0
}

// wrong is the error at the present place.
func (p *Parser) wrong() error {
	if p.pos >= len(p.data) {
		return io.ErrUnexpectedEOF
	}
	return ErrSyntax
}
