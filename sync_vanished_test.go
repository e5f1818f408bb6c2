package messembed_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
	"github.com/messembed/messembed-go/platform/chatkitty/chatkittytest"
	"github.com/messembed/messembed-go/platform/rocketchat/rocketchattest"
)

func TestSyncUsers_vanished(t *testing.T) {
	for _, tt := range []struct {
		policy messembed.VanishedPolicy
		want   messembed.SyncProgress
	}{
		{"", messembed.SyncProgress{Read: 5, Unchanged: 5, Vanished: 3}},
		{messembed.KeepVanished, messembed.SyncProgress{Read: 5, Unchanged: 5, Vanished: 3}},
		{messembed.BlockVanished, messembed.SyncProgress{Read: 5, Unchanged: 5, Vanished: 3, Blocked: 2}},
		{messembed.DeleteVanished, messembed.SyncProgress{Read: 5, Unchanged: 5, Vanished: 3, Deleted: 3}},
	} {
		for _, dryRun := range []bool{true, false} {
			t.Run(fmt.Sprintf("%q, dry run %v", tt.policy, dryRun), func(t *testing.T) {
				fake := seeded(t, 8, messembedtest.WithDeleteRoute())
				client := fake.Client(t)
				_, err := client.BlockUser(t.Context(), "u6")
				require.NoError(t, err)
				before := len(fake.Requests())

				report, err := client.SyncUsers(t.Context(), numbered(5), messembed.SyncOptions{Vanished: tt.policy, DryRun: dryRun})

				require.NoError(t, err)
				assert.Equal(t, tt.want, syncCounts(report))
				sent := fake.Requests()[before:]
				if dryRun {
					assert.Len(t, sent, 1, "only the list")
					assert.Len(t, fake.Users(), 8)
					return
				}
				assert.Len(t, sent, 1+tt.want.Blocked+tt.want.Deleted)
				assert.Len(t, fake.Users(), 8-tt.want.Deleted)
				u7, there := fake.User("u7")
				assert.Equal(t, tt.policy != messembed.DeleteVanished, there)
				assert.Equal(t, tt.policy == messembed.BlockVanished, u7.Blocked())
			})
		}
	}
}

func TestSyncUsers_maxVanished(t *testing.T) {
	for _, tt := range []struct {
		name         string
		users, input int
		options      messembed.SyncOptions
		want         bool // too many
	}{
		{"ten of few", 20, 10, messembed.SyncOptions{Vanished: messembed.DeleteVanished}, false},
		{"eleven of few", 20, 9, messembed.SyncOptions{Vanished: messembed.DeleteVanished}, true},
		{"a tenth", 200, 180, messembed.SyncOptions{Vanished: messembed.BlockVanished}, false},
		{"more than a tenth", 200, 179, messembed.SyncOptions{Vanished: messembed.BlockVanished}, true},
		{"more than a tenth, dry run", 200, 179, messembed.SyncOptions{Vanished: messembed.BlockVanished, DryRun: true}, true},
		{"as many as allowed", 200, 100, messembed.SyncOptions{Vanished: messembed.BlockVanished, MaxVanished: 100}, false},
		{"one more than allowed", 200, 99, messembed.SyncOptions{Vanished: messembed.BlockVanished, MaxVanished: 100}, true},
		{"fewer allowed than ten", 20, 17, messembed.SyncOptions{Vanished: messembed.DeleteVanished, MaxVanished: 2}, true},
		{"one", 20, 19, messembed.SyncOptions{Vanished: messembed.DeleteVanished, MaxVanished: 1}, false},
		{"two instead of one", 20, 18, messembed.SyncOptions{Vanished: messembed.DeleteVanished, MaxVanished: 1}, true},
		{"an empty input", 5, 0, messembed.SyncOptions{Vanished: messembed.DeleteVanished}, true},
		{"an empty input that is meant", 5, 0, messembed.SyncOptions{Vanished: messembed.DeleteVanished, MaxVanished: 5}, false},
		{"kept", 200, 0, messembed.SyncOptions{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake := seeded(t, tt.users, messembedtest.WithDeleteRoute())
			var left int
			tt.options.OnRow = func(r messembed.SyncRow) {
				if r.Outcome == messembed.SyncVanished {
					left++
				}
			}
			report, err := fake.Client(t).SyncUsers(t.Context(), numbered(tt.input), tt.options)
			assert.Equal(t, tt.users-tt.input, report.Vanished)
			if !tt.want {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, messembed.ErrTooManyVanished)
			assert.Contains(t, err.Error(), "MaxVanished")
			assert.Zero(t, report.Blocked+report.Deleted+report.Failed)
			assert.Equal(t, report.Vanished, left, "each is told")
			assert.Len(t, fake.Requests(), 1)
		})
	}
}

// Those blocked by an earlier sync do not count: they are not touched.
func TestSyncUsers_maxVanishedCountsWhatWouldBeChanged(t *testing.T) {
	fake := messembedtest.New(t)
	for i := 1; i <= 60; i++ {
		p := numberedUser(i)
		u := messembed.User{ID: p.ID, ExternalMetadata: p.ExternalMetadata}
		if i > 20 {
			u.BlockStatus = messembed.BlockCantSendAndReceive
		}
		fake.AddUser(u)
	}
	report, err := fake.Client(t).SyncUsers(t.Context(), numbered(15), messembed.SyncOptions{Vanished: messembed.BlockVanished})
	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: 15, Unchanged: 15, Vanished: 45, Blocked: 5}, syncCounts(report))
}

func TestSyncUsers_halfAnInput(t *testing.T) {
	broken := errors.New("disk gone")
	ends := map[string]func(ctx context.Context, cancel func()) iter.Seq2[messembed.CreateUserParams, error]{
		"an error": func(context.Context, func()) iter.Seq2[messembed.CreateUserParams, error] {
			return func(yield func(messembed.CreateUserParams, error) bool) {
				_ = yield(numberedUser(1), nil) && yield(messembed.CreateUserParams{}, broken)
			}
		},
		"the context, silently": func(_ context.Context, cancel func()) iter.Seq2[messembed.CreateUserParams, error] {
			return func(yield func(messembed.CreateUserParams, error) bool) {
				yield(numberedUser(1), nil)
				cancel()
			}
		},
	}
	for name, input := range ends {
		t.Run(name, func(t *testing.T) {
			fake := seeded(t, 5)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			report, err := fake.Client(t).SyncUsers(ctx, input(ctx, cancel), messembed.SyncOptions{Vanished: messembed.DeleteVanished})
			require.Error(t, err)
			assert.Equal(t, messembed.SyncProgress{Read: 1, Unchanged: 1}, syncCounts(report))
			assert.Equal(t, map[string]int{"ListUsers": 1}, sentOps(fake))
		})
	}
	t.Run("MaxFailures", func(t *testing.T) {
		fake := seeded(t, 5)
		report, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(messembed.CreateUserParams{}, numberedUser(1), numberedUser(2)),
			messembed.SyncOptions{Vanished: messembed.DeleteVanished, MaxFailures: 1})
		require.ErrorIs(t, err, messembed.ErrTooManyFailures)
		assert.Equal(t, messembed.SyncProgress{Read: 1, Failed: 1}, syncCounts(report))
	})
}

// A row that cannot be stored is a failed row, and its user is in the input all
// the same.
func TestSyncUsers_badRowHasNotVanished(t *testing.T) {
	fake := seeded(t, 2)
	var rows []messembed.SyncRow
	report, err := fake.Client(t).SyncUsers(t.Context(), rowsOf(
		messembed.CreateUserParams{ID: "u1", Password: "pw"},
		messembed.CreateUserParams{ID: "u2", ExternalMetadata: messembed.Metadata{"$set": 1}},
		messembed.CreateUserParams{},
	), messembed.SyncOptions{Vanished: messembed.DeleteVanished, OnRow: func(r messembed.SyncRow) { rows = append(rows, r) }})
	require.NoError(t, err)
	assert.Equal(t, messembed.SyncProgress{Read: 3, Failed: 3}, syncCounts(report))
	for i, r := range rows {
		assert.Equal(t, i+1, r.Row)
		require.ErrorIs(t, r.Err, messembed.ErrInvalidArgument)
		assert.Contains(t, r.Err.Error(), "SyncUsers")
	}
	assert.Len(t, fake.Requests(), 1)
}

// A row without an id may be any user's, so none counts as vanished.
func TestSyncUsers_rowsThatNameNobody(t *testing.T) {
	for _, shards := range []int{1, 3} {
		vanished := 0
		for shard := range shards {
			fake := seeded(t, 20, messembedtest.WithDeleteRoute())
			rows := func(yield func(messembed.CreateUserParams, error) bool) {
				for i := range 18 {
					p := numberedUser(i + 1)
					if i == 5 {
						p.ID = ""
					}
					if !yield(p, nil) {
						return
					}
				}
			}
			report, err := fake.Client(t).SyncUsers(t.Context(), rows, messembed.SyncOptions{Vanished: messembed.DeleteVanished, Shard: shard, Shards: shards})
			assert.Zero(t, report.Deleted)
			vanished += report.Vanished
			if report.Vanished > 0 {
				require.ErrorIs(t, err, messembed.ErrTooManyVanished)
				assert.ErrorContains(t, err, "rows that name no user (1)")
			}
		}
		assert.Equal(t, 3, vanished, "two that are missing, and the one without its id")
	}
}

func TestSyncUsers_unblock(t *testing.T) {
	service := func(t *testing.T) (client *messembed.Client, rows []messembed.CreateUserParams, blocked func() int) {
		fake := seeded(t, 5)
		for i := range 5 {
			rows = append(rows, numberedUser(i+1))
		}
		return fake.Client(t), rows, func() int { return blockedIn(fake.Users()) }
	}
	rocketChat := func(t *testing.T) (client *messembed.Client, rows []messembed.CreateUserParams, blocked func() int) {
		fake := rocketchattest.New(t)
		for i := range 5 {
			p := messembed.Profile{Username: fmt.Sprint("user", i), DisplayName: "x", Emails: []messembed.Email{{Address: fmt.Sprintf("u%d@example.com", i)}}}
			fake.AddUser(messembed.User{Profile: p})
			rows = append(rows, messembed.CreateUserParams{Profile: p})
		}
		return fake.Client(t), rows, func() int { return blockedIn(fake.Users()) }
	}
	for name, make := range map[string]func(*testing.T) (*messembed.Client, []messembed.CreateUserParams, func() int){
		"Messembed": service, "Rocket.Chat": rocketChat,
	} {
		t.Run(name, func(t *testing.T) {
			client, rows, blocked := make(t)
			sync := func(o messembed.SyncOptions, rows ...messembed.CreateUserParams) messembed.SyncProgress {
				report, err := client.SyncUsers(t.Context(), func(yield func(messembed.CreateUserParams, error) bool) {
					for _, p := range rows {
						if !yield(p, nil) {
							return
						}
					}
				}, o)
				require.NoError(t, err)
				return syncCounts(report)
			}
			gone := sync(messembed.SyncOptions{Vanished: messembed.BlockVanished}, rows[:3]...)
			assert.Equal(t, 2, gone.Blocked)
			assert.Equal(t, messembed.SyncProgress{Read: 5, Unchanged: 5}, sync(messembed.SyncOptions{}, rows...), "a block may be a moderator's")
			assert.Equal(t, 2, blocked())
			back := messembed.SyncProgress{Read: 5, Updated: 2, Unchanged: 3}
			assert.Equal(t, back, sync(messembed.SyncOptions{Unblock: true, DryRun: true}, rows...))
			assert.Equal(t, 2, blocked())
			assert.Equal(t, back, sync(messembed.SyncOptions{Unblock: true}, rows...))
			assert.Zero(t, blocked())
			assert.Equal(t, messembed.SyncProgress{Read: 5, Unchanged: 5}, sync(messembed.SyncOptions{Unblock: true}, rows...))
		})
	}
	t.Run("unsupported", func(t *testing.T) {
		fake := chatkittytest.New(t)
		_, err := fake.Client(t).SyncUsers(t.Context(), numbered(1), messembed.SyncOptions{Unblock: true})
		require.ErrorIs(t, err, messembed.ErrUnsupported)
		assert.Empty(t, fake.Requests())
	})
	t.Run("a row that blocks", func(t *testing.T) {
		fake := messembedtest.New(t)
		fake.AddUser(messembed.User{ID: "ada", BlockStatus: messembed.BlockCantSendAndReceive})
		rows := func(yield func(messembed.CreateUserParams, error) bool) {
			yield(messembed.CreateUserParams{ID: "ada", BlockStatus: messembed.BlockCantSendAndReceive}, nil)
		}
		report, err := fake.Client(t).SyncUsers(t.Context(), rows, messembed.SyncOptions{Unblock: true})
		require.NoError(t, err)
		assert.Equal(t, messembed.SyncProgress{Read: 1, Unchanged: 1}, syncCounts(report))
	})
}

func blockedIn(users []messembed.User) (n int) {
	for _, u := range users {
		if u.Blocked() {
			n++
		}
	}
	return n
}
