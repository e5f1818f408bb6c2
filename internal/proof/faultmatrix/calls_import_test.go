package faultmatrix_test

import (
	"context"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// importCalls import one row. The error of the row is compared.
func importCalls() []*call {
	imports := func(id string, policy messembed.ExistingPolicy) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) {
			var failed error
			rows := func(yield func(messembed.CreateUserParams, error) bool) { yield(paramsOf(id), nil) }
			report, err := w.client.ImportUsers(ctx, rows, messembed.ImportOptions{
				OnExisting: policy, OnRow: func(r messembed.ImportRow) { failed = r.Err },
			})
			if failed == nil {
				failed = err
			}
			return []any{report.Read, report.Created, report.Updated, report.Kept, report.Failed}, failed
		}
	}
	createsNew := importsRow(createsFresh, sendsGetCreated, nil)
	taken := func(p *play) verdict { return settled(p, sendsTakenCreate, sendsGet, func() bool { return false }) }
	updates := func(p *play, _ *bool) verdict {
		if p.done { // by an update whose answer was lost
			return verdict{}
		}
		return p.send(sendsUpdate)
	}
	revives := func(p *play, ours *bool) verdict {
		if *ours && p.done {
			return verdict{}
		}
		v := p.send(sendsUpdate)
		*ours = *ours || v.maybe
		return v
	}
	keeps := func(*play, *bool) verdict { return verdict{} }
	return []*call{
		{method: "ImportUsers", target: "CreateUser", do: imports(fresh, ""), sends: createsNew},
		{
			method: "ImportUsers", when: "look-up after a lost response", target: "GetUser", do: imports(fresh, ""), sends: createsNew,
			before: map[string]*fault{"CreateUser": lostAnswer},
		},
		{
			method: "ImportUsers", when: "keeping an existing user", target: "CreateUser", do: imports(ada, messembed.KeepExisting),
			sends: importsRow(taken, sendsGet, keeps),
		},
		{
			method: "ImportUsers", when: "updating an existing user", target: "UpdateUser", do: imports(ada, messembed.UpdateExisting),
			sends: importsRow(taken, sendsGet, updates),
		},
		{
			method: "ImportUsers", when: "restoring a deleted user", target: "UpdateUser", do: imports(ghost, ""),
			sends: importsRow(taken, sendsGet, revives),
		},
	}
}

// importsRow is a row of an import: the create and, if the outcome is unclear
// or the user exists, a read of what is stored. there handles an existing user
// that is not the row's own; nil means that there cannot be one.
func importsRow(create func(*play) verdict, look step, there func(*play, *bool) verdict) func(*play) verdict {
	return func(p *play) verdict {
		ours := false
		return patiently(p, func() verdict { return importsOnce(p, create, look, there, &ours) })
	}
}

// patiently is a step of a row: one that the service puts off for longer than a
// call waits is retried after that pause, if that is a minute or less, at most
// five times.
func patiently(p *play, once func() verdict) verdict {
	for pauses := 0; ; pauses++ {
		v := once()
		busy := v.kind == messembed.ErrRateLimited || v.kind != nil && v.status == 503
		if !busy || v.pause.max == 0 || v.pause.min > time.Minute || pauses == 5 {
			return v
		}
		p.took = p.took.plus(v.pause)
	}
}

func importsOnce(p *play, create func(*play) verdict, look step, there func(*play, *bool) verdict, ours *bool) verdict {
	v := create(p)
	if v.kind == nil || v.ended {
		return v
	}
	*ours = *ours || v.maybe
	if v.kind != messembed.ErrAlreadyExists && !*ours {
		return v
	}
	found := p.send(look)
	switch {
	case found.kind == messembed.ErrNotFound:
		return v
	case found.kind != nil && *ours:
		v.maybe, v.ended = true, found.ended
		return v
	case found.kind != nil:
		return found
	case there == nil:
		return verdict{attempts: v.attempts} // it is as requested
	}
	return there(p, ours)
}

// syncCalls sync one user: the row's, or one that the input does not have. The
// error of the row is compared.
func syncCalls() []*call {
	syncs := func(ids ...string) func(context.Context, *world) (any, error) {
		return func(ctx context.Context, w *world) (any, error) {
			var failed error
			rows := func(yield func(messembed.CreateUserParams, error) bool) {
				for _, id := range ids {
					p := messembed.CreateUserParams{ID: id} // as it is stored
					if len(ids) == 1 {
						p = paramsOf(id)
					}
					if !yield(p, nil) {
						return
					}
				}
			}
			o := messembed.SyncOptions{OnRow: func(r messembed.SyncRow) {
				if r.Err != nil {
					failed = r.Err
				}
			}}
			if len(ids) > 1 {
				o.Vanished = messembed.BlockVanished
			}
			report, err := w.client.SyncUsers(ctx, rows, o)
			if failed == nil {
				failed = err
			}
			report.Elapsed = 0
			return report.SyncProgress, failed
		}
	}
	taken := func(p *play) verdict { return settled(p, sendsTakenCreate, sendsGet, func() bool { return false }) }
	updates := func(p *play, _ *bool) verdict { return p.send(sendsUpdate) }
	listThen := func(row func(*play) verdict) func(*play) verdict {
		return func(p *play) verdict {
			if v := p.send(sendsWalk); v.kind != nil {
				return v
			}
			return row(p)
		}
	}
	return []*call{
		{method: "SyncUsers", when: "creating", target: "CreateUser", do: syncs(fresh), sends: listThen(importsRow(createsFresh, sendsGetCreated, nil))},
		{
			method: "SyncUsers", when: "updating", target: "UpdateUser", do: syncs(ada),
			sends: listThen(func(p *play) verdict {
				v := patiently(p, func() verdict { return p.send(sendsUpdate) })
				if v.kind == messembed.ErrNotFound { // somebody else has deleted it meanwhile
					return importsRow(taken, sendsGet, updates)(p)
				}
				return v
			}),
		},
		{
			method: "SyncUsers", when: "blocking who vanished", target: "UpdateUser", do: syncs(bob, carol),
			sends: listThen(func(p *play) verdict {
				v := patiently(p, func() verdict { return p.send(sendsUpdate) })
				if v.kind == messembed.ErrNotFound {
					return verdict{attempts: v.attempts}
				}
				return v
			}),
		},
	}
}
