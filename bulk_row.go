package messembed

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	// maxPause is the longest pause that a bulk waits for a row.
	maxPause = time.Minute
	// maxPauses is how many times it waits for one row.
	maxPauses = 5
)

// rowStore writes the users of rows to the service.
type rowStore struct {
	client     *Client
	op         string
	onExisting ExistingPolicy
	pace       *bulkPace
}

// begin starts the call of a row.
func (s *rowStore) begin(ctx context.Context, row *bulkRow) (*Call, error) {
	call, err := s.client.begin(ctx, s.op, nil)
	if err != nil {
		return nil, err
	}
	call.onRefusal = func(status int) { s.pace.refused(row, status) }
	return call, nil
}

// patiently carries out step until it succeeds, fails, or has been put off for
// too long. doubt reports that it may have been carried out before the last time.
func patiently(ctx context.Context, call *Call, step func() error) (doubt bool, err error) {
	for pauses := 0; ; pauses++ {
		err := step()
		if pause := pauseAsked(err); pause == 0 || pauses == maxPauses || !sleep(ctx, pause) {
			return doubt, err
		}
		doubt = doubt || maybeApplied(err)
		call.Renew()
	}
}

func maybeApplied(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.MaybeApplied
}

// inDoubt notes in a failure what may have been carried out before it.
func inDoubt(err error, doubt bool) error {
	if e, ok := errors.AsType[*Error](err); ok && doubt {
		e.MaybeApplied = true
	}
	return err
}

// pauseAsked returns the pause that the service asked for instead of processing
// the row; 0 if there is none, or if it is too long to wait.
func pauseAsked(err error) time.Duration {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.RetryAfter > maxPause || e.Kind != ErrRateLimited && e.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	return e.RetryAfter
}

// create creates the user of a row that CheckCreateUser has accepted, or does
// with an existing one what onExisting says. It returns what is stored.
func (s *rowStore) create(ctx context.Context, call *Call, row *bulkRow) (outcome ImportOutcome, stored *User, err error) {
	_, err = patiently(ctx, call, func() (err error) { // which settles doubts about the creation itself
		outcome, stored, err = s.createOnce(ctx, call, row)
		return err
	})
	return outcome, stored, inDoubt(err, row.maybeUpdated)
}

func (s *rowStore) createOnce(ctx context.Context, call *Call, row *bulkRow) (ImportOutcome, *User, error) {
	created, err := s.client.createUser(ctx, call, row.params)
	if err == nil {
		return RowCreated, created, nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || ctx.Err() != nil {
		return RowFailed, nil, err
	}
	row.maybeOurs = row.maybeOurs || e.MaybeApplied
	if e.Kind != ErrAlreadyExists && !row.maybeOurs {
		return RowFailed, nil, err
	}
	return s.settle(ctx, call, row, e)
}

// settle looks up what is stored after a failed create: the user may exist, or
// only an answer may have been lost.
func (s *rowStore) settle(ctx context.Context, call *Call, row *bulkRow, failed *Error) (ImportOutcome, *User, error) {
	platform, p := s.client.platform, row.params
	if !row.maybeOurs && s.onExisting == FailOnExisting && supports(platform, FeatureDeleteUser) {
		return RowFailed, nil, failed // no users are marked as deleted
	}
	call.Renew()
	stored, err := platform.FindUser(ctx, call.Lookup(), row.key)
	switch {
	case errors.Is(err, ErrNotFound): // another unique field is taken, such as an e-mail address
		return RowFailed, nil, failed
	case err != nil && row.maybeOurs:
		unknown := *failed
		unknown.MaybeApplied = true
		return RowFailed, nil, &unknown
	case err != nil:
		return RowFailed, nil, err
	}
	var change UpdateUserParams
	outcome := RowUpdated
	switch {
	case stored.Deleted():
		change, outcome = reviving(p), RowCreated
	case row.maybeOurs && stored.isAsAskedFor(p):
		return RowCreated, stored, nil
	case s.onExisting == UpdateExisting:
		held := fieldsOf(stored)
		var needed bool
		if change, needed = held.change(&p); !needed {
			if row.maybeUpdated {
				return RowUpdated, stored, nil
			}
			return RowKept, stored, nil
		}
	default:
		return s.existing(stored, failed)
	}
	call.Renew()
	stored, err = platform.UpdateUser(ctx, call, stored.ID, change)
	if err != nil {
		doubt := &row.maybeUpdated
		if outcome == RowCreated {
			doubt = &row.maybeOurs
		}
		*doubt = *doubt || maybeApplied(err) // if the row is retried
		return RowFailed, nil, inDoubt(err, *doubt)
	}
	return outcome, stored, nil
}

// existing returns the outcome for a user that exists and is not to be changed.
func (s *rowStore) existing(stored *User, taken *Error) (ImportOutcome, *User, error) {
	if s.onExisting == FailOnExisting {
		return RowFailed, nil, taken
	}
	return RowKept, stored, nil
}
