package main

import (
	"context"
	"errors"

	messembed "github.com/messembed/messembed-go"
)

// The exit codes: see exitHelp.
const (
	exitDone        = 0
	exitFailed      = 1
	exitRowsFailed  = 2
	exitLater       = 3
	exitInterrupted = 130
)

const exitHelp = `
Exit codes:
  0    done
  1    could not begin, or went wrong: nothing or only a part is done
  2    some rows failed, and would fail again
  3    the service could not be reached, or asked to wait, if only for some rows: run it again later
  130  interrupted (Ctrl-C, or SIGTERM): run it again
`

// exitCode returns the code for what a run ended with: an error, and rows that
// failed, some of them for a reason that may pass.
func exitCode(ctx context.Context, err error, failed, passing int) int {
	switch {
	case err != nil && ctx.Err() != nil:
		return exitInterrupted
	case mayPass(err), passing > 0 && (err == nil || errors.Is(err, messembed.ErrTooManyFailures)):
		return exitLater
	case err != nil:
		return exitFailed
	case failed > 0:
		return exitRowsFailed
	}
	return exitDone
}

// mayPass reports whether a failure may be temporary.
func mayPass(err error) bool {
	return errors.Is(err, messembed.ErrUnavailable) || errors.Is(err, messembed.ErrRateLimited)
}
