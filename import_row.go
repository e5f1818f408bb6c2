package messembed

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"time"
)

const (
	// maxPause is the longest pause that an import waits for a row.
	maxPause = time.Minute
	// maxPauses is how many times it waits for one row.
	maxPauses = 5
)

// store writes the user of a row to the service.
func (im *importing) store(ctx context.Context, row *importRow) (importOutcome, error) {
	c := im.client
	call, err := c.begin(ctx, "ImportUsers", nil)
	if err != nil {
		return rowFailed, err
	}
	call.checkSize = im.o.DryRun
	if err := c.platform.CheckCreateUser(call, row.params); err != nil {
		return rowFailed, err
	}
	if im.o.DryRun {
		return rowKept, nil
	}
	call.onRefusal = func(status int) { im.pace.refused(row, status) }
	for pauses := 0; ; pauses++ {
		outcome, err := im.create(ctx, call, row)
		if pause := pauseAsked(err); pause == 0 || pauses == maxPauses || !sleep(ctx, pause) {
			return outcome, err
		}
		call.Renew()
	}
}

// pauseAsked returns the pause that the service asked for instead of processing
// the row; 0 if it is too long to wait.
func pauseAsked(err error) time.Duration {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.RetryAfter > maxPause || e.kind != ErrRateLimited && e.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	return e.RetryAfter
}

func (im *importing) create(ctx context.Context, call *Call, row *importRow) (importOutcome, error) {
	_, err := im.client.createUser(ctx, call, row.params)
	if err == nil {
		return rowCreated, nil
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || ctx.Err() != nil {
		return rowFailed, err
	}
	row.maybeOurs = row.maybeOurs || e.MaybeApplied || e.kind != ErrAlreadyExists && e.Attempts > 1
	if e.kind != ErrAlreadyExists && !row.maybeOurs {
		return rowFailed, err
	}
	return im.settle(ctx, call, row, e)
}

// settle looks up what is stored after a failed create: the user may exist, or
// only a response may have been lost.
func (im *importing) settle(ctx context.Context, call *Call, row *importRow, failed *Error) (importOutcome, error) {
	platform, p := im.client.platform, row.params
	if !row.maybeOurs && im.o.OnExisting != UpdateExisting && supports(platform, FeatureDeleteUser) {
		return im.existing(failed) // no users are marked as deleted
	}
	call.Renew()
	stored, err := platform.FindUser(ctx, call.Lookup(), row.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return rowFailed, failed
	case err != nil && row.maybeOurs:
		unknown := *failed
		unknown.MaybeApplied = true
		return rowFailed, &unknown
	case err != nil:
		return rowFailed, err
	}
	var change UpdateUserParams
	outcome := rowUpdated
	switch {
	case stored.Deleted():
		change, outcome = reviving(p), rowCreated
	case row.maybeOurs && stored.isAsAskedFor(p):
		return rowCreated, nil
	case im.o.OnExisting == UpdateExisting:
		change = updateOf(p)
	default:
		return im.existing(failed)
	}
	if reflect.ValueOf(change).IsZero() {
		return outcome, nil // the row gives only the key
	}
	call.Renew()
	if _, err := platform.UpdateUser(ctx, call, stored.ID, change); err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.MaybeApplied && outcome == rowCreated {
			row.maybeOurs = true // if the row is retried
		}
		return rowFailed, err
	}
	return outcome, nil
}

// existing returns the outcome for a user that exists and is not to be changed.
func (im *importing) existing(taken *Error) (importOutcome, error) {
	if im.o.OnExisting == FailOnExisting {
		return rowFailed, taken
	}
	return rowKept, nil
}

// updateOf returns the update to what a row gives; the rest stays unchanged. A
// password cannot be updated.
func updateOf(p CreateUserParams) UpdateUserParams {
	text := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	change := UpdateUserParams{
		ExternalMetadata: p.ExternalMetadata, PrivateExternalMetadata: p.PrivateExternalMetadata,
		BlockStatus: p.BlockStatus,
	}
	if p.Profile.IsZero() {
		return change
	}
	change.Profile = &ProfileUpdate{
		Username: text(p.Profile.Username), DisplayName: text(p.Profile.DisplayName),
		AvatarURL: text(p.Profile.AvatarURL), Phone: text(p.Profile.Phone), Locale: text(p.Profile.Locale),
		Emails: p.Profile.Emails, Roles: p.Profile.Roles,
	}
	if p.Profile.Guest {
		change.Profile.Guest = &p.Profile.Guest
	}
	return change
}
