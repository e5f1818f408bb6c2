package jsonstream

import (
	"bytes"
	"errors"
	"io"
)

var (
	// ErrSyntax says that it is no JSON.
	ErrSyntax = errors.New("is not JSON")
	// ErrShape says that it is JSON, and not the object or array that was looked for.
	ErrShape = errors.New("is JSON of another shape")
	// ErrNoKey says that the object has no such key.
	ErrNoKey = errors.New("the answer has none")
	// ErrTrailing says that something follows where the document should have ended.
	ErrTrailing = errors.New("goes on after its end")
)

const bufferSize = 32 << 10 // bytes; it grows to twice an element that is larger

// Elements reads the elements of one array of a JSON document as they arrive. It
// keeps one buffer. A document that ends too early is io.ErrUnexpectedEOF.
type Elements struct {
	r        io.Reader
	buf      []byte // what was read
	pos      int    // where the next thing in buf begins
	inObject bool   // the array is a value of the document's object
	begun    bool   // an element was read
	beside   func(size int) error
}

// NewElements reads the document that r holds. The sizes, in bytes, of values
// beside the array are told to beside, whose error ends reading.
func NewElements(r io.Reader, beside func(size int) error) *Elements {
	return &Elements{r: r, buf: make([]byte, 0, bufferSize), beside: beside}
}

// Seek goes to the array: the value of key in the document's object or, when key
// is "", the document itself.
func (e *Elements) Seek(key string) error {
	if key != "" {
		if err := e.seekKey(key); err != nil {
			return err
		}
	}
	return e.open('[')
}

func (e *Elements) seekKey(key string) error {
	if err := e.open('{'); err != nil {
		return err
	}
	e.inObject = true
	for {
		name, err := e.fieldName()
		if err != nil {
			return err
		}
		if name == nil {
			return ErrNoKey
		}
		if text, err := NewParser(name).Text(); err != nil || text == key {
			return err
		}
		if err := e.skip(); err != nil {
			return err
		}
	}
}

// fieldName reads up to the value of the object's next field; nil at its end.
func (e *Elements) fieldName() ([]byte, error) {
	switch ended, err := e.next('}'); {
	case err != nil:
		return nil, err
	case ended:
		return nil, nil
	}
	if c, err := e.peek(); err != nil || c != '"' {
		return nil, syntaxUnless(err)
	}
	name, err := e.value()
	if err != nil {
		return nil, err
	}
	name = bytes.Clone(name)
	if c, err := e.peek(); err != nil || c != ':' {
		return nil, syntaxUnless(err)
	}
	e.pos++
	return name, nil
}

func syntaxUnless(err error) error {
	if err != nil {
		return err
	}
	return ErrSyntax
}

// Parse gives the next element to read, which reads it with p and may do so twice:
// first in the buffer, and again when it turns out that it has not come whole.
// What read keeps of p must be copies; see [Parser.CopyRaw]. size is the
// element's in bytes, 0 after the last.
func (e *Elements) Parse(p *Parser, read func() error) (size int, err error) {
	if ended, err := e.next(']'); err != nil || ended {
		return 0, err
	}
	if _, err := e.peek(); err != nil {
		return 0, err
	}
	p.Reset(e.buf[e.pos:])
	if read() == nil && p.pos < len(p.data) {
		e.pos += p.pos
		return p.pos, nil
	}
	raw, err := e.value()
	if err != nil {
		return 0, err
	}
	p.Reset(raw)
	if err = read(); err == nil {
		err = p.End()
	}
	return len(raw), err
}

// Finish reads what follows the array, up to the end of the document.
func (e *Elements) Finish() error {
	for e.inObject {
		e.begun = true
		name, err := e.fieldName()
		if err != nil {
			return err
		}
		if name == nil {
			break
		}
		if err := e.skip(); err != nil {
			return err
		}
	}
	switch _, err := e.peek(); err {
	case io.ErrUnexpectedEOF:
		return nil
	case nil:
		return ErrTrailing
	default:
		return err
	}
}

// skip reads a value that is not wanted.
func (e *Elements) skip() error {
	raw, err := e.value()
	if err != nil {
		return err
	}
	if err := e.beside(len(raw)); err != nil {
		return err
	}
	p := NewParser(raw)
	if err := p.Skip(); err != nil {
		return err
	}
	return p.End()
}

// open reads the bracket that something begins with.
func (e *Elements) open(bracket byte) error {
	c, err := e.peek()
	switch {
	case err != nil:
		return err
	case c != bracket && startsValue(c):
		return ErrShape
	case c != bracket:
		return ErrSyntax
	}
	e.pos++
	e.begun = false
	return nil
}

// next reads the comma before an element, or the bracket that ends them.
func (e *Elements) next(bracket byte) (ended bool, err error) {
	c, err := e.peek()
	switch {
	case err != nil:
		return false, err
	case c == bracket:
		e.pos++
		return true, nil
	case !e.begun:
		e.begun = true
		return false, nil
	case c != ',':
		return false, ErrSyntax
	}
	e.pos++
	return false, nil
}

// peek gives the next byte that is no white space, without going past it.
func (e *Elements) peek() (byte, error) {
	for {
		for ; e.pos < len(e.buf); e.pos++ {
			if c := e.buf[e.pos]; !isSpace(c) {
				return c, nil
			}
		}
		if _, err := e.fill(); err != nil {
			return 0, err
		}
	}
}

// value reads one value, whose bytes stay until the next call. It looks for the
// end only: brackets are counted, not matched.
func (e *Elements) value() ([]byte, error) {
	c, err := e.peek()
	if err != nil {
		return nil, err
	}
	if !startsValue(c) {
		return nil, ErrSyntax
	}
	depth, inText := 0, false
	i := e.pos
	for {
		buf := e.buf
		for i < len(buf) {
			if inText {
				if i += textRun(buf[i:]); i == len(buf) {
					break
				}
				i++
				if buf[i-1] == '\\' {
					i++ // perhaps beyond what was read yet
					continue
				}
				inText = false
				if depth == 0 {
					return e.taken(i), nil
				}
				continue
			}
			for i < len(buf) && !structural[buf[i]] {
				i++
			}
			if i == len(buf) {
				break
			}
			switch buf[i] {
			case '"':
				inText = true
			case '{', '[':
				depth++
			case '}', ']':
				if depth == 0 {
					return e.taken(i), nil // a number or a word has ended
				}
				if depth--; depth == 0 {
					return e.taken(i + 1), nil
				}
			default:
				if depth == 0 {
					return e.taken(i), nil
				}
			}
			i++
		}
		moved, err := e.fill()
		if err != nil {
			return nil, err
		}
		i -= moved
	}
}

// structural marks what value looks at between texts.
var structural = func() (t [256]bool) {
	for _, c := range "\"{}[],: \t\r\n" {
		t[c] = true
	}
	return t
}()

func (e *Elements) taken(end int) []byte {
	value := e.buf[e.pos:end]
	e.pos = end
	return value
}

// fill reads more behind what is there from pos on, which moves to the buffer's
// beginning.
func (e *Elements) fill() (moved int, err error) {
	moved = e.pos
	n := copy(e.buf, e.buf[e.pos:])
	e.buf, e.pos = e.buf[:n], 0
	if n == cap(e.buf) {
		e.buf = append(make([]byte, 0, 2*n), e.buf...)
	}
	for range 100 {
		read, err := e.r.Read(e.buf[n:cap(e.buf)])
		e.buf = e.buf[:n+read]
		switch {
		case read > 0:
			return moved, nil // an error comes again
		case err == io.EOF:
			return moved, io.ErrUnexpectedEOF
		case err != nil:
			return moved, err
		}
	}
	return moved, io.ErrNoProgress
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func startsValue(c byte) bool {
	switch c {
	case '{', '[', '"', '-', 't', 'f', 'n':
		return true
	}
	return '0' <= c && c <= '9'
}
