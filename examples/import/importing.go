package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	messembed "github.com/messembed/messembed-go"
)

// input is the file and the number of bytes read so far.
type input struct {
	io.Reader
	io.Closer
	size   int64 // -1: unknown
	read   atomic.Int64
	format string
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.Reader.Read(p)
	in.read.Add(int64(n))
	return n, err
}

func openInput(ctx context.Context, s *settings, stdin io.Reader) (*input, error) {
	in := &input{size: -1, format: s.format}
	if s.path == "-" {
		in.Reader, in.Closer = untilDone(ctx, stdin), io.NopCloser(nil)
	} else {
		file, err := os.Open(s.path)
		if err != nil {
			return nil, err
		}
		in.Reader, in.Closer = file, file
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			in.size = info.Size()
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

// recentRows keeps the line, and the error if any, of the rows that the import may
// be working on. Keeping all rows would take unbounded memory.
type recentRows struct {
	mu   sync.Mutex
	rows [1 << 16]recentRow
}

type recentRow struct {
	line   int
	broken error
	text   string
}

func (r *recentRows) add(number int, parsed row) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows[number%len(r.rows)] = recentRow{parsed.line, parsed.err, parsed.text}
}

func (r *recentRows) get(number int) recentRow {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[number%len(r.rows)]
}

// importRows imports the rows, shows the progress and prints a summary.
func importRows(ctx context.Context, client *messembed.Client, in *input, s *settings, stdout, stderr io.Writer) int {
	rows := parseJSONL(in)
	if in.format == "csv" {
		rows = parseCSV(in, s.columns)
	}
	recent := new(recentRows)
	failed := &failures{path: s.failures}
	bar := newBar(in.size, s.quiet, stderr)
	o := s.options
	o.Progress = func(p messembed.ImportProgress) {
		bar.Describe(fmt.Sprintf("%d done, %d failed", p.Read, p.Failed))
		_ = bar.Set64(in.read.Load())
	}
	o.OnRow = func(f messembed.ImportRow) {
		if f.Outcome != messembed.RowFailed {
			return
		}
		from, err := recent.get(f.Row), f.Err
		if from.broken != nil {
			err = from.broken
		}
		if failed.count < 10 {
			_ = bar.Clear()
			fmt.Fprintf(stderr, "line %d: %v\n", from.line, err)
		} else if failed.count == 10 {
			fmt.Fprintln(stderr, "further failures are not shown")
		}
		failed.add(from.line, from.text, f.Params, err)
	}
	report, err := client.ImportUsers(ctx, usersOf(rows, recent), o)
	_ = bar.Exit()
	if o.DryRun {
		fmt.Fprintf(stdout, "read %d: %d valid, %d invalid; nothing was sent\n", report.Read, report.Kept, report.Failed)
	} else {
		fmt.Fprintf(stdout, "read %d: created %d, updated %d, kept %d, failed %d in %v\n",
			report.Read, report.Created, report.Updated, report.Kept, report.Failed, report.Elapsed.Round(time.Millisecond))
	}
	if writing := failed.close(); writing != nil {
		fmt.Fprintln(stderr, "import: cannot write the failures file:", writing)
	} else if failed.file != nil {
		fmt.Fprintln(stdout, "the failed rows are in", failed.path)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "import: interrupted; run it again to continue")
		return exitInterrupted
	case errors.Is(err, messembed.ErrInvalidArgument):
		fmt.Fprintln(stderr, "import:", err)
		return exitUsage
	case err != nil:
		fmt.Fprintln(stderr, "import: stopped:", err)
		return exitStopped
	case report.Failed > 0:
		return exitRowsFailed
	}
	return exitOK
}

// usersOf converts the rows to users for ImportUsers. A broken row becomes a user
// without an id, so that it is counted, is numbered and fails like any invalid row.
func usersOf(rows iter.Seq2[row, error], recent *recentRows) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		number := 0
		for parsed, err := range rows {
			number++
			if err == nil {
				recent.add(number, parsed)
			}
			params := parsed.params
			if parsed.err != nil {
				params = messembed.CreateUserParams{}
			}
			if !yield(params, err) {
				return
			}
		}
	}
}

func newBar(size int64, quiet bool, stderr io.Writer) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(stderr),
		progressbar.OptionSetVisibility(!quiet && isTerminal(stderr)),
		progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(),
	)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
