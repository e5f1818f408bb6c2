// Command import imports users into the chat service from a CSV or JSONL file or
// standard input. See README.md for its use; -help lists the flags.
//
// It imports into the service that the environment names or, with -fake, into the fake
// server, inside this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	messembed "github.com/messembed/messembed-go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// settings holds the values of the flags.
type settings struct {
	path     string
	format   string
	columns  columnOptions
	failures string
	resume   string
	fake     bool
	quiet    bool
	options  messembed.ImportOptions
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		fmt.Fprintln(stderr, "import:", err)
		return exitCode(ctx, err, 0, 0)
	}
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return fail(err)
	}
	in, err := openInput(ctx, s.path, s.format, stdin)
	if err != nil {
		return fail(err)
	}
	defer in.Close()
	if in.file != nil && isFile(in.file, s.failures) {
		return fail(errors.New("-failures: must not be the input file"))
	}
	from, err := s.openResume(in)
	if err != nil {
		return fail(err)
	}
	waiting := new(waiting)
	client, where, err := connect(s.fake || s.options.DryRun, messembed.WithLogger(slog.New(waiting)))
	if err != nil {
		return fail(err)
	}
	if s.options.DryRun {
		where = "nothing: the rows are only validated"
	} else if err := client.CheckCredentials(ctx); err != nil {
		return fail(err)
	}
	fmt.Fprintln(stderr, "Importing into", where)
	im := &importing{in: in, s: s, resume: from, waiting: waiting, stdout: stdout, stderr: stderr, failed: &failures{path: s.failures}}
	return im.run(ctx, client)
}

func parseFlags(args []string, stderr io.Writer) (*settings, error) {
	s := new(settings)
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		usageOf(flags, "import [flags] users.csv | users.jsonl | -")()
		fmt.Fprint(stderr, exitHelp)
	}
	flags.BoolVar(&s.fake, "fake", false, "try it: import into the fake server, inside this process")
	formatFlag(flags, &s.format)
	s.columns.flags(flags)
	existing := flags.String("existing", "keep", "what to do with existing users: keep, update or fail")
	flags.StringVar(&s.failures, "failures", "failures.jsonl", "`file` for failed rows, to fix and import again; \"\": none")
	flags.StringVar(&s.resume, "resume", "", "`file` that keeps how far the import has come; if it exists, go on there; removed at the end")
	flags.IntVar(&s.options.Concurrency, "concurrency", 16, "rows in flight at once")
	flags.IntVar(&s.options.MaxFailures, "max-failures", 0, "stop after this many failed rows (default: never)")
	flags.BoolVar(&s.options.DryRun, "dry-run", false, "validate every row; send and write nothing")
	flags.BoolVar(&s.quiet, "quiet", false, "no progress")
	flags.Func("shard", "`n/of`, such as 2/8: only the users of shard n, counted from 0", func(text string) error {
		if _, err := fmt.Sscanf(text+"\n", "%d/%d\n", &s.options.Shard, &s.options.Shards); err != nil || s.options.Shards < 1 ||
			s.options.Shard < 0 || s.options.Shard >= s.options.Shards {
			return errors.New("must be n/of, with n from 0 to of-1")
		}
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return nil, errors.New("name one file, or - for standard input")
	}
	s.path = flags.Arg(0)
	s.options.OnExisting = messembed.ExistingPolicy(*existing)
	switch s.options.OnExisting {
	case messembed.KeepExisting, messembed.UpdateExisting, messembed.FailOnExisting:
	default:
		return nil, fmt.Errorf("-existing %s: must be keep, update or fail", *existing)
	}
	if s.options.DryRun {
		s.failures = ""
	}
	switch {
	case s.resume != "" && s.options.DryRun:
		return nil, errors.New("-resume: a dry run has nothing to go on with")
	case s.resume != "" && s.path == "-":
		return nil, errors.New("-resume: needs a file, not standard input")
	case s.options.Concurrency < 0:
		return nil, errors.New("-concurrency: must not be negative")
	case s.options.MaxFailures < 0:
		return nil, errors.New("-max-failures: must not be negative")
	}
	return s, nil
}
