package messembed

import (
	"context"
	"iter"
	"time"
)

// ImportOptions configures [Client.ImportUsers]. The zero value is usable: 16
// rows at once, existing users are left unchanged.
type ImportOptions struct {
	// Concurrency is the number of rows in flight; 0 means 16. It never exceeds
	// WithMaxConcurrency. It is reduced while the service responds 429 or 503,
	// and raised again when the service recovers.
	Concurrency int
	// OnExisting says what to do with a row whose user exists; "" means
	// KeepExisting.
	OnExisting ExistingPolicy
	// Progress is called with the current counts, at most ten times a second,
	// and once at the end with the final ones.
	Progress func(ImportProgress)
	// OnRow is called for each row of this process as it is finished, with its
	// outcome; the rows of one user come in their order. Progress and OnRow are
	// not called concurrently, but from any goroutine, while further rows are
	// read; a slow one slows down the import.
	OnRow func(ImportRow)
	// MaxFailures ends the import when that many rows have failed; 0 means
	// never.
	MaxFailures int
	// Shard and Shards split the input between processes that do not know of
	// each other: this one takes the rows of the users that fall on Shard,
	// counted from 0, of Shards. A user's shard is the FNV-1a 64 hash of its id
	// (or its login name, if the service assigns the ids) modulo Shards, in
	// every version of the SDK. If both are 0, this process takes all rows.
	Shard, Shards int
	// DryRun validates every row locally and sends nothing. Valid rows count as
	// Kept.
	DryRun bool
}

// ExistingPolicy says what an import does with a row whose user exists.
type ExistingPolicy string

// The policies. A user deleted by [Client.DeleteUser] does not count as
// existing: under every policy it is restored as the row describes it.
const (
	KeepExisting   ExistingPolicy = "keep"   // leave it unchanged; the default
	UpdateExisting ExistingPolicy = "update" // set what the row gives and the user does not hold, except a password; leave the rest unchanged
	FailOnExisting ExistingPolicy = "fail"   // fail the row with ErrAlreadyExists
)

// ImportProgress counts rows. Read is always Created + Updated + Kept + Failed.
type ImportProgress struct {
	Read    int // finished rows of this process; those of other shards do not count
	Created int // including restored users
	Updated int
	Kept    int
	Failed  int
	// Through is the last row of the input such that it and every row before it
	// are finished or another shard's. A later run may go on behind it. A row
	// that failed because the context ended, or because the service can take no
	// more users, is not finished.
	Through int
	Elapsed time.Duration
}

// ImportRow is a finished row.
type ImportRow struct {
	Row     int // position in the input, from 1, counting the rows of other shards too
	Params  CreateUserParams
	Outcome ImportOutcome
	Err     error // if the row failed
}

// ImportOutcome says what came of a row.
type ImportOutcome string

// The outcomes of a row.
const (
	RowCreated ImportOutcome = "created" // or restored, if it had been deleted
	RowUpdated ImportOutcome = "updated" // under UpdateExisting
	RowKept    ImportOutcome = "kept"    // the user exists; under UpdateExisting it holds what the row gives
	RowFailed  ImportOutcome = "failed"
)

// ImportReport is the result of an import, even of an interrupted one.
type ImportReport struct{ ImportProgress }

// ImportUsers creates users from any sequence, such as a slice, a file or a
// database cursor, in constant memory. Each row is created as by CreateUser,
// and lost responses are settled in the same way: a row whose response was lost
// and that is stored as requested counts as Created. If the service puts a row
// off for longer than RetryPolicy.MaxBackoff, ImportUsers retries it after that
// pause, provided it is a minute or less. Rows of the same user are processed
// one at a time, in the order of the input. An import can be run again, for
// example after an interruption: by default existing users are kept. It can
// also go on behind the row that Through of ImportProgress names. A row is
// copied as it is read, so the sequence may reuse its maps and slices.
//
// Failed rows are counted and passed to OnRow; they are not an error. The
// import ends early, with an error beside the report, if the sequence yields an
// error, which is returned unchanged; if ctx ends, which is ErrUnavailable; if
// the service can take no more users at all, because the licence of a
// Rocket.Chat workspace is used up, which is that row's error,
// ErrPermissionDenied; and if MaxFailures rows have failed, which is
// ErrTooManyFailures. It then takes up no further rows and finishes those in
// flight; if ctx has ended, they count as Failed with its error. Invalid options
// are ErrInvalidArgument, before any row is read.
//
// To make the service follow a user base that changed a little, use
// [Client.SyncUsers].
//
// Server: POST /admin-api/users; GET /users/{id} and PATCH
// /admin-api/users/{id} if the user exists
func (c *Client) ImportUsers(ctx context.Context, users iter.Seq2[CreateUserParams, error], o ImportOptions) (ImportReport, error) {
	const op = "ImportUsers"
	if err := checkBulk(ctx, op, users, o.problems()); err != nil {
		return ImportReport{}, err
	}
	im := &importing{client: c, o: o}
	b := newBulk[ImportOutcome](op, c.concurrencyOf(o.Concurrency), o.MaxFailures)
	im.rows = rowStore{client: c, op: op, onExisting: o.OnExisting, pace: b.pace}
	b.store, b.record, b.tell = im.store, im.record, im.tell
	err := b.run(ctx, b.numbered(users, c.platform.UserKey, shard{o.Shard, o.Shards}))
	return ImportReport{im.done}, err
}

func (o ImportOptions) problems() []string {
	found := bulkProblems(o.Concurrency, o.MaxFailures, shard{o.Shard, o.Shards})
	switch o.OnExisting {
	case "", KeepExisting, UpdateExisting, FailOnExisting:
	default:
		found.add("OnExisting: must be keep, update or fail")
	}
	return found
}

// importing is one import in progress.
type importing struct {
	client *Client
	o      ImportOptions
	rows   rowStore
	done   ImportProgress
}

func (im *importing) store(ctx context.Context, row *bulkRow) (ImportOutcome, error) {
	call, err := im.rows.begin(ctx, row)
	if err != nil {
		return RowFailed, err
	}
	call.checkSize = im.o.DryRun
	if err := im.client.platform.CheckCreateUser(call, row.params); err != nil {
		return RowFailed, err
	}
	if im.o.DryRun {
		return RowKept, nil
	}
	outcome, _, err := im.rows.create(ctx, call, row)
	return outcome, err
}

func (im *importing) record(row *bulkRow, outcome ImportOutcome, err error) {
	im.done.Read++
	switch outcome {
	case RowCreated:
		im.done.Created++
	case RowUpdated:
		im.done.Updated++
	case RowKept:
		im.done.Kept++
	case RowFailed:
		im.done.Failed++
	}
	if im.o.OnRow != nil {
		im.o.OnRow(ImportRow{Row: row.number, Params: row.params, Outcome: outcome, Err: err})
	}
}

func (im *importing) tell(p bulkProgress) {
	im.done.Through, im.done.Elapsed = p.through, p.elapsed
	if im.o.Progress != nil {
		im.o.Progress(im.done)
	}
}
