package messembed_test

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// A pause that the service asks for does not end a doubt: what may have been
// written before it may have been written.
func TestSyncUsers_doubtOutlivesAPause(t *testing.T) {
	changed := numberedUser(1)
	changed.ExternalMetadata["name"] = "changed"
	pause := messembedtest.Fault{Status: 503, RetryAfter: "40"}
	lost := messembedtest.Fault{Reset: true, AfterApply: true}
	refused := messembedtest.Fault{Status: 403}
	for _, tt := range []struct {
		name, op string
		rows     []messembed.CreateUserParams
		policy   messembed.VanishedPolicy
		faults   []messembedtest.Fault
		outcome  messembed.SyncOutcome
		maybe    bool
	}{
		{"an update", "UpdateUser", []messembed.CreateUserParams{changed}, "", []messembedtest.Fault{lost, pause, refused}, messembed.SyncFailed, true},
		{"an update never carried out", "UpdateUser", []messembed.CreateUserParams{changed}, "", []messembedtest.Fault{pause, refused}, messembed.SyncFailed, false},
		{"blocking", "UpdateUser", nil, messembed.BlockVanished, []messembedtest.Fault{lost, pause, refused}, messembed.SyncFailed, true},
		{"deleting", "DeleteUser", nil, messembed.DeleteVanished, []messembedtest.Fault{lost, pause, refused}, messembed.SyncFailed, true},
		{"deleted before the pause", "DeleteUser", nil, messembed.DeleteVanished, []messembedtest.Fault{lost, pause}, messembed.SyncDeleted, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := seeded(t, 1, messembedtest.WithDeleteRoute())
				failInTurn(fake, tt.op, tt.faults...)
				var told messembed.SyncRow
				_, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(tt.rows...), messembed.SyncOptions{
					Vanished: tt.policy, MaxVanished: 1, OnRow: func(r messembed.SyncRow) { told = r },
				})
				require.NoError(t, err)
				assert.Equal(t, tt.outcome, told.Outcome)
				assert.Equal(t, tt.maybe, saysMaybe(told.Err), "%v", told.Err)
			})
		})
	}
}

func TestImportUsers_doubtOutlivesAPause(t *testing.T) {
	changed := numberedUser(1)
	changed.ExternalMetadata["name"] = "changed"
	pause := messembedtest.Fault{Status: 503, RetryAfter: "40"}
	reset := messembedtest.Fault{Reset: true}
	refused := messembedtest.Fault{Status: 403}
	for _, tt := range []struct {
		name    string
		deleted bool
		faults  []messembedtest.Fault // of the update
		creates []messembedtest.Fault
		maybe   bool
	}{
		{"an update", false, []messembedtest.Fault{reset, pause, refused}, nil, true},
		{"an update never carried out", false, []messembedtest.Fault{pause, refused}, nil, false},
		{"an update, then nothing is accepted", false, []messembedtest.Fault{reset, pause}, []messembedtest.Fault{{}, refused}, true},
		{"bringing back a deleted user", true, []messembedtest.Fault{reset, pause, refused}, nil, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := seeded(t, 1)
				client := fake.Client(t)
				if tt.deleted {
					require.NoError(t, client.DeleteUser(t.Context(), "u1"))
				}
				failInTurn(fake, "UpdateUser", tt.faults...)
				failInTurn(fake, "CreateUser", tt.creates...)
				var told messembed.ImportRow
				_, err := client.ImportUsers(t.Context(), rowsOf(changed), messembed.ImportOptions{
					OnExisting: messembed.UpdateExisting, OnRow: func(r messembed.ImportRow) { told = r },
				})
				require.NoError(t, err)
				assert.Equal(t, messembed.RowFailed, told.Outcome)
				assert.Equal(t, tt.maybe, saysMaybe(told.Err), "%v", told.Err)
			})
		})
	}
}

// failInTurn makes the next requests of an operation fail, each in its own way.
func failInTurn(fake *messembedtest.Server, op string, faults ...messembedtest.Fault) {
	for _, f := range faults {
		f.Op = op
		fake.FailNext(f)
	}
}

func saysMaybe(err error) bool {
	e, ok := errors.AsType[*messembed.Error](err)
	return ok && e.MaybeApplied
}
