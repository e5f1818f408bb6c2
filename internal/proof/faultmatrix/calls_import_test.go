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
	updates := func(p *play, _ *bool) verdict { return p.send(sendsUpdate) }
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

// importsRow is a row of an import: the create and, if the outcome is unclear or the user exists, a read of what is stored. A row that the
// service puts off for longer than a call waits is retried after that pause, if that is a minute or less, at most five times. there handles an
// existing user that is not the row's own; nil means that there cannot be one.
func importsRow(create func(*play) verdict, look step, there func(*play, *bool) verdict) func(*play) verdict {
	return func(p *play) verdict {
		ours := false
		for pauses := 0; ; pauses++ {
			v := importsOnce(p, create, look, there, &ours)
			putOff := v.kind == messembed.ErrRateLimited || v.kind != nil && v.status == 503
			if !putOff || v.pause.max == 0 || v.pause.min > time.Minute || pauses == 5 {
				return v
			}
			p.took = p.took.plus(v.pause)
		}
	}
}

func importsOnce(p *play, create func(*play) verdict, look step, there func(*play, *bool) verdict, ours *bool) verdict {
	v := create(p)
	if v.kind == nil || v.ended {
		return v
	}
	*ours = *ours || v.maybe || v.kind != messembed.ErrAlreadyExists && v.attempts > 1
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
