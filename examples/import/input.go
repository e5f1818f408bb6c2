package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
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

func openInput(ctx context.Context, s *settings, stdin io.Reader) (*input, error) {
	in := &input{format: s.format}
	if s.path == "-" {
		in.Reader, in.Closer = untilDone(ctx, stdin), io.NopCloser(nil)
	} else {
		file, err := os.Open(s.path)
		if err != nil {
			return nil, err
		}
		in.Reader, in.Closer = file, file
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			in.file = file
			if in.lines, err = countLines(file); err != nil {
				return nil, err
			}
			if failures, err := os.Stat(s.failures); err == nil && os.SameFile(info, failures) {
				return nil, errors.New("-failures: must not be the input file")
			}
		}
	}
	if in.format == "" {
		in.findFormat(s.path)
	}
	return in, nil
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
