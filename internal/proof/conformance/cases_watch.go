package conformance

import (
	"testing"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

var watchCases = []Case{
	{
		Name: "a watch yields each user at once, then each change", Operations: []string{"WatchUsers"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u, gone := create(t, in, c, "ada"), create(t, in, c, "bob")
			seen := 0
			often := messembed.WithPollInterval(20 * time.Millisecond)
			for now, err := range c.WatchUsers(t.Context(), []string{u.ID, gone.ID, in.UnknownID, u.ID}, often) {
				must(t, err)
				seen++
				switch {
				case seen == 3: // the three as they are
					_, err := c.UpdateUser(t.Context(), u.ID, anUpdate(in, "new"))
					must(t, err)
				case seen == 4:
					want(t, "the changed user", now.ID, u.ID)
					if in.Metadata {
						wantSameMetadata(t, "ExternalMetadata", now.ExternalMetadata, messembed.Metadata{"note": "new"})
					} else {
						want(t, "DisplayName", now.Profile.DisplayName, "new")
					}
					must(t, c.DeleteUser(t.Context(), gone.ID))
				case seen == 5:
					want(t, "the deleted user", now.ID, gone.ID)
				}
				want(t, "Deleted", now.Deleted(), now.ID == in.UnknownID || seen == 5)
				if seen == 5 {
					break
				}
			}
			want(t, "yields", seen, 5)
		},
	},
	{
		Name: "a watch ends when it must", Operations: []string{"WatchUsers"},
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			for kind, watch := range map[error]func(yield func(*messembed.User, error) bool){
				messembed.ErrUnauthenticated: in.Stranger(t).WatchUsers(t.Context(), []string{u.ID}),
				messembed.ErrInvalidArgument: c.WatchUsers(t.Context(), []string{u.ID, ""}),
			} {
				failures := 0
				for _, err := range watch {
					wantKind(t, err, kind)
					failures++
				}
				want(t, "failures", failures, 1)
			}
			panics(t, in, func(c *messembed.Client) {
				for _, err := range c.WatchUsers(t.Context(), []string{u.ID}) {
					t.Error("nothing can be read:", err)
				}
			})
		},
	},
	{
		Name: "a watch waits failures out", Operations: []string{"WatchUsers"}, Faults: true,
		Run: func(t *testing.T, in Instance, c *messembed.Client) {
			u := create(t, in, c, "ada")
			c = in.Client(t, messembed.WithRetry(messembed.RetryPolicy{MaxAttempts: 1}))
			for _, fault := range []messembedtest.Fault{
				{Status: 503}, {Status: 500}, {Status: 429}, {Reset: true, AfterApply: true}, {Truncate: 3}, {Refuse: true},
			} {
				fault.Op = "GetUser"
				in.Fake.FailNext(fault)
				for now, err := range c.WatchUsers(t.Context(), []string{u.ID}, messembed.WithPollInterval(time.Millisecond)) {
					must(t, err)
					want(t, "ID", now.ID, u.ID)
					break
				}
			}
		},
	},
}
