// Command migrate moves all users of a Rocket.Chat workspace, a ChatKitty
// application or a Rightech project into Messembed. See README.md for its use; -help
// lists the flags.
//
//	go run ./examples/migrate -from rocketchat -fake
//
// With -fake, and without environment variables, it moves the users of a fake service
// into a fake Messembed, inside this process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	messembed "github.com/messembed/messembed-go"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// publicMetadata is what whoever stores personal data has to know.
const publicMetadata = "whoever can reach the service and knows a user's id can read it (GET /users/{id} asks for no credentials)"

// settings holds the values of the flags.
type settings struct {
	from      service
	prefix    string
	contacts  bool // store e-mail addresses and phone numbers
	fake      bool
	fakeUsers int
	options   messembed.ImportOptions
	waiting   []*waiting // of the clients that source and target return
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fail := func(err error) int {
		fmt.Fprintln(stderr, "migrate:", err)
		return exitCode(ctx, err, 0, 0)
	}
	s, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return fail(err)
	}
	source, from, err := s.source()
	target, into, missing := s.target()
	if err := errors.Join(err, missing); err != nil {
		return fail(err)
	}
	if err := source.CheckCredentials(ctx); err != nil {
		return fail(fmt.Errorf("%s: %w", s.from.title, err))
	}
	if !s.options.DryRun {
		if err := target.CheckCredentials(ctx); err != nil {
			return fail(fmt.Errorf("messembed: %w", err))
		}
	}
	fmt.Fprintf(stderr, "Moving the users of %s into %s\n", from, into)
	if s.contacts {
		fmt.Fprintln(stderr, "Warning: with -contacts,", publicMetadata)
	}
	m := newMigration(source, target, s, stderr)
	report, err := m.run(ctx)
	m.sumUp(stdout, report)
	code := exitCode(ctx, err, report.Failed, m.passing)
	switch {
	case code == exitInterrupted:
		fmt.Fprintln(stderr, "migrate: interrupted; run it again to continue")
	case err != nil:
		fmt.Fprintln(stderr, "migrate:", err)
	case code == exitLater:
		fmt.Fprintln(stderr, "migrate: users were not moved for reasons that may pass; run it again later")
	}
	return code
}

// source returns a client for the service that the environment names or, with
// -fake, for a fake one.
func (s *settings) source() (client *messembed.Client, where string, err error) {
	needs := strings.Join(s.from.needs, ", ")
	switch {
	case inEnv(s.from.prefix):
		return s.from.fromEnv(s.patient(s.from.title, s.from.limit))
	case !s.fake:
		return nil, "", fmt.Errorf("%s: not set: %s; set them for a real service, or try an embedded one with -fake", s.from.title, needs)
	case inEnv("MESSEMBED_") && !s.options.DryRun:
		return nil, "", fmt.Errorf("MESSEMBED_ variables are set, but none of %s: refusing to move invented users into a real service", needs)
	}
	return s.from.fake(s.fakeUsers, nil), "a fake " + s.from.title, nil
}

// target returns a client for Messembed. A dry run only validates, so it needs none.
func (s *settings) target() (client *messembed.Client, where string, err error) {
	return connect((s.fake || s.options.DryRun) && !inEnv("MESSEMBED_"), s.patient("Messembed", "")...)
}

func (s *settings) patient(service, advice string) []messembed.Option {
	w := &waiting{service: service, advice: advice}
	s.waiting = append(s.waiting, w)
	return patient(w)
}

func parseFlags(args []string, stderr io.Writer) (*settings, error) {
	s := &settings{from: services["rocketchat"]}
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		usageOf(flags, "migrate [flags]")()
		fmt.Fprintln(stderr, "The source, likewise:")
		for _, name := range slices.Sorted(maps.Keys(services)) {
			of := services[name]
			fmt.Fprintf(stderr, "  %-12s %s\n", name, strings.Join(append(slices.Clone(of.needs), of.may...), ", "))
		}
		fmt.Fprint(stderr, exitHelp)
	}
	flags.BoolVar(&s.fake, "fake", false, "try it: in place of a service that the environment does not name, use a fake one, inside this process")
	flags.Func("from", "the source: rocketchat (the default), chatkitty or rightech", func(name string) error {
		from, ok := services[name]
		if !ok {
			return errors.New("must be rocketchat, chatkitty or rightech")
		}
		s.from = from
		return nil
	})
	flags.StringVar(&s.prefix, "prefix", "", "`text` to put before each id; \"\": keep the ids")
	flags.BoolVar(&s.contacts, "contacts", false, "store e-mail addresses and phone numbers too, in privateExternalMetadata:\n"+publicMetadata)
	update := flags.Bool("update", false, "update existing users from the source (default: leave them unchanged)")
	flags.BoolVar(&s.options.DryRun, "dry-run", false, "read and validate everything, and send nothing to Messembed")
	flags.IntVar(&s.options.Concurrency, "concurrency", 16, "users in flight at once")
	flags.IntVar(&s.fakeUsers, "fake-users", 300, "how many users the fake service has")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("%q: unexpected argument; there are only flags", flags.Arg(0))
	case s.options.Concurrency < 1:
		return nil, errors.New("-concurrency: must be positive")
	}
	s.options.OnExisting = messembed.KeepExisting
	if *update {
		s.options.OnExisting = messembed.UpdateExisting
	}
	return s, nil
}
