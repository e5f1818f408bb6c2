package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	messembed "github.com/messembed/messembed-go"
)

// failures writes the failed rows as JSONL that can be imported again. The file
// is created with the first failure.
type failures struct {
	path  string
	file  *os.File
	w     *bufio.Writer
	size  int64 // in bytes, what is not flushed included
	count int
	err   error
}

// goOn makes the file go on behind its first bytes, which an earlier process wrote.
// It may have been killed in the middle of what follows them.
func (f *failures) goOn(size int64) error {
	f.size = size
	if f.path == "" {
		return nil
	}
	if err := os.Truncate(f.path, size); size > 0 || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// isFile reports whether the path leads to this file.
func isFile(file *os.File, path string) bool {
	one, err := file.Stat()
	if err != nil {
		return false
	}
	other, err := os.Stat(path)
	return err == nil && os.SameFile(one, other)
}

func (f *failures) add(line int, text string, p messembed.CreateUserParams, err error) {
	f.count++
	if f.path == "" || f.err != nil {
		return
	}
	if f.file == nil {
		if f.err = f.open(); f.err != nil {
			return
		}
	}
	r := jsonRow{Line: line, Error: err.Error(), Text: text}
	if text == "" {
		r.ID = &p.ID
		r.ExternalMetadata, r.PrivateExternalMetadata, r.BlockStatus = p.ExternalMetadata, p.PrivateExternalMetadata, p.BlockStatus
	}
	data, err := json.Marshal(r)
	if err == nil {
		_, err = f.w.Write(append(data, '\n'))
		f.size += int64(len(data)) + 1
	}
	f.err = err
}

func (f *failures) open() (err error) {
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if f.size == 0 {
		flags |= os.O_TRUNC
	}
	if f.file, err = os.OpenFile(f.path, flags, 0o666); err == nil {
		f.w = bufio.NewWriter(f.file)
	}
	return err
}

// flush writes what add has taken. It reports whether the file holds all of it.
func (f *failures) flush() error {
	if f.file != nil && f.err == nil {
		f.err = f.w.Flush()
	}
	return f.err
}

// close flushes the file and reports whether all failures were written.
func (f *failures) close() error {
	_ = f.flush()
	if f.file != nil {
		if err := f.file.Close(); f.err == nil {
			f.err = err
		}
	}
	return f.err
}
