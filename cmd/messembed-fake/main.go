// Messembed-fake serves the fake Messembed server of package messembedtest, for programs in other
// languages and for trying things out. Everything is in memory and gone when it ends. A page at
// /_fake/ shows what is stored and every request, and makes requests fail.
//
//	messembed-fake -addr 127.0.0.1:3000 -password secret -jwt-secret secret [-base-path /p] [-seed users.jsonl]
//
// It prints one line, "messembed-fake: listening on http://127.0.0.1:3000", when it takes requests,
// and serves until it is interrupted. With port 0 it picks a free port. A seed file holds one user
// a line:
//
//	{"id":"ada","externalMetadata":{"name":"Ada"},"privateExternalMetadata":{"plan":"pro"},"blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it could not serve
	exitUsage  = 2 // the flags or the seed file are wrong
)

// requestLog is how many requests the fake remembers: nobody asks a program for more, and it may
// run for long.
const requestLog = 300

type flags struct {
	addr, password, jwtSecret, basePath, seed string
}

// run is the program. It serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitUsage // the flag package has said why
	}
	fake := messembedtest.New(messembedtest.Program{},
		messembedtest.WithCredentials("admin", f.password),
		messembedtest.WithJWTSecret([]byte(f.jwtSecret)),
		messembedtest.WithBasePath(f.basePath),
		messembedtest.WithRequestLog(requestLog),
	)
	defer fake.Close()
	if f.seed != "" {
		if err := seedUsers(fake, f.seed); err != nil {
			fmt.Fprintf(stderr, "messembed-fake: -seed: %v\n", err)
			return exitUsage
		}
	}
	mountPage(fake)
	url, err := fake.Listen(f.addr)
	if err != nil {
		fmt.Fprintf(stderr, "messembed-fake: %v\n", err)
		return exitFailed
	}
	fmt.Fprintf(stdout, "messembed-fake: listening on %s\n", url)
	<-ctx.Done()
	return exitOK
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("messembed-fake", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&f.addr, "addr", "127.0.0.1:3000", "address to listen on; port 0 picks a free one")
	set.StringVar(&f.password, "password", "password", "the service's password for HTTP Basic; any username goes with it")
	set.StringVar(&f.jwtSecret, "jwt-secret", "secret", "secret that signs the users' access tokens")
	set.StringVar(&f.basePath, "base-path", "", "path that the service lies under, such as /api/messembed")
	set.StringVar(&f.seed, "seed", "", "file with one user a line, in JSON")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	var problem string
	switch {
	case set.NArg() > 0:
		problem = fmt.Sprintf("unexpected argument %q", set.Arg(0))
	case f.addr == "":
		problem = "-addr is empty"
	case f.password == "":
		problem = "-password is empty: the service accepts no empty password"
	case f.jwtSecret == "":
		problem = "-jwt-secret is empty"
	}
	if problem != "" {
		fmt.Fprintf(stderr, "messembed-fake: %s\n", problem)
		set.Usage()
		return f, errors.New(problem)
	}
	return f, nil
}
