package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// syncing is one run of the sync.
type syncing struct {
	s              *settings
	client         *messembed.Client
	progress       *progress
	recent         recentRows
	failures       int
	passing        int  // of the failures, those whose reason may pass
	plan           plan // under -dry-run
	stdout, stderr io.Writer
}

func (sy *syncing) run(ctx context.Context) int {
	o := sy.s.options
	o.Progress = func(p messembed.SyncProgress) { sy.progress.set(sy.recent.last()+p.Vanished, p.Failed) }
	o.OnRow = func(r messembed.SyncRow) {
		if o.DryRun {
			sy.plan.add(r, sy.s.show)
		}
		if r.Outcome == messembed.SyncFailed {
			sy.failed(r)
		}
	}
	report, err := sy.client.SyncUsers(ctx, sy.users(), o)
	sy.progress.end()
	if o.DryRun {
		sy.plan.print(ctx, sy.client, sy.stdout)
	}
	return sy.sumUp(ctx, report, err)
}

// users returns the users of the rows, whose lines it notes.
func (sy *syncing) users() iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		sy.progress.begin()
		number := 0
		for r, err := range sy.s.file.rows() {
			if err == nil {
				number++
				sy.recent.add(number, r)
			}
			if !yield(r.params, err) {
				return
			}
		}
	}
}

func (sy *syncing) failed(r messembed.SyncRow) {
	if mayPass(r.Err) {
		sy.passing++
	}
	switch sy.failures++; {
	case sy.failures <= 10 && r.Row > 0:
		sy.progress.println(sy.stderr, fmt.Sprintf("line %d, user %q: %v", sy.recent.get(r.Row).line, r.ID, r.Err))
	case sy.failures <= 10:
		sy.progress.println(sy.stderr, fmt.Sprintf("vanished user %q: %v", r.ID, r.Err))
	case sy.failures == 11:
		sy.progress.println(sy.stderr, "further failures are not shown")
	}
}

func (sy *syncing) sumUp(ctx context.Context, r messembed.SyncReport, err error) int {
	if sy.s.options.DryRun {
		fmt.Fprintf(sy.stdout, "to create %d, to update %d, unchanged %d; not in the file %d: to block %d, to delete %d; failed %d; nothing was changed\n",
			r.Created, r.Updated, r.Unchanged, r.Vanished, r.Blocked, r.Deleted, r.Failed)
	} else {
		fmt.Fprintf(sy.stdout, "created %d, updated %d, unchanged %d; not in the file %d: blocked %d, deleted %d; failed %d; in %v\n",
			r.Created, r.Updated, r.Unchanged, r.Vanished, r.Blocked, r.Deleted, r.Failed, r.Elapsed.Round(time.Millisecond))
	}
	code := exitCode(ctx, err, r.Failed, sy.passing)
	switch {
	case code == exitInterrupted:
		fmt.Fprintln(sy.stderr, "sync: interrupted; run it again")
	case err != nil:
		fmt.Fprintln(sy.stderr, "sync: stopped:", err)
		if errors.Is(err, messembed.ErrTooManyVanished) {
			sy.explain(ctx)
		}
	case code == exitLater:
		fmt.Fprintln(sy.stderr, "sync: rows failed for reasons that may pass; run it again later")
	}
	return code
}

// explain says why fewer users would be blocked than are not in the file: some are
// blocked already. How many, a dry run without a limit tells.
func (sy *syncing) explain(ctx context.Context) {
	o := sy.s.options
	if o.Vanished != messembed.BlockVanished {
		return
	}
	o.DryRun, o.MaxVanished, o.MaxFailures = true, math.MaxInt, 0
	would, err := sy.client.SyncUsers(ctx, sy.users(), o)
	if err != nil {
		return
	}
	fmt.Fprintf(sy.stderr, "sync: of the %d users that are not in the file, %d would be blocked, and %d are blocked already; none of them was touched\n",
		would.Vanished, would.Blocked, would.Vanished-would.Blocked)
}
