package messembed

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// SyncOptions configures [Client.SyncUsers]. The zero value is usable: 16 rows
// at once, users that vanished from the input are left as they are.
type SyncOptions struct {
	// Concurrency is the number of rows in flight; 0 means 16. See
	// ImportOptions.
	Concurrency int
	// Vanished says what to do with the users of the service that the input
	// does not have; "" means KeepVanished.
	Vanished VanishedPolicy
	// MaxVanished protects against an input that is incomplete: if more users
	// of this shard than this would be blocked or deleted, none is, and
	// SyncUsers returns ErrTooManyVanished. 0 means a tenth of the shard's
	// users, not counting deleted ones, and at least 10, but none if the input
	// has no rows. If a row names no user, none is changed either.
	MaxVanished int
	// Unblock unblocks the users of the input that are blocked, and counts them
	// as updated: they have come back after BlockVanished blocked them. The
	// service does not say who blocked a user, so do not set it where others
	// block users for reasons of their own. A row that gives a BlockStatus is
	// not concerned.
	Unblock bool
	// OnRow is called for each row of this shard and for each vanished user, as
	// it is finished, with what was done or, under DryRun, would be done; the
	// rows of one user come in their order. Progress and OnRow are not
	// called concurrently, but from any goroutine.
	OnRow func(SyncRow)
	// Progress is called with the current counts, at most ten times a second,
	// and once at the end with the final ones.
	Progress func(SyncProgress)
	// MaxFailures ends the sync when that many rows have failed; 0 means never.
	MaxFailures int
	// Shard and Shards split the users between processes, as in ImportOptions;
	// those that vanished too. Each process reads the whole list.
	Shard, Shards int
	// DryRun changes nothing: only the list is read and, where it abbreviates
	// users, those of the rows that give what it leaves out.
	DryRun bool
}

// VanishedPolicy says what a sync does with a user that the input does not have.
type VanishedPolicy string

// The policies.
const (
	KeepVanished   VanishedPolicy = "keep"   // leave it unchanged; the default
	BlockVanished  VanishedPolicy = "block"  // as by BlockUser, unless it is blocked already
	DeleteVanished VanishedPolicy = "delete" // as by DeleteUser
)

// SyncRow is a finished row, or a vanished user.
type SyncRow struct {
	Row     int              // position in the input, from 1, counting the rows of other shards too; 0: a vanished user
	ID      string           // of the user; on services that assign the ids "" for one that is not there
	Params  CreateUserParams // the row
	Outcome SyncOutcome
	Err     error // if the row failed
}

// SyncOutcome says what came of a row or of a vanished user.
type SyncOutcome string

// The outcomes.
const (
	SyncCreated   SyncOutcome = "created" // or restored, if it had been deleted
	SyncUpdated   SyncOutcome = "updated"
	SyncUnchanged SyncOutcome = "unchanged" // the user holds what the row gives
	SyncBlocked   SyncOutcome = "blocked"   // vanished
	SyncDeleted   SyncOutcome = "deleted"   // vanished
	SyncVanished  SyncOutcome = "vanished"  // and left as it is
	SyncFailed    SyncOutcome = "failed"
)

// SyncProgress counts rows and vanished users of this shard.
type SyncProgress struct {
	Read      int // finished rows: Created + Updated + Unchanged + those that failed
	Created   int // including restored users
	Updated   int
	Unchanged int
	Vanished  int // users that the input does not have: Blocked, Deleted, left as they are, or failed
	Blocked   int // of the vanished, now
	Deleted   int // of the vanished, now
	Failed    int // rows and vanished users
	Elapsed   time.Duration
}

// SyncReport is the result of a sync, even of an interrupted one.
type SyncReport struct{ SyncProgress }

// SyncUsers makes the service hold what the input says, at the cost of the
// difference. It reads the list of users once, compares each row with it, and
// sends only creates, and updates of the fields that differ. It keeps about 80
// bytes for each user of the service; the input is read in constant memory.
//
// A row sets what it gives: a field that is nil or zero is neither compared nor
// changed, an empty Metadata that is not nil empties it, and a password is used
// only for creating. If several rows name one user, the last one wins. A user
// deleted by [Client.DeleteUser] is restored. A user that someone else creates
// or changes meanwhile is met as by [Client.ImportUsers] with UpdateExisting;
// lost responses are settled as there.
//
// When the whole input was read without an error, the users of the service that
// no row named, not even one that failed, have vanished, and are treated
// according to o.Vanished. If the list includes the account that the client
// itself uses, or bots, put them into the input.
//
// Failed rows are counted and passed to OnRow; they are not an error. The sync
// ends early, with an error beside the report, as an import does, and with the
// error of the list if that cannot be read; then nothing was changed. More
// vanished users than o.MaxVanished are ErrTooManyVanished: the rows are
// carried out by then, but none of the vanished users is changed. Invalid
// options are ErrInvalidArgument, before anything is sent.
//
// Server: GET /admin-api/users, then POST /admin-api/users and PATCH
// /admin-api/users/{id} as needed
func (c *Client) SyncUsers(ctx context.Context, users iter.Seq2[CreateUserParams, error], o SyncOptions) (SyncReport, error) {
	const op = "SyncUsers"
	if err := checkBulk(ctx, op, users, o.problems()); err != nil {
		return SyncReport{}, err
	}
	return newSyncing(c, op, o).run(ctx, users)
}

func (o SyncOptions) problems() []string {
	found := bulkProblems(o.Concurrency, o.MaxFailures, shard{o.Shard, o.Shards})
	switch o.Vanished {
	case "", KeepVanished, BlockVanished, DeleteVanished:
	default:
		found.add("Vanished: must be keep, block or delete")
	}
	if o.MaxVanished < 0 {
		found.add("MaxVanished: must not be negative")
	}
	return found
}

// mostVanished returns how many of a shard's users may be blocked or deleted.
func (o SyncOptions) mostVanished(users int) int {
	if o.MaxVanished > 0 {
		return o.MaxVanished
	}
	return max(10, users/10)
}

// tooManyVanished says why the vanished users, of whom some would be changed, are
// left as they are; or it returns nil.
func (s *syncing) tooManyVanished(changed int) error {
	most := s.o.mostVanished(s.users)
	var message string
	switch {
	case changed == 0:
		return nil
	case s.inputRows == 0 && s.o.MaxVanished == 0:
		message = fmt.Sprintf("the input has no rows, so that %d of %d users would be blocked or deleted; is it complete? See MaxVanished", changed, s.users)
	case s.unnamedRows > 0:
		message = fmt.Sprintf("the input has rows that name no user (%d), so that %d of %d users might be blocked or deleted by mistake", s.unnamedRows, changed, s.users)
	case changed > most:
		message = fmt.Sprintf("%d of %d users are not in the input, at most %d may be blocked or deleted; is it complete? See MaxVanished", changed, s.users, most)
	default:
		return nil
	}
	return &Error{Op: s.op, Kind: ErrTooManyVanished, Message: message}
}
