package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	messembed "github.com/messembed/messembed-go"
)

// file is the input: which users there are, and what they hold.
type file struct {
	path  string
	id    string // CSV: the column of the ids
	comma rune   // CSV
}

// check reads the file once and counts its rows. It must be whole and right before
// anything is changed: the user of a row that cannot be read would seem to have
// vanished.
func (f file) check() (rows int, err error) {
	for _, err := range f.users() {
		if err != nil {
			return 0, err
		}
		rows++
	}
	if rows == 0 {
		return 0, fmt.Errorf("%s has no users; is it complete?", f.path)
	}
	return rows, nil
}

// users returns the rows. An error is the last element.
func (f file) users() iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		fail := func(err error) { yield(messembed.CreateUserParams{}, err) }
		opened, err := os.Open(f.path)
		if err != nil {
			fail(err)
			return
		}
		defer opened.Close()
		r := bufio.NewReader(opened)
		if start, _ := r.Peek(3); string(start) == "\ufeff" {
			_, _ = r.Discard(3)
		}
		read := f.csv
		switch strings.ToLower(filepath.Ext(f.path)) {
		case ".csv":
		case ".jsonl", ".ndjson":
			read = f.jsonl
		default:
			fail(fmt.Errorf("%s: must be a .csv or .jsonl file", f.path))
			return
		}
		if err := read(r, func(p messembed.CreateUserParams) bool { return yield(p, nil) }); err != nil {
			fail(fmt.Errorf("%s: %w", f.path, err))
		}
	}
}

// csv reads a line of column names, and then one user per record. Empty cells are
// left out.
func (f file) csv(in io.Reader, yield func(messembed.CreateUserParams) bool) error {
	r := csv.NewReader(in)
	r.Comma = f.comma
	columns, err := r.Read()
	if err != nil {
		return fmt.Errorf("the first line must name the columns: %w", err)
	}
	id := slices.Index(columns, f.id)
	if id < 0 {
		return fmt.Errorf("no column %q for the user id, only %q; choose one with -id, or the character between them with -comma", f.id, columns)
	}
	for i, name := range columns {
		if slices.Contains(columns[:i], name) {
			return fmt.Errorf("the column %q appears twice", name)
		}
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err // names the line
		}
		p := messembed.CreateUserParams{ID: strings.TrimSpace(cells[id]), ExternalMetadata: messembed.Metadata{}}
		for i, cell := range cells {
			if i != id && cell != "" {
				p.ExternalMetadata[columns[i]] = cell
			}
		}
		if err := problem(p.ID, strings.Join(cells, "")); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		if !yield(p) {
			return nil
		}
	}
}

// jsonl reads one user per line, in the form of CreateUserParams.
func (file) jsonl(in io.Reader, yield func(messembed.CreateUserParams) bool) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	number := 0
	for lines.Scan() {
		number++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var p messembed.CreateUserParams
		dec := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		dec.DisallowUnknownFields() // a misspelt key would be silently ignored
		err := dec.Decode(&p)
		if err == nil && dec.More() {
			err = errors.New("more than one value")
		}
		if err == nil {
			err = problem(p.ID, lines.Text())
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		if !yield(p) {
			return nil
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", number+1, err)
	}
	return nil
}

func problem(id, text string) error {
	switch {
	case id == "":
		return errors.New("no user id")
	case !utf8.ValidString(text):
		return errors.New("not UTF-8 but perhaps Latin-1; convert the file, as with iconv -f WINDOWS-1252 -t UTF-8")
	}
	return nil
}
