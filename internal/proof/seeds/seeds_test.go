// Package seeds_test goes through the documents that this SDK was made from,
// the services' own pages about users, and does all that each describes: every
// field of a user and every action, each step under the heading that it has
// there. It uses only what the packages export, against the services' fakes.
//
//	000  Messembed, "Users"
//	001  Rightech IoT Cloud, "Users"
//	002  Rocket.Chat, "User"
//	003  ChatKitty, "Users"
package seeds_test

import (
	"context"
	"encoding/json"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	messembed "github.com/messembed/messembed-go"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// step does what a heading of a document describes, on a service of its own.
func step(t *testing.T, heading string, do func(t *testing.T)) {
	t.Helper()
	t.Run(heading, func(t *testing.T) { synctest.Test(t, do) })
}

// named gives the users from a sequence of names.
func named(user func(name string) messembed.CreateUserParams, names ...string) iter.Seq2[messembed.CreateUserParams, error] {
	return func(yield func(messembed.CreateUserParams, error) bool) {
		for _, name := range names {
			if !yield(user(name), nil) {
				return
			}
		}
	}
}

// changes watches a user and returns its state now, and after change.
func changes(t *testing.T, client *messembed.Client, id string, change func()) (states []*messembed.User) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for u, err := range client.WatchUsers(ctx, []string{id}) {
		require.NoError(t, err)
		if states = append(states, u); len(states) == 2 {
			break
		}
		change()
	}
	require.Len(t, states, 2)
	return states
}

// fields returns the fields of the user as the service sent it.
func fields(t *testing.T, u *messembed.User) map[string]any {
	t.Helper()
	var all map[string]any
	require.NoError(t, json.Unmarshal(u.Raw, &all))
	return all
}
