package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// importing is one run of the import.
type importing struct {
	in             *input
	s              *settings
	resume         *resume
	waiting        *waiting
	failed         *failures
	passing        int // of the failed rows, those whose reason may pass
	recent         recentRows
	contacts       contacts
	repeated       repeated
	progress       *progress
	stdout, stderr io.Writer
}

// openResume finds out which row to begin behind.
func (s *settings) openResume(in *input) (*resume, error) {
	if s.resume == "" {
		return new(resume), nil
	}
	if in.file == nil {
		return nil, errors.New("-resume: needs a regular file")
	}
	identity, err := identify(in.file, in.format, s.columns.id, s.columns.maps, s.columns.comma, s.options.OnExisting, s.options.Shard, s.options.Shards)
	if err != nil {
		return nil, err
	}
	return openResume(s.resume, identity)
}

// run imports the rows, shows the progress and prints a summary.
func (im *importing) run(ctx context.Context, client *messembed.Client) int {
	rows, before := parse(im.in, im.in.format, im.s.columns), im.resume.state
	if before.Through > 0 {
		fmt.Fprintf(im.stderr, "Going on behind row %d, as %s says\n", before.Through, im.resume.path)
		if err := im.failed.goOn(before.Failures); err != nil {
			fmt.Fprintln(im.stderr, "import: cannot go on with the failures file:", err)
			return exitFailed
		}
	}
	out := im.stderr
	if im.s.quiet {
		out = io.Discard
	}
	im.progress = startProgress(out, isTerminal(out), before.Through, im.in.lines, im.waiting)
	o := im.s.options
	o.Progress = func(p messembed.ImportProgress) {
		im.progress.set(im.recent.last(), p.Failed)
		if im.failed.flush() == nil {
			im.resume.keep(before.Through+p.Through, before.Failed+p.Failed, before.Passing+im.passing, im.failed.size)
		}
	}
	o.OnRow = func(f messembed.ImportRow) {
		im.repeated.note(f.Params.ID, im.recent.get(before.Through+f.Row).line)
		if f.Outcome == messembed.RowFailed {
			im.rowFailed(before.Through+f.Row, f)
		}
	}
	im.contacts.noteMaps(im.s.columns.maps)
	report, err := client.ImportUsers(ctx, im.users(rows), o)
	im.progress.end()
	return im.sumUp(ctx, report, err)
}

func (im *importing) rowFailed(number int, f messembed.ImportRow) {
	from, err := im.recent.get(number), f.Err
	if from.broken != nil {
		err = from.broken
	}
	if mayPass(err) {
		im.passing++
	}
	if im.failed.count < 10 {
		im.progress.println(im.stderr, fmt.Sprintf("line %d: %v", from.line, err))
	} else if im.failed.count == 10 {
		im.progress.println(im.stderr, "further failures are not shown")
	}
	im.failed.add(from.line, from.text, f.Params, err)
}

// ofRepeated says what comes of several rows for one user.
var ofRepeated = map[messembed.ExistingPolicy]string{
	messembed.KeepExisting:   "the first one counts",
	messembed.UpdateExisting: "if they differ, the last one wins, and every run updates the user more than once",
	messembed.FailOnExisting: "these rows fail",
}

func (im *importing) sumUp(ctx context.Context, report messembed.ImportReport, err error) int {
	if im.s.options.DryRun {
		fmt.Fprintf(im.stdout, "read %d: %d valid, %d invalid; nothing was sent\n", report.Read, report.Kept, report.Failed)
	} else {
		fmt.Fprintf(im.stdout, "read %d: created %d, updated %d, kept %d, failed %d in %v\n",
			report.Read, report.Created, report.Updated, report.Kept, report.Failed, report.Elapsed.Round(time.Millisecond))
	}
	if text := im.repeated.warning(ofRepeated[im.s.options.OnExisting]); text != "" {
		fmt.Fprintln(im.stderr, text)
	}
	if writing := im.failed.close(); writing != nil {
		fmt.Fprintln(im.stderr, "import: cannot write the failures file:", writing)
	} else if im.failed.size > 0 {
		fmt.Fprintln(im.stdout, "the failed rows are in", im.failed.path)
	}
	keeping := im.resume.err
	if err == nil {
		keeping = im.resume.finished()
	}
	if keeping != nil {
		fmt.Fprintln(im.stderr, "import: cannot keep how far it has come:", keeping)
	}
	before := im.resume.state
	code := exitCode(ctx, err, before.Failed+report.Failed, before.Passing+im.passing)
	switch {
	case code == exitInterrupted:
		fmt.Fprintln(im.stderr, "import: interrupted; run it again to continue")
	case err != nil:
		fmt.Fprintln(im.stderr, "import: stopped:", err)
	case code == exitLater:
		fmt.Fprintln(im.stderr, "import: rows failed for reasons that may pass; run it again later")
	}
	return code
}

// users converts the rows to users for ImportUsers. A broken row becomes a user
// without an id, so that it is counted, is numbered and fails like any invalid row.
// It leaves out the rows that an earlier process has finished.
func (im *importing) users(rows iter.Seq2[row, error]) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		number := 0
		for parsed, err := range rows {
			if err == nil {
				number++
				if number <= im.resume.state.Through {
					continue
				}
				if number == im.resume.state.Through+1 {
					im.progress.begin()
				}
				im.recent.add(number, parsed)
			}
			params := parsed.params
			if parsed.err != nil {
				params = messembed.CreateUserParams{}
			}
			im.contacts.noteUser(params)
			if text := im.contacts.warning(); text != "" {
				im.progress.println(im.stderr, text)
			}
			if !yield(params, err) {
				return
			}
		}
	}
}
