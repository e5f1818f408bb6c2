package messembed

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
)

// ImportOptions say how [Client.ImportUsers] goes about it. The zero value is
// good: 16 rows at once, existing users are left as they are.
type ImportOptions struct {
	// Concurrency is how many rows are in flight at once; 0 means 16. It is
	// never more than WithMaxConcurrency. Where the service answers 429 or 503,
	// fewer are, and more again when it has recovered.
	Concurrency int
	// OnExisting is what becomes of a row whose user is there already.
	OnExisting ExistingPolicy
	// Progress hears how far the import is, at most ten times a second, and once
	// at the end with the final figures.
	Progress func(ImportProgress)
	// OnFailure hears of each row that was not imported, as it fails. Progress
	// and OnFailure are called one at a time, from any goroutine, while the next
	// rows are read; a slow one slows the import down.
	OnFailure func(ImportFailure)
	// MaxFailures ends the import when so many rows have failed; 0: never.
	MaxFailures int
	// Shard and Shards split the input between processes that do not know of
	// each other: this one takes the rows whose user falls on Shard, which counts
	// from 0, of Shards. A user's shard is the FNV-1a 64 hash of its id (or login
	// name, where the service gives the ids) modulo Shards, in every version of
	// the SDK. 0, 0: all rows.
	Shard, Shards int
	// DryRun checks each row as far as that goes without a request, and sends
	// none. Good rows count as Kept.
	DryRun bool
}

// ExistingPolicy is what an import does with a row whose user is there already.
type ExistingPolicy string

// The policies. A user that [Client.DeleteUser] deleted is not there: all of
// them bring it back, as the row describes it.
const (
	KeepExisting   ExistingPolicy = "keep"   // leave it as it is; also what "" means
	UpdateExisting ExistingPolicy = "update" // change it to what the row gives; what the row does not give stays, a password too
	FailOnExisting ExistingPolicy = "fail"   // fail the row with ErrAlreadyExists
)

// ImportProgress counts rows. Read is always Created + Updated + Kept + Failed.
type ImportProgress struct {
	Read    int // rows that this process took up and has done with; those of other shards do not count
	Created int // brought back from deletion too
	Updated int
	Kept    int
	Failed  int
	Elapsed time.Duration
}

// ImportFailure is a row that was not imported.
type ImportFailure struct {
	Row    int // in the input, from 1; rows of other shards count
	Params CreateUserParams
	Err    error
}

// ImportReport is what an import did, an interrupted one too.
type ImportReport struct{ ImportProgress }

// ImportUsers puts users into the chat from any sequence: a slice, a file, a
// database cursor. However long it is, memory stays flat. Each row is created
// as by CreateUser, lost answers settled the same way; a row that met faults and
// is stored as it asks for counts as Created. A row that the service puts off for
// longer than RetryPolicy.MaxBackoff is tried again after that pause, if it is a
// minute or less. Run again, after an interruption too, it goes on where it was:
// what is there is by default kept. Rows of one user are done one after the other,
// in the input's order.
//
// Failed rows are counted, given to OnFailure, and are no error. These end the
// import, with an error beside the report: a sequence that yields an error, which
// is returned as it is; a context that ends; MaxFailures, which is
// ErrTooManyFailures. No row is taken up after that, and those in flight are
// finished; at a context's end they count as Failed with its error. Options that
// make no sense are ErrInvalidArgument, before a row is read.
//
// Server: POST /admin-api/users; GET /users/{id} and PATCH /admin-api/users/{id}
// where the user is there already
func (c *Client) ImportUsers(ctx context.Context, users iter.Seq2[CreateUserParams, error], o ImportOptions) (ImportReport, error) {
	if ctx == nil {
		return ImportReport{}, newInvalid("ImportUsers", noContext)
	}
	if users == nil {
		return ImportReport{}, newInvalid("ImportUsers", "users: must not be nil")
	}
	if problems := o.problems(); len(problems) > 0 {
		return ImportReport{}, newInvalid("ImportUsers", problems...)
	}
	concurrency := o.Concurrency
	if concurrency == 0 {
		concurrency = 16
	}
	im := newImporting(c, o, min(concurrency, c.cfg.maxConcurrency))
	im.run(ctx, users)
	return im.report()
}

func (o ImportOptions) problems() []string {
	var found problems
	if o.Concurrency < 0 {
		found.add("Concurrency: must not be negative")
	}
	switch o.OnExisting {
	case "", KeepExisting, UpdateExisting, FailOnExisting:
	default:
		found.add("OnExisting: is none of keep, update and fail")
	}
	if o.MaxFailures < 0 {
		found.add("MaxFailures: must not be negative")
	}
	switch {
	case o.Shards < 0:
		found.add("Shards: must not be negative")
	case o.Shards == 0 && o.Shard != 0:
		found.add("Shards: must be given with Shard")
	case o.Shard < 0 || o.Shards > 0 && o.Shard >= o.Shards:
		found.add(fmt.Sprintf("Shard: must be from 0 to %d", o.Shards-1))
	}
	return found
}

// takes tells whether the user of this key falls on this process's shard.
func (o ImportOptions) takes(key string) bool {
	if o.Shards <= 1 {
		return true
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return h.Sum64()%uint64(o.Shards) == uint64(o.Shard)
}

// importEnded is the error of an import whose context has ended.
func importEnded(err error) error {
	return &Error{
		Op: "ImportUsers", kind: ErrUnavailable, Err: httpcall.NewCause(err),
		Message: "the import was interrupted",
	}
}

func tooManyFailures(failed int, last error) error {
	return &Error{
		Op: "ImportUsers", kind: ErrTooManyFailures,
		Message: fmt.Sprintf("%d rows failed; the last: %v", failed, last),
	}
}
