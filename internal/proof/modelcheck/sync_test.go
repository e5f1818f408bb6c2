package modelcheck_test

import (
	"errors"
	"fmt"

	messembed "github.com/messembed/messembed-go"
)

// errNever is the result of a step that cannot have happened.
var errNever = errors.New("never")

// syncUsers syncs some of the actor's own users, with values that they may hold
// already. Those that no row names are told as vanished, as everybody else is,
// and stay as they are.
func (a *actor) syncUsers() error {
	o := messembed.SyncOptions{DryRun: a.random.IntN(4) == 0}
	rows := map[string]messembed.CreateUserParams{}
	for _, p := range a.users {
		if a.random.IntN(3) > 0 {
			rows[p.name] = a.syncRow(p)
		}
	}
	told := map[string]messembed.SyncRow{}
	o.OnRow = func(r messembed.SyncRow) {
		if _, twice := told[r.ID]; twice {
			r.Outcome = "twice"
		}
		told[r.ID] = r
	}
	a.op = "SyncUsers"
	report, err := a.client.SyncUsers(a.ctx, func(yield func(messembed.CreateUserParams, error) bool) {
		for _, p := range a.users { // in an order that can be repeated
			if row, given := rows[p.name]; given && !yield(row, nil) {
				return
			}
		}
	}, o)
	if err != nil { // the list
		if len(told) > 0 {
			return fmt.Errorf("SyncUsers: %+v although the list failed: %w", report, err)
		}
		return checkError(a.op, err)
	}
	if sum := report.Created + report.Updated + report.Unchanged + report.Failed; report.Read != len(rows) || sum != len(rows) ||
		report.Read+report.Vanished != len(told) {
		return fmt.Errorf("SyncUsers: %d rows and %d told: %+v", len(rows), len(told), report)
	}
	for _, p := range a.users {
		row, given := rows[p.name]
		r, known := told[p.name]
		if err := checkError(a.op, r.Err); err != nil {
			return err
		}
		if given != (known && r.Row > 0) {
			return fmt.Errorf("SyncUsers %s: a row %t, told %+v", p.name, given, r)
		}
		err := p.told(a.op, r.Err, func(s user) step[user] {
			after, outcome := s.synced(row)
			switch {
			case !given && s.alive() != known, !given && known && r.Outcome != messembed.SyncVanished:
				return step[user]{kind: errNever}
			case !given:
				return step[user]{}
			case r.Err == nil && r.Outcome != outcome, r.Err != nil && r.Outcome != messembed.SyncFailed:
				return step[user]{kind: errNever}
			case o.DryRun:
				return step[user]{}
			}
			return becomes(after)
		}, nil)
		if err != nil {
			return fmt.Errorf("told %+v: %w", r, err)
		}
	}
	return nil
}

// syncRow gives some fields of a user: those that it may hold, or others.
func (a *actor) syncRow(p *possible[user]) messembed.CreateUserParams {
	row := messembed.CreateUserParams{ID: p.name}
	held := p.states[a.random.IntN(len(p.states))]
	if !held.alive() || a.random.IntN(2) == 0 {
		held = user{ext: a.unique(), priv: a.unique() + 1}
	}
	if a.random.IntN(3) > 0 {
		row.ExternalMetadata = metaOrEmpty(held.ext)
	}
	if a.random.IntN(3) > 0 {
		row.PrivateExternalMetadata = metaOrEmpty(held.priv)
	}
	if held.blocked {
		row.BlockStatus = messembed.BlockCantSendAndReceive
	}
	return row
}

func metaOrEmpty(n int) messembed.Metadata {
	if n == 0 {
		return messembed.Metadata{}
	}
	return meta(n)
}

// synced returns what a row makes of a user.
func (u user) synced(row messembed.CreateUserParams) (user, messembed.SyncOutcome) {
	after, outcome := u, messembed.SyncUnchanged
	if !u.alive() {
		after, outcome = user{exists: true}, messembed.SyncCreated
	}
	if row.ExternalMetadata != nil {
		after.ext, _ = row.ExternalMetadata["n"].(int)
	}
	if row.PrivateExternalMetadata != nil {
		after.priv, _ = row.PrivateExternalMetadata["n"].(int)
	}
	if row.BlockStatus != "" {
		after.blocked = true
	}
	if u.alive() && after != u {
		outcome = messembed.SyncUpdated
	}
	return after, outcome
}
