package messembed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// bulk carries out rows, many at a time: what [Client.ImportUsers] and
// [Client.SyncUsers] share. The caller's goroutine reads the rows and hands each
// to a worker, which stores and records it. Rows of one user are carried out one
// at a time, in the order of the input.
type bulk[Outcome ~string] struct {
	op          string // the method, named in errors
	maxFailures int
	// atOnce carries out a row without sending anything, if it can. It is called
	// in the goroutine that reads the rows. It may be nil.
	atOnce func(row *bulkRow) (outcome Outcome, done bool, err error)
	// store carries out a row. An error means that it failed.
	store func(ctx context.Context, row *bulkRow) (Outcome, error)
	// record counts a finished row and calls the callbacks; not concurrently.
	record func(row *bulkRow, outcome Outcome, err error)
	// tell reports the progress; not concurrently.
	tell func(p bulkProgress)

	began   time.Time
	pace    *bulkPace
	claims  *bulkClaims
	rows    chan bulkRow // to an idle worker
	workers sync.WaitGroup
	started int // number of workers
	cancel  context.CancelFunc

	mu     sync.Mutex
	failed int
	taken  int              // number of the last row of the input that was read
	open   map[int]struct{} // numbers of the rows that were read and are not finished
	told   time.Time        // when tell was last called
	stop   chan struct{}    // closed when no further row is to be taken up
	reason error            // why; nil if the input just ended
	crash  httpcall.Crash   // in a callback, a transport or the input: no callback is called any more
}

// bulkRow is one row of the input, or a user that the input does not have.
type bulkRow struct {
	number int // from 1; 0: not of the input
	params CreateUserParams
	key    string // the user's natural key
	epoch  int    // of the pace when the row was begun

	id      string // the user's, if it is known
	blocked bool   // of a user that the input does not have

	maybeOurs    bool // an attempt may have created the user although no answer arrived
	maybeUpdated bool // and one may have updated it
}

// bulkProgress is what a bulk knows of its progress, beside the counts.
type bulkProgress struct {
	through int // every row of the input up to this one is finished, or another shard's
	elapsed time.Duration
}

const progressEvery = 100 * time.Millisecond

func newBulk[Outcome ~string](op string, concurrency, maxFailures int) *bulk[Outcome] {
	began := time.Now()
	return &bulk[Outcome]{
		op: op, maxFailures: maxFailures, began: began, told: began,
		pace: newBulkPace(concurrency), claims: newBulkClaims(concurrency),
		rows: make(chan bulkRow), stop: make(chan struct{}), open: make(map[int]struct{}, concurrency+1),
	}
}

// run carries out the rows and returns when all workers have ended. A panic of
// the input or of a callback is then passed on to the caller.
func (b *bulk[Outcome]) run(ctx context.Context, rows iter.Seq2[bulkRow, error]) error {
	rowCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	b.cancel = cancel
	func() {
		fed := false
		defer func() {
			if !fed {
				b.crashed(nil) // the panic itself is already propagating
			}
			close(b.rows)
			b.pace.end()
			b.workers.Wait()
		}()
		b.feed(ctx, rowCtx, rows)
		fed = true
	}()
	b.crash.GoOn()
	b.tellLast()
	return b.reason
}

// tellLast tells the final progress.
func (b *bulk[Outcome]) tellLast() { b.tell(b.progress(time.Now())) }

// feed takes up rows until the input ends or something ends the bulk.
func (b *bulk[Outcome]) feed(ctx, rowCtx context.Context, rows iter.Seq2[bulkRow, error]) {
	for row, err := range rows {
		if b.stopped() || ctx.Err() != nil {
			break
		}
		if err != nil {
			b.end(err)
			return
		}
		if !b.claims.wait(b.stop, row.key) || b.stopped() {
			break
		}
		if b.atOnce != nil {
			if outcome, done, err := b.atOnce(&row); done {
				b.finish(ctx, &row, outcome, err)
				continue
			}
		}
		b.takeUp(&row)
		row.params = row.params.clone() // the input may reuse its maps
		if !b.handOver(rowCtx, row) {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		b.end(b.interrupted(err))
	}
}

// numbered returns the rows of a shard, numbered from 1 in the input.
func (b *bulk[Outcome]) numbered(users iter.Seq2[CreateUserParams, error], key func(CreateUserParams) string, s shard) iter.Seq2[bulkRow, error] {
	return func(yield func(bulkRow, error) bool) {
		number := 0
		for p, err := range users {
			if err != nil {
				yield(bulkRow{}, err)
				return
			}
			number++
			row := bulkRow{number: number, key: key(p)}
			if !s.takes(row.key) {
				b.passOver(number)
				continue
			}
			row.params = p
			if !yield(row, nil) {
				return
			}
		}
	}
}

// handOver passes a row to an idle worker, or starts another one if the limit
// allows it.
func (b *bulk[Outcome]) handOver(ctx context.Context, row bulkRow) bool {
	if b.started < b.pace.most {
		select {
		case b.rows <- row:
			return true
		default:
			b.started++
			b.workers.Go(func() { b.work(ctx) })
		}
	}
	select {
	case b.rows <- row:
		return true
	case <-ctx.Done():
		return false
	case <-b.stop:
		return false
	}
}

func (b *bulk[Outcome]) work(ctx context.Context) {
	for b.pace.enter() {
		row, more := <-b.rows
		if !more {
			return
		}
		b.do(ctx, row)
	}
}

// do carries out a row. What panics here is the caller's code, a callback or a
// transport; the panic is passed on to the caller's goroutine in the end.
func (b *bulk[Outcome]) do(ctx context.Context, row bulkRow) {
	returned := false
	defer func() {
		if !returned {
			b.crashed(recover())
		}
	}()
	b.pace.begin(&row)
	outcome, err := b.store(ctx, &row)
	b.pace.leave(&row)
	b.finish(ctx, &row, outcome, err)
	b.claims.release(row.key) // now, so that the outcomes of one user are told in their order
	returned = true
}

// finish records a row.
func (b *bulk[Outcome]) finish(ctx context.Context, row *bulkRow, outcome Outcome, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.crash.Happened() {
		return
	}
	ended, final := ctx.Err(), isFinal(err)
	b.taken = max(b.taken, row.number)
	if err == nil || ended == nil && !final {
		delete(b.open, row.number)
	}
	if err != nil {
		b.failed++
		switch {
		case ended != nil:
			b.endLocked(b.interrupted(ended))
		case final:
			b.endLocked(err)
		}
		if b.maxFailures > 0 && b.failed >= b.maxFailures {
			b.endLocked(b.tooManyFailures(err))
		}
	}
	b.record(row, outcome, err)
	if now := time.Now(); now.Sub(b.told) >= progressEvery {
		b.told = now
		b.tell(b.progress(now))
	}
}

// isFinal reports whether an error would meet every further row too.
func isFinal(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.final
}

// takeUp notes that a row is to be carried out by a worker.
func (b *bulk[Outcome]) takeUp(row *bulkRow) {
	b.claims.claim(row.key)
	if row.number == 0 {
		return
	}
	b.mu.Lock()
	b.taken = row.number
	b.open[row.number] = struct{}{}
	b.mu.Unlock()
}

// passOver notes that a row of the input is another shard's.
func (b *bulk[Outcome]) passOver(number int) {
	b.mu.Lock()
	b.taken = number
	b.mu.Unlock()
}

func (b *bulk[Outcome]) progress(now time.Time) bulkProgress {
	through := b.taken
	for number := range b.open {
		through = min(through, number-1)
	}
	return bulkProgress{through: through, elapsed: now.Sub(b.began)}
}

func (b *bulk[Outcome]) stopped() bool {
	select {
	case <-b.stop:
		return true
	default:
		return false
	}
}

// end keeps further rows from being taken up. The first reason counts.
func (b *bulk[Outcome]) end(reason error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endLocked(reason)
}

func (b *bulk[Outcome]) endLocked(reason error) {
	if !b.stopped() {
		b.reason = reason
		close(b.stop)
	}
}

// crashed ends the bulk at once, including the rows in flight.
func (b *bulk[Outcome]) crashed(panicked any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.crash.Note(panicked)
	b.endLocked(nil)
	b.cancel()
}

// interrupted returns the error of a bulk whose context has ended.
func (b *bulk[Outcome]) interrupted(err error) error {
	return &Error{Op: b.op, Kind: ErrUnavailable, Err: httpcall.NewCause(err), Message: "interrupted"}
}

func (b *bulk[Outcome]) tooManyFailures(last error) error {
	return &Error{
		Op: b.op, Kind: ErrTooManyFailures,
		Message: fmt.Sprintf("%d rows failed; last error: %v", b.failed, last),
	}
}

// checkBulk rejects what no bulk can begin with.
func checkBulk(ctx context.Context, op string, users iter.Seq2[CreateUserParams, error], problems []string) error {
	switch {
	case ctx == nil:
		return newInvalid(op, noContext)
	case users == nil:
		return newInvalid(op, "users: must not be nil")
	case len(problems) > 0:
		return newInvalid(op, problems...)
	}
	return nil
}

// bulkProblems are those of the options that every bulk has.
func bulkProblems(concurrency, maxFailures int, s shard) (found problems) {
	if concurrency < 0 {
		found.add("Concurrency: must not be negative")
	}
	if maxFailures < 0 {
		found.add("MaxFailures: must not be negative")
	}
	found.add(s.problem())
	return found
}

// concurrencyOf returns how many rows are in flight at once.
func (c *Client) concurrencyOf(asked int) int {
	if asked == 0 {
		asked = 16
	}
	return min(asked, c.cfg.maxConcurrency)
}
