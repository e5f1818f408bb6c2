package messembed

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// importing is one import in progress. The caller's goroutine reads the input
// and hands each row to a worker, which processes and counts it.
type importing struct {
	client  *Client
	o       ImportOptions
	began   time.Time
	pace    *importPace
	claims  *importClaims
	rows    chan importRow // to an idle worker
	workers sync.WaitGroup
	started int // number of workers
	cancel  context.CancelFunc

	mu     sync.Mutex
	done   ImportProgress
	told   time.Time      // when Progress was last called
	stop   chan struct{}  // closed when no further row is to be taken up
	reason error          // why; nil if the input just ended
	crash  httpcall.Crash // in a callback, a transport or the input: no callback is called any more
}

// importRow is one row of the input.
type importRow struct {
	number int
	params CreateUserParams
	key    string
	epoch  int // of the pace when the row was begun

	maybeOurs bool // an attempt may have created the user although no response arrived
}

const progressEvery = 100 * time.Millisecond

func newImporting(c *Client, o ImportOptions, concurrency int) *importing {
	began := time.Now()
	return &importing{
		client: c, o: o, began: began, told: began, pace: newImportPace(concurrency), claims: newImportClaims(concurrency),
		rows: make(chan importRow), stop: make(chan struct{}),
	}
}

// run imports the sequence and returns when all workers have ended. A panic of
// the input or of a callback is then passed on to the caller.
func (im *importing) run(ctx context.Context, users iter.Seq2[CreateUserParams, error]) {
	rowCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	im.cancel = cancel
	func() {
		fed := false
		defer func() {
			if !fed {
				im.crashed(nil) // the panic itself is already propagating
			}
			close(im.rows)
			im.pace.end()
			im.workers.Wait()
		}()
		im.feed(ctx, rowCtx, users)
		fed = true
	}()
	im.crash.GoOn()
}

// feed takes up rows until the input ends or something ends the import.
func (im *importing) feed(ctx, rowCtx context.Context, users iter.Seq2[CreateUserParams, error]) {
	number := 0
	for p, err := range users {
		if im.stopped() || ctx.Err() != nil {
			break
		}
		if err != nil {
			im.end(err)
			return
		}
		number++
		key := im.client.platform.UserKey(p)
		if !im.o.takes(key) {
			continue
		}
		if !im.claims.claim(ctx, im.stop, key) || !im.handOver(rowCtx, importRow{number: number, params: p, key: key}) {
			break
		}
	}
	if err := ctx.Err(); err != nil {
		im.end(importEnded(err))
	}
}

// handOver passes a row to an idle worker, or starts another one if the limit
// allows it.
func (im *importing) handOver(ctx context.Context, row importRow) bool {
	if im.started < im.pace.most {
		select {
		case im.rows <- row:
			return true
		default:
			im.started++
			im.workers.Go(func() { im.work(ctx) })
		}
	}
	select {
	case im.rows <- row:
		return true
	case <-ctx.Done():
		return false
	case <-im.stop:
		return false
	}
}

func (im *importing) work(ctx context.Context) {
	for im.pace.enter() {
		row, more := <-im.rows
		if !more {
			return
		}
		im.do(ctx, row)
	}
}

// do processes a row. What panics here is the caller's code, a callback or a
// transport; the panic is passed on to the caller's goroutine in the end.
func (im *importing) do(ctx context.Context, row importRow) {
	returned := false
	defer func() {
		if !returned {
			im.crashed(recover())
		}
	}()
	im.pace.begin(&row)
	outcome, err := im.store(ctx, &row)
	im.pace.leave(&row)
	im.claims.release(row.key)
	im.count(ctx, &row, outcome, err)
	returned = true
}

// importOutcome is the outcome of a row.
type importOutcome int

const (
	rowFailed importOutcome = iota
	rowCreated
	rowUpdated
	rowKept
)

// count adds a row to the counts and calls the callbacks.
func (im *importing) count(ctx context.Context, row *importRow, outcome importOutcome, err error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.crash.Happened() {
		return
	}
	im.done.Read++
	switch outcome {
	case rowCreated:
		im.done.Created++
	case rowUpdated:
		im.done.Updated++
	case rowKept:
		im.done.Kept++
	case rowFailed:
		im.done.Failed++
		if ended := ctx.Err(); ended != nil {
			im.endLocked(importEnded(ended))
		}
		if e, ok := errors.AsType[*Error](err); ok && e.final {
			im.endLocked(err)
		}
		if im.o.MaxFailures > 0 && im.done.Failed >= im.o.MaxFailures {
			im.endLocked(tooManyFailures(im.done.Failed, err))
		}
		if im.o.OnFailure != nil {
			im.o.OnFailure(ImportFailure{Row: row.number, Params: row.params, Err: err})
		}
	}
	if im.o.Progress == nil {
		return
	}
	if now := time.Now(); now.Sub(im.told) >= progressEvery {
		im.told = now
		im.tell(now)
	}
}

func (im *importing) tell(now time.Time) {
	im.done.Elapsed = now.Sub(im.began)
	if im.o.Progress != nil {
		im.o.Progress(im.done)
	}
}

// report returns the final counts, after all workers have ended.
func (im *importing) report() (ImportReport, error) {
	im.tell(time.Now())
	return ImportReport{im.done}, im.reason
}

func (im *importing) stopped() bool {
	select {
	case <-im.stop:
		return true
	default:
		return false
	}
}

// end keeps further rows from being taken up. The first reason counts.
func (im *importing) end(reason error) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.endLocked(reason)
}

func (im *importing) endLocked(reason error) {
	if !im.stopped() {
		im.reason = reason
		close(im.stop)
	}
}

// crashed ends the import at once, including the rows in flight.
func (im *importing) crashed(panicked any) {
	im.mu.Lock()
	defer im.mu.Unlock()
	im.crash.Note(panicked)
	im.endLocked(nil)
	im.cancel()
}
