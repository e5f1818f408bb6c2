package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

const maxRowBytes = 1 << 20 // a longer line, or quoted text across lines, is a broken row

// lines reads lines. Lines can be put back, because a missing quote in a CSV file
// shows only after the lines that follow it.
type lines struct {
	r      *bufio.Reader
	number int      // of the line that next returns
	back   []string // the next one is last
	err    error
}

// otherFiles are files that are not text, by their first bytes.
var otherFiles = []struct{ start, says string }{
	{"\xff\xfe", "UTF-16; save it as UTF-8"},
	{"\xfe\xff", "UTF-16; save it as UTF-8"},
	{"PK\x03\x04", "a workbook, such as Excel's .xlsx, or another zip archive; save its sheet as CSV in UTF-8"},
	{"\xd0\xcf\x11\xe0", "a workbook of an old Excel (.xls); save its sheet as CSV in UTF-8"},
	{"\x1f\x8b", "compressed; unpack it with gzip -d"},
}

func newLines(r io.Reader) (*lines, error) {
	b := bufio.NewReaderSize(r, 64<<10)
	start, _ := b.Peek(4)
	for _, other := range otherFiles {
		if bytes.HasPrefix(start, []byte(other.start)) {
			return nil, errors.New("the file is " + other.says)
		}
	}
	if bytes.HasPrefix(start, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	return &lines{r: b, number: 1}, nil
}

// next returns a line without its line break. The last line of a file need not have
// one.
func (l *lines) next() (text string, ok bool) {
	if len(l.back) > 0 {
		last := len(l.back) - 1
		text, l.back = l.back[last], l.back[:last]
		l.number++
		return text, true
	}
	if l.err != nil {
		return "", false
	}
	var line []byte
	for {
		part, err := l.r.ReadSlice('\n')
		if room := maxRowBytes + 1 - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && err != io.EOF {
			l.err = err
			return "", false
		}
		if err == io.EOF && len(line) == 0 {
			return "", false
		}
		text = strings.TrimRight(string(line), "\r\n")
		if l.err = l.foreign(text); l.err != nil {
			return "", false
		}
		l.number++
		return text, true
	}
}

// foreign returns an error for a line that shows that the whole file must be
// converted. Reading on would import other users than the file holds.
func (l *lines) foreign(text string) error {
	switch {
	case l.number == 1 && strings.Contains(text, "\r"):
		return errors.New("the file's lines end with CR only, as on an old Mac; convert it, as with tr '\\r' '\\n', or save it as CSV in UTF-8")
	case len(text) <= maxRowBytes && !utf8.ValidString(text): // a longer one may be cut within a character
		return fmt.Errorf("line %d is not UTF-8 but perhaps Latin-1; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8", l.number)
	}
	return nil
}

// putBack makes next return these lines again.
func (l *lines) putBack(texts []string) {
	for _, text := range slices.Backward(texts) {
		l.back = append(l.back, text)
	}
	l.number -= len(texts)
}
