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

const (
	pageSize     = 50     // users per page
	maxTries     = 5      // for a page, and for a user whose import got no response
	maxPostponed = 50_000 // users kept in memory for another try
	failuresOut  = 10     // failures to print
)

// migration moves the users of source into target.
type migration struct {
	source, target *messembed.Client
	converter      converter
	options        messembed.ImportOptions
	progress       progress
	failures       int
	passing        int // of the failures, those whose reason may pass
}

func newMigration(source, target *messembed.Client, s *settings, log io.Writer) *migration {
	return &migration{
		source: source, target: target, options: s.options, progress: progress{log: log, waiting: s.waiting},
		converter: converter{from: s.from, prefix: s.prefix, contacts: s.contacts, losses: &losses{kinds: map[string]*loss{}}},
	}
}

// run imports the users, then retries those that failed for a passing reason.
func (m *migration) run(ctx context.Context) (messembed.ImportReport, error) {
	began := time.Now()
	defer m.progress.start()()
	rows := m.rows(ctx)
	var total messembed.ImportReport
	for try := 1; ; try++ {
		var postponed []messembed.CreateUserParams
		o := m.options
		o.OnRow = func(f messembed.ImportRow) {
			if f.Outcome != messembed.RowFailed {
				return
			}
			if try < maxTries && mayPass(f.Err) && ctx.Err() == nil && len(postponed) < maxPostponed {
				postponed = append(postponed, f.Params)
				m.progress.setPostponed(len(postponed))
				return
			}
			m.failed(f)
		}
		report, err := m.target.ImportUsers(ctx, rows, o)
		if try == 1 {
			total.Read = report.Read
		}
		total.Created += report.Created
		total.Updated += report.Updated
		total.Kept += report.Kept
		total.Failed = total.Read - total.Created - total.Updated - total.Kept
		total.Elapsed = time.Since(began)
		if err != nil || len(postponed) == 0 {
			return total, err
		}
		pause(ctx, time.Second<<try)
		rows = again(postponed)
	}
}

// rows walks the source page by page and returns the rows to import.
func (m *migration) rows(ctx context.Context) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		var before map[string]bool // ids of the previous page: users can move between pages as others join
		for cursor := ""; ; {
			page, err := m.page(ctx, cursor)
			if err != nil {
				yield(messembed.CreateUserParams{}, fmt.Errorf("%s: %w", m.converter.from.title, err))
				return
			}
			ids := make(map[string]bool, len(page.Users))
			for _, u := range page.Users {
				if u.Deleted() || u.ID != "" && (before[u.ID] || ids[u.ID]) {
					continue
				}
				ids[u.ID] = true
				m.progress.readOne(page.TotalCount)
				if !yield(m.converter.params(u), nil) {
					return
				}
			}
			if page.NextCursor == "" {
				return
			}
			before, cursor = ids, page.NextCursor
		}
	}
}

// page reads a page, with retries. Rocket.Chat's list has no custom fields, so
// WithDetails reads each user in full.
func (m *migration) page(ctx context.Context, cursor string) (*messembed.UserPage, error) {
	for try := 1; ; try++ {
		page, err := m.source.ListUsers(ctx, messembed.ListUsersParams{Limit: pageSize, Cursor: cursor}, messembed.WithDetails())
		if err == nil || try == maxTries || !mayPass(err) {
			return page, err
		}
		wait := time.Second << try
		if e, ok := errors.AsType[*messembed.Error](err); ok {
			wait = max(wait, e.RetryAfter)
		}
		if !pause(ctx, wait) {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

func again(users []messembed.CreateUserParams) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		for _, u := range users {
			if !yield(u, nil) {
				return
			}
		}
	}
}

func (m *migration) failed(f messembed.ImportRow) {
	if mayPass(f.Err) {
		m.passing++
	}
	switch m.failures++; {
	case m.failures <= failuresOut:
		m.progress.printf("not moved: %q: %v\n", f.Params.ID, f.Err)
	case m.failures == failuresOut+1:
		m.progress.printf("further failures are not shown\n")
	}
}

func (m *migration) sumUp(out io.Writer, r messembed.ImportReport) {
	if m.options.DryRun {
		fmt.Fprintf(out, "read %d users: %d valid, %d invalid; nothing was sent to Messembed\n", r.Read, r.Kept, r.Failed)
	} else {
		fmt.Fprintf(out, "read %d users: created %d, updated %d, kept %d, failed %d in %v\n",
			r.Read, r.Created, r.Updated, r.Kept, r.Failed, r.Elapsed.Round(time.Millisecond))
	}
	if len(m.converter.losses.kinds) > 0 {
		fmt.Fprintln(out, "Not kept unchanged, besides passwords and logins (number of cases, with samples):")
		m.converter.losses.print(out)
	}
}
