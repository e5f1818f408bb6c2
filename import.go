package messembed

import (
	"context"
	"fmt"
	"hash/fnv"
	"iter"
	"time"

	"github.com/messembed/messembed-go/internal/httpcall"
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
	// OnFailure is called for each row that was not imported, as it fails.
	// Progress and OnFailure are not called concurrently, but from any
	// goroutine, while further rows are read; a slow one slows down the import.
	OnFailure func(ImportFailure)
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
	UpdateExisting ExistingPolicy = "update" // set what the row gives, except a password; leave the rest unchanged
	FailOnExisting ExistingPolicy = "fail"   // fail the row with ErrAlreadyExists
)

// ImportProgress counts rows. Read is always Created + Updated + Kept + Failed.
type ImportProgress struct {
	Read    int // finished rows of this process; those of other shards do not count
	Created int // including restored users
	Updated int
	Kept    int
	Failed  int
	Elapsed time.Duration
}

// ImportFailure is a row that was not imported.
type ImportFailure struct {
	Row    int // position in the input, from 1, counting the rows of other shards too
	Params CreateUserParams
	Err    error
}

// ImportReport is the result of an import, even of an interrupted one.
type ImportReport struct{ ImportProgress }

// ImportUsers creates users from any sequence, such as a slice, a file or a
// database cursor, in constant memory. Each row is created as by CreateUser,
// and lost responses are settled in the same way: a row that met failures but
// is stored as requested counts as Created. If the service puts a row off for
// longer than RetryPolicy.MaxBackoff, ImportUsers retries it after that pause,
// provided it is a minute or less. Rows of the same user are processed one at a
// time, in the order of the input. An import can be run again, for example
// after an interruption: by default existing users are kept.
//
// Failed rows are counted and passed to OnFailure; they are not an error. The
// import ends early, with an error beside the report, if the sequence yields an
// error, which is returned unchanged; if ctx ends, which is ErrUnavailable; if
// the service can take no more users at all, because the licence of a
// Rocket.Chat workspace is used up, which is that row's error,
// ErrPermissionDenied; and if MaxFailures rows have failed, which is
// ErrTooManyFailures. It then takes up no further rows and finishes those in
// flight; if ctx has ended, they count as Failed with its error. Invalid options
// are ErrInvalidArgument, before any row is read.
//
// Server: POST /admin-api/users; GET /users/{id} and PATCH
// /admin-api/users/{id} if the user exists
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
		found.add("OnExisting: must be keep, update or fail")
	}
	if o.MaxFailures < 0 {
		found.add("MaxFailures: must not be negative")
	}
	switch {
	case o.Shards < 0:
		found.add("Shards: must not be negative")
	case o.Shards == 0 && o.Shard != 0:
		found.add("Shards: must be set if Shard is set")
	case o.Shard < 0 || o.Shards > 0 && o.Shard >= o.Shards:
		found.add(fmt.Sprintf("Shard: must be from 0 to %d", o.Shards-1))
	}
	return found
}

// takes reports whether the user with this key falls on this process's shard.
func (o ImportOptions) takes(key string) bool {
	if o.Shards <= 1 {
		return true
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return h.Sum64()%uint64(o.Shards) == uint64(o.Shard)
}

// importEnded returns the error of an import whose context has ended.
func importEnded(err error) error {
	return &Error{
		Op: "ImportUsers", kind: ErrUnavailable, Err: httpcall.NewCause(err),
		Message: "import interrupted",
	}
}

func tooManyFailures(failed int, last error) error {
	return &Error{
		Op: "ImportUsers", kind: ErrTooManyFailures,
		Message: fmt.Sprintf("%d rows failed; last error: %v", failed, last),
	}
}
