// Command migrate moves all users of a Rocket.Chat workspace, a ChatKitty
// application or a Rightech project into Messembed. README.md says how; -help lists
// the flags.
//
//	go run ./examples/migrate -from rocketchat
//
// Without any environment it moves the users of a fake service into the fake
// Messembed, inside this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// The exit codes.
const (
	exitOK          = 0
	exitRowsFailed  = 1   // it went through; some users were not moved
	exitUsage       = 2   // nothing was done
	exitStopped     = 3   // the source broke off
	exitInterrupted = 130 // Ctrl-C, or SIGTERM
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are what the flags say.
type settings struct {
	from      service
	prefix    string
	private   []string
	fakeUsers int
	options   messembed.ImportOptions
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	usage := func(err error) int {
		fmt.Fprintln(stderr, "migrate:", err)
		return exitUsage
	}
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return usage(err)
	}
	source, from, err := s.source()
	if err != nil {
		return usage(err)
	}
	target, into, err := s.target()
	if err != nil {
		return usage(err)
	}
	if err := source.CheckCredentials(ctx); err != nil {
		return usage(fmt.Errorf("%s: %w", s.from.title, err))
	}
	if !s.options.DryRun {
		if err := target.CheckCredentials(ctx); err != nil {
			return usage(fmt.Errorf("messembed: %w", err))
		}
	}
	fmt.Fprintf(stderr, "Moving the users of %s into %s\n", from, into)
	m := newMigration(source, target, s, stderr)
	report, err := m.run(ctx)
	m.sumUp(stdout, report)
	switch {
	case err != nil && ctx.Err() != nil:
		fmt.Fprintln(stderr, "migrate: interrupted; run it again to go on")
		return exitInterrupted
	case err != nil:
		fmt.Fprintln(stderr, "migrate:", err)
		return exitStopped
	case report.Failed > 0:
		return exitRowsFailed
	}
	return exitOK
}

// source is the client of the service that the environment names, or of a fake
// one.
func (s *settings) source() (client *messembed.Client, where string, err error) {
	if s.from.inEnvironment() {
		return s.from.connect()
	}
	if os.Getenv("MESSEMBED_URL") != "" && !s.options.DryRun {
		return nil, "", fmt.Errorf("MESSEMBED_URL is set and %s is not: invented users do not belong into a real service", s.from.needs)
	}
	return s.from.fake(s.fakeUsers), fmt.Sprintf("a fake %s (set %s for a real one)", s.from.title, s.from.needs), nil
}

func (s *settings) target() (client *messembed.Client, where string, err error) {
	if url := os.Getenv("MESSEMBED_URL"); url != "" {
		client, err = messembed.FromEnv(patient...)
		return client, url, err
	}
	fake := messembedtest.New(messembedtest.Program{}, messembedtest.WithRequestLog(-1))
	return fake.Client(messembedtest.Program{}), "the embedded fake (set MESSEMBED_URL and MESSEMBED_PASSWORD for a real Messembed)", nil
}

func parseFlags(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{from: services["rocketchat"]}
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Func("from", "where the users are: rocketchat (the default), chatkitty or rightech", func(name string) error {
		from, ok := services[name]
		if !ok {
			return errors.New("must be rocketchat, chatkitty or rightech")
		}
		s.from = from
		return nil
	})
	flags.StringVar(&s.prefix, "prefix", "", "`text` before each id; \"\": a user has the same id in Messembed")
	private := flags.String("private", "email,emails,phone",
		"`keys` of the metadata that go into privateExternalMetadata, which only the application's server sees")
	update := flags.Bool("update", false, "change the users that are there already to what they are in the source (default: leave them)")
	flags.BoolVar(&s.options.DryRun, "dry-run", false, "read everything, check it, and send nothing to Messembed")
	flags.IntVar(&s.options.Concurrency, "concurrency", 16, "users in flight at once")
	flags.IntVar(&s.fakeUsers, "fake-users", 300, "how many users the fake service has")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q: there are no arguments but flags", flags.Arg(0))
	case s.options.Concurrency < 1:
		return nil, errors.New("-concurrency: must be positive")
	}
	s.options.OnExisting = messembed.KeepExisting
	if *update {
		s.options.OnExisting = messembed.UpdateExisting
	}
	s.private = slices.DeleteFunc(strings.Split(*private, ","), func(key string) bool { return key == "" })
	return s, nil
}
