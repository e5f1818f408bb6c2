package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// input is what to read the rows from.
type input struct {
	io.Reader
	io.Closer
	file   *os.File // nil: not a regular file
	lines  int      // of the file; 0: unknown
	format string
}

// openInput opens a file or, for "-", standard input. Without a format it finds out
// which it is.
func openInput(ctx context.Context, path, format string, stdin io.Reader) (*input, error) {
	in := &input{format: format}
	if path == "-" {
		in.Reader, in.Closer = untilDone(ctx, stdin), io.NopCloser(nil)
	} else {
		file, err := os.Open(path)
		if err != nil {
			return nil, elsewhere(err, path)
		}
		in.Reader, in.Closer = file, file
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			in.file = file
			if in.lines, err = countLines(file); err != nil {
				return nil, err
			}
		}
	}
	if in.format == "" {
		in.findFormat(path)
	}
	return in, nil
}

// elsewhere adds to an error where a relative path was looked for.
func elsewhere(err error, path string) error {
	dir, unknown := os.Getwd()
	if !errors.Is(err, fs.ErrNotExist) || filepath.IsAbs(path) || unknown != nil {
		return err
	}
	return fmt.Errorf("%w in %s (where go run -C has gone, if you use that: give an absolute path)", err, dir)
}

// countLines counts the lines of a file: about as many as it has rows.
func countLines(file *os.File) (lines int, err error) {
	buffer := make([]byte, 256<<10)
	for {
		n, err := file.Read(buffer)
		lines += bytes.Count(buffer[:n], []byte{'\n'})
		if err == io.EOF {
			_, err = file.Seek(0, io.SeekStart)
			return lines, err
		}
		if err != nil {
			return 0, err
		}
	}
}

// findFormat detects the format by the file's name, or by whether it begins like
// JSON.
func (in *input) findFormat(path string) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv":
		in.format = "csv"
		return
	case ".jsonl", ".ndjson", ".json":
		in.format = "jsonl"
		return
	}
	b := bufio.NewReader(in.Reader)
	in.Reader = b
	start, _ := b.Peek(512)
	in.format = "csv"
	if start = bytes.TrimLeft(start, "\ufeff \t\r\n"); len(start) > 0 && bytes.IndexByte([]byte("{["), start[0]) >= 0 {
		in.format = "jsonl"
	}
}

// untilDone reads from r until ctx ends. A read from a terminal or a pipe would
// not end by itself.
func untilDone(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	context.AfterFunc(ctx, func() { in.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(in, r)
		in.CloseWithError(err)
	}()
	return out
}
