package main

import (
	"bufio"
	"encoding/json"
	"os"

	messembed "github.com/messembed/messembed-go"
)

// failures writes the failed rows as JSONL that can be imported again. The file
// is created with the first failure.
type failures struct {
	path  string
	file  *os.File
	w     *bufio.Writer
	count int
	err   error
}

func (f *failures) add(line int, text string, p messembed.CreateUserParams, err error) {
	f.count++
	if f.path == "" || f.err != nil {
		return
	}
	if f.file == nil {
		if f.file, f.err = os.Create(f.path); f.err != nil {
			return
		}
		f.w = bufio.NewWriter(f.file)
	}
	r := jsonRow{Line: line, Error: err.Error(), Text: text}
	if text == "" {
		r.ID = &p.ID
		r.ExternalMetadata, r.PrivateExternalMetadata, r.BlockStatus = p.ExternalMetadata, p.PrivateExternalMetadata, p.BlockStatus
	}
	data, err := json.Marshal(r)
	if err == nil {
		_, err = f.w.Write(append(data, '\n'))
	}
	f.err = err
}

// close flushes the file and reports whether all failures were written.
func (f *failures) close() error {
	if f.file == nil {
		return f.err
	}
	if err := f.w.Flush(); f.err == nil {
		f.err = err
	}
	if err := f.file.Close(); f.err == nil {
		f.err = err
	}
	return f.err
}
