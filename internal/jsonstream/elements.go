package jsonstream

import (
	"bytes"
	"errors"
	"io"
)

var (
	// ErrSyntax means that the input is not JSON.
	ErrSyntax = errors.New("not JSON")
	// ErrShape means that the input is JSON, but not the expected object or array.
	ErrShape = errors.New("unexpected JSON")
	// ErrNoKey means that the object has no such key.
	ErrNoKey = errors.New("missing from the response")
	// ErrTrailing means that something follows the end of the document.
	ErrTrailing = errors.New("unexpected data after the end")
)

const bufferSize = 32 << 10 // in bytes; the buffer doubles until an element fits

// Elements reads the elements of one array of a JSON document as they arrive.
// It keeps one buffer. A truncated document is io.ErrUnexpectedEOF.
type Elements struct {
	r        io.Reader
	buf      []byte // what was read
	pos      int    // where the next thing in buf begins
	inObject bool   // the array is a value of the document's object
	begun    bool   // an element was read
	beside   func(size int) error
}

// NewElements returns a reader of the document in r. It calls beside with the
// sizes, in bytes, of values next to the array; an error of beside ends
// reading.
func NewElements(r io.Reader, beside func(size int) error) *Elements {
	return &Elements{r: r, buf: make([]byte, 0, bufferSize), beside: beside}
}

// Seek moves to the array: the value of key in the document's object or, if key
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

// fieldName reads up to the value of the object's next field. It returns nil at
// the end of the object.
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

// Parse calls read to read the next element with p. It may call read twice:
// first on the buffer, and again if the element turns out to be incomplete
// there. What read keeps of p must be copies; see [Parser.CopyRaw]. size is
// that of the element in bytes, 0 after the last.
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

// skip reads an unwanted value.
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

// open reads the given opening bracket.
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

// next reads the comma before an element, or the closing bracket.
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

// peek returns the next byte that is not white space, without consuming it.
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

// value reads one value, whose bytes are valid until the next call. It only
// looks for the end: brackets are counted, not matched.
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
					i++ // perhaps beyond what was read so far
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

// structural marks the bytes that value looks at between strings.
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

// fill reads more behind the bytes from pos on, which it moves to the beginning
// of the buffer.
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
			return moved, nil // an error will come again
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
