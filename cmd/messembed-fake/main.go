// Messembed-fake serves the fake Messembed server of package messembedtest, for
// programs in other languages and for experiments. All data is in memory and
// lost when it exits. A page at /_fake/ shows the stored data and every request
// with its response, and can make requests fail.
//
//	messembed-fake -addr 127.0.0.1:3000 -password secret -jwt-secret secret [-base-path /p] [-seed users.csv]
//
// When it accepts requests, it prints "messembed-fake: listening on
// http://127.0.0.1:3000", the page's URL, and the environment variables for a
// client. It serves until it is interrupted. With port 0 it picks a free port.
// With -health it does not serve but finds out whether another fake does at
// -addr.
//
// A seed file is CSV, whose column "id" is the users' ids and whose other
// columns are their external metadata, or has one user per line:
//
//	{"id":"ada","externalMetadata":{"name":"Ada"},"privateExternalMetadata":{"plan":"pro"},"blockStatus":"CANT_SEND_AND_RECEIVE_NEW_MESSAGES"}
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path"
	"strconv"
	"strings"
	"syscall"

	"github.com/messembed/messembed-go/messembedtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // cannot serve, or is not healthy
	exitUsage  = 2 // invalid flags or seed file
)

// requestLog is the number of requests that the fake keeps. It is limited
// because the program may run for a long time.
const requestLog = 100_000

const defaultPassword = "password"

type flags struct {
	addr, password, jwtSecret, basePath, seed string
	health                                    bool
}

// run runs the program until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	f, err := parseFlags(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "messembed-fake: %v; see -h\n", err)
		return exitUsage
	}
	if f.health {
		if err := checkHealth(ctx, f.addr); err != nil {
			fmt.Fprintf(stderr, "messembed-fake: %v\n", err)
			return exitFailed
		}
		return exitOK
	}
	fake := messembedtest.New(messembedtest.Program{},
		messembedtest.WithCredentials("admin", f.password),
		messembedtest.WithJWTSecret([]byte(f.jwtSecret)),
		messembedtest.WithBasePath(f.basePath),
		messembedtest.WithRequestLog(requestLog),
	)
	defer fake.Close()
	in := introduction{basePath: fake.Inspect().BasePath(), password: f.password, seed: f.seed}
	if f.seed != "" {
		if in.users, err = seedUsers(fake, f.seed); err != nil {
			fmt.Fprintf(stderr, "messembed-fake: -seed: %v\n", err)
			return exitUsage
		}
	}
	in.hasPage = mountPage(fake)
	in.url, err = fake.Listen(f.addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w; for a free port use -addr 127.0.0.1:0", err)
	}
	if err != nil {
		fmt.Fprintf(stderr, "messembed-fake: %v\n", err)
		return exitFailed
	}
	in.print(stdout, stderr)
	<-ctx.Done()
	return exitOK
}

// purpose precedes the list of flags.
const purpose = `messembed-fake serves a fake Messembed for back ends: all that an administrator does.
Of the routes for front ends it has only GET /user, and no live events for them.

`

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("messembed-fake", flag.ContinueOnError)
	set.StringVar(&f.addr, "addr", "127.0.0.1:3000", "address to listen on; port 0 picks a free one")
	set.StringVar(&f.password, "password", defaultPassword, "password for HTTP Basic authentication, with any username")
	set.StringVar(&f.jwtSecret, "jwt-secret", "secret", "secret for signing the users' access tokens")
	set.StringVar(&f.basePath, "base-path", "", "path to serve the API under, such as /api/messembed")
	set.StringVar(&f.seed, "seed", "", "file with users: CSV with a column \"id\", or one user per line as JSON")
	set.BoolVar(&f.health, "health", false, "instead of serving, exit with 0 if a fake responds at -addr, otherwise with 1")
	set.SetOutput(io.Discard) // the flag package would print the list after the reason
	err := set.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stderr, purpose)
		set.SetOutput(stderr)
		set.PrintDefaults()
	}
	if err != nil {
		return f, err
	}
	switch {
	case set.NArg() > 0:
		return f, fmt.Errorf("unexpected argument %q", set.Arg(0))
	case f.password == "":
		return f, errors.New("-password is empty, which the service does not accept")
	case f.jwtSecret == "":
		return f, errors.New("-jwt-secret is empty")
	case !isPath(f.basePath):
		return f, fmt.Errorf("-base-path %q must be a path of letters, digits, -, . and _, such as /api/messembed", f.basePath)
	}
	return f, checkAddr(f.addr)
}

func checkAddr(addr string) error {
	if addr == "" {
		return errors.New("-addr is empty")
	}
	if _, err := strconv.ParseUint(addr, 10, 16); err == nil {
		return fmt.Errorf("-addr %s is only a port: write :%[1]s, or 127.0.0.1:%[1]s for this machine alone", addr)
	}
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return fmt.Errorf("-addr: %w; it must be host:port, such as 127.0.0.1:3000", err)
	}
	return nil
}

// isPath reports whether a base path arrives as it is written, whatever client
// sends it.
func isPath(basePath string) bool {
	plain := strings.Trim(basePath, "/")
	return !strings.ContainsFunc(plain, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-._/", c))
	}) && (plain == "" || path.Clean(plain) == plain && !strings.HasPrefix(plain, ".."))
}
