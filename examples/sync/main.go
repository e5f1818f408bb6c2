// Command sync makes the chat service hold the users that a CSV or JSONL file
// or standard input says, at the cost of the difference. See README.md for its
// use; -help lists the flags.
//
// It syncs with the service that the environment names or, with -fake, with the fake
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
	file    file
	fake    bool
	quiet   bool
	show    int
	options messembed.SyncOptions
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		fmt.Fprintln(stderr, "sync:", err)
		return exitCode(ctx, err, 0, 0)
	}
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return fail(err)
	}
	defer s.file.close()
	if err := s.file.open(ctx, stdin); err != nil {
		return fail(err)
	}
	rows, warnings, err := s.file.check()
	if err != nil {
		return fail(err)
	}
	for _, text := range warnings {
		fmt.Fprintln(stderr, text)
	}
	waiting := new(waiting)
	client, where, err := connect(s.fake, messembed.WithLogger(slog.New(waiting)))
	if err != nil {
		return fail(err)
	}
	if err := client.CheckCredentials(ctx); err != nil {
		return fail(err)
	}
	fmt.Fprintf(stderr, "Syncing %d rows with %s, whose list of users is read first\n", rows, where)
	out := stderr
	if s.quiet {
		out = io.Discard
	}
	sy := &syncing{
		s: s, client: client, stdout: stdout, stderr: stderr,
		progress: startProgress(out, isTerminal(out), 0, rows, waiting),
	}
	return sy.run(ctx)
}

func parseFlags(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{file: file{columns: columnOptions{whole: true}}}
	flags := flag.NewFlagSet("sync", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		usageOf(flags, "sync [flags] users.csv | users.jsonl | -")()
		fmt.Fprint(stderr, exitHelp)
	}
	flags.BoolVar(&s.fake, "fake", false, "try it: sync with the fake server, inside this process")
	formatFlag(flags, &s.file.format)
	s.file.columns.flags(flags)
	vanished := flags.String("vanished", "keep", "what to do with users that the file does not have: keep, block or delete")
	flags.IntVar(&s.options.MaxVanished, "max-vanished", 0, "block or delete nobody if there are more of them (default: a tenth of the users, and at least 10)")
	flags.BoolVar(&s.options.Unblock, "unblock", false, "unblock users that are in the file again")
	flags.BoolVar(&s.options.DryRun, "dry-run", false, "print the plan and change nothing")
	flags.IntVar(&s.show, "show", 20, "how many users of each kind the plan shows")
	flags.IntVar(&s.options.Concurrency, "concurrency", 16, "rows in flight at once")
	flags.IntVar(&s.options.MaxFailures, "max-failures", 0, "stop after this many failures (default: never)")
	flags.BoolVar(&s.quiet, "quiet", false, "no progress")
	flags.Func("shard", "`n/of`, such as 2/8: only the users of shard n, counted from 0", func(text string) error {
		o := &s.options
		if _, err := fmt.Sscanf(text+"\n", "%d/%d\n", &o.Shard, &o.Shards); err != nil || o.Shards < 1 || o.Shard < 0 || o.Shard >= o.Shards {
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
	s.file.path = flags.Arg(0)
	s.options.Vanished = messembed.VanishedPolicy(*vanished)
	switch s.options.Vanished {
	case messembed.KeepVanished, messembed.BlockVanished, messembed.DeleteVanished:
	default:
		return nil, fmt.Errorf("-vanished %s: must be keep, block or delete", *vanished)
	}
	for name, n := range map[string]int{
		"max-vanished": s.options.MaxVanished, "concurrency": s.options.Concurrency, "max-failures": s.options.MaxFailures, "show": s.show,
	} {
		if n < 0 {
			return nil, fmt.Errorf("-%s: must not be negative", name)
		}
	}
	return s, nil
}
