package conformance

import (
	"testing"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var syncCases = []Case{
	{
		Name: "a sync sends the difference", Operations: []string{"SyncUsers"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			createSome(t, in, c, 3)
			rows := []messembed.CreateUserParams{in.User("u0"), changed(in, in.User("u1")), in.User("u3")}
			difference := map[string]messembed.SyncOutcome{
				"u0": messembed.SyncUnchanged, "u1": messembed.SyncUpdated, "u2": messembed.SyncVanished, "u3": messembed.SyncCreated,
			}
			sent := wantSynced(t, in, c, rows, messembed.SyncOptions{DryRun: true}, difference)
			wantReads(t, in, c, sent, 2) // u0 and u1
			want(t, "users named u3", len(named(t, c, in, "u3")), 0)

			wantSynced(t, in, c, rows, messembed.SyncOptions{}, difference)
			for _, u := range named(t, c, in, "u3") {
				forget(t, in, c, u.ID)
			}
			difference["u1"], difference["u3"] = messembed.SyncUnchanged, messembed.SyncUnchanged
			wantReads(t, in, c, wantSynced(t, in, c, rows, messembed.SyncOptions{}, difference), 3)
		},
	},
	{
		Name: "a sync blocks who vanished", Operations: []string{"SyncUsers"}, Feature: messembed.FeatureBlockUser,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			if in.Shared {
				return // it would block everybody else
			}
			ids := createSome(t, in, c, 2)
			rows := []messembed.CreateUserParams{in.User("u0")}
			for _, outcome := range []messembed.SyncOutcome{messembed.SyncBlocked, messembed.SyncVanished} { // once
				wantSynced(t, in, c, rows, messembed.SyncOptions{Vanished: messembed.BlockVanished}, map[string]messembed.SyncOutcome{
					"u0": messembed.SyncUnchanged, "u1": outcome,
				})
			}
			for i, id := range ids {
				u, err := c.GetUser(t.Context(), id)
				must(t, err)
				want(t, "Blocked", u.Blocked(), i == 1)
			}
		},
		Without: func(t *testing.T, c *messembed.Client) {
			nobody := func(func(messembed.CreateUserParams, error) bool) {}
			_, err := c.SyncUsers(t.Context(), nobody, messembed.SyncOptions{Vanished: messembed.BlockVanished})
			wantKind(t, err, messembed.ErrUnsupported)
		},
	},
	{
		Name: "a sync deletes who vanished", Operations: []string{"SyncUsers"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			if in.Shared {
				return // it would delete everybody else
			}
			ids := createSome(t, in, c, 2)
			wantSynced(t, in, c, []messembed.CreateUserParams{in.User("u0")}, messembed.SyncOptions{Vanished: messembed.DeleteVanished},
				map[string]messembed.SyncOutcome{"u0": messembed.SyncUnchanged, "u1": messembed.SyncDeleted})
			_, err := c.GetUser(t.Context(), ids[0])
			must(t, err)
			_, err = c.GetUser(t.Context(), ids[1])
			wantKind(t, err, messembed.ErrNotFound)
		},
	},
}

// changed returns a row with another value of a field.
func changed(in Instance, p messembed.CreateUserParams) messembed.CreateUserParams {
	if in.Metadata {
		p.ExternalMetadata = messembed.Metadata{"note": "changed"}
	} else {
		p.Profile.DisplayName = "changed"
	}
	return p
}

// wantSynced syncs and checks what came of the users with these names. It returns the requests.
func wantSynced(
	t *testing.T, in Instance, c *messembed.Client, rows []messembed.CreateUserParams, o messembed.SyncOptions,
	outcomes map[string]messembed.SyncOutcome,
) (sent []messembedtest.Request) {
	t.Helper()
	names := map[string]string{} // by the key of a row, or by the id of a user that has vanished
	for name := range outcomes {
		p := in.User(name)
		names[p.ID+p.Profile.Username] = name
		for _, u := range named(t, c, in, name) {
			names[u.ID] = name
		}
	}
	got := map[string]messembed.SyncOutcome{}
	o.OnRow = func(r messembed.SyncRow) {
		if r.Err != nil {
			t.Errorf("row %d: %v", r.Row, r.Err)
		}
		key := r.ID
		if r.Row != 0 {
			key = r.Params.ID + r.Params.Profile.Username
		}
		got[names[key]] = r.Outcome
	}
	given := func(yield func(messembed.CreateUserParams, error) bool) {
		for _, row := range rows {
			if !yield(row, nil) {
				return
			}
		}
	}
	before := 0
	if in.Fake != nil {
		before = len(in.Fake.Requests())
	}
	_, err := c.SyncUsers(t.Context(), given, o)
	must(t, err)
	if in.Fake != nil {
		sent = in.Fake.Requests()[before:]
	}
	for name, outcome := range outcomes {
		want(t, name, got[name], outcome)
	}
	return sent
}

// wantReads checks that the list was read once and nothing was written. Where
// the list leaves out metadata, as many users were read too.
func wantReads(t *testing.T, in Instance, c *messembed.Client, sent []messembedtest.Request, users int) {
	t.Helper()
	if in.Fake == nil {
		return
	}
	if !in.Abbreviates {
		users = 0
	}
	before := len(in.Fake.Requests())
	for _, err := range c.Users(t.Context()) {
		must(t, err)
	}
	count := map[string]int{}
	for _, r := range sent {
		count[r.Op]++
	}
	want(t, "lists", count["ListUsers"], len(in.Fake.Requests())-before)
	want(t, "users read", count["GetUser"], users)
	want(t, "requests", len(sent), count["ListUsers"]+users)
}
