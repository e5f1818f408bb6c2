package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// file is the input: which users there are, and what they hold. It is read twice.
type file struct {
	path    string
	format  string // "": found out
	columns columnOptions
	opened  *os.File
	copied  bool // opened is a copy, since the input can be read only once
}

func (f *file) open(ctx context.Context, stdin io.Reader) error {
	in, err := openInput(ctx, f.path, f.format, stdin)
	if err != nil {
		return err
	}
	f.format, f.opened = in.format, in.file
	if f.opened != nil {
		return nil
	}
	defer in.Close()
	if f.opened, err = os.CreateTemp("", "sync-*"); err != nil {
		return err
	}
	f.copied = true
	_, err = io.Copy(f.opened, in)
	return err
}

func (f *file) close() {
	if f.opened == nil {
		return
	}
	_ = f.opened.Close()
	if f.copied {
		_ = os.Remove(f.opened.Name())
	}
}

func (f *file) name() string {
	if f.path == "-" {
		return "standard input"
	}
	return f.path
}

// rows reads the file from its beginning. A broken row is an error, which is the
// last element.
func (f *file) rows() iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		if _, err := f.opened.Seek(0, io.SeekStart); err != nil {
			yield(row{}, err)
			return
		}
		for r, err := range parse(f.opened, f.format, f.columns) {
			if err == nil {
				err = problem(r)
			}
			if err != nil {
				yield(row{}, fmt.Errorf("%s: %w", f.name(), err))
				return
			}
			if !yield(r, nil) {
				return
			}
		}
	}
}

func problem(r row) error {
	err := r.err
	if err == nil && r.params.ID == "" {
		err = errors.New("no user id")
	}
	if err != nil {
		return fmt.Errorf("line %d: %w", r.line, err)
	}
	return nil
}

// check reads the file once and counts its rows. It must be whole and right before
// anything is changed: the user of a row that cannot be read would seem to have
// vanished. The warnings are about what is right but may not be meant.
func (f *file) check() (rows int, warnings []string, err error) {
	var (
		contacts contacts
		repeated repeated
	)
	contacts.noteMaps(f.columns.maps)
	for r, err := range f.rows() {
		if err != nil {
			return 0, nil, err
		}
		rows++
		contacts.noteUser(r.params)
		repeated.note(r.params.ID, r.line)
	}
	if rows == 0 {
		return 0, nil, fmt.Errorf("%s has no users; is it complete?", f.name())
	}
	for _, text := range []string{
		contacts.warning(), repeated.warning("if they differ, the last one wins, and every run updates the user more than once"),
	} {
		if text != "" {
			warnings = append(warnings, text)
		}
	}
	return rows, warnings, nil
}
