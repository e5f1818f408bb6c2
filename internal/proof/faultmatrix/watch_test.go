package faultmatrix_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// WatchUsers polls for as long as its context lives, so its outcome is not that
// of one call either. The rule is: what a pause can mend is waited out,
// everything else ends it, and each state of the user that lasts is yielded
// once and in order.

// A watchRow is one kind of request of WatchUsers that faults hit.
type watchRow struct {
	target string // ListMessages: the credentials check; GetUser
	nth    int    // which of them; 0 means all in the first half minute
}

func (r watchRow) String() string {
	if r.nth == 0 {
		return r.target + " for half a minute"
	}
	return fmt.Sprintf("%s, request %d", r.target, r.nth)
}

var watchRows = []watchRow{{"ListMessages", 1}, {"ListMessages", 0}, {"GetUser", 1}, {"GetUser", 2}, {"GetUser", 0}}

// TestFaultMatrix_watchUsers runs WatchUsers × every fault × every kind of request.
func TestFaultMatrix_watchUsers(t *testing.T) {
	faults := representative(allFaults())
	var cells atomic.Int64
	t.Run("rows", func(t *testing.T) {
		for _, r := range watchRows {
			t.Run(r.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					for i := range faults {
						if leftOut(r.String(), i) {
							continue
						}
						cells.Add(1)
						r.run(t, &faults[i])
					}
				})
			})
		}
	})
	fmt.Printf("fault matrix: %d cells of WatchUsers (%d requests × %d faults)\n", cells.Load(), len(watchRows), len(faults))
}

// meets is what the rules say of the request that the fault hits, with all its attempts.
func (r watchRow) meets(f *fault) error {
	p := &play{sent: map[string]int{}, fault: func(_ string, nth int) *fault {
		if r.nth == 0 || nth == 1 {
			return f
		}
		return nil
	}}
	if r.target == "ListMessages" {
		return p.send(sendsMessages).kind
	}
	return p.send(sendsGet).kind
}

// final is the error that ends the watch, or nil.
func (r watchRow) final(met error) error {
	switch met {
	case nil, messembed.ErrUnavailable, messembed.ErrRateLimited:
		return nil
	case messembed.ErrInvalidResponse: // the address is wrong, unless it was right before
		if r.target == "GetUser" && r.nth == 2 {
			return nil
		}
	case messembed.ErrPermissionDenied: // users may be readable all the same
		if r.target == "ListMessages" {
			return nil
		}
	case messembed.ErrNotFound: // the user is missing
		if r.target == "GetUser" {
			return nil
		}
	}
	return met
}

func (r watchRow) run(t *testing.T, f *fault) {
	fakeTB := new(tb)
	defer fakeTB.cleanup()
	fake := messembedtest.New(fakeTB, messembedtest.WithCredentials("admin", canaryPassword))
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	in := &injector{fake: fake}
	began := time.Now()
	in.begin(func(op string, nth int) *fault {
		if op == r.target && (nth == r.nth || r.nth == 0 && time.Since(began) < 30*time.Second) {
			return f
		}
		return nil
	}, cancel)
	logger, logged := debugLog()
	client := fake.Client(fakeTB, messembed.WithTransport(in), messembed.WithLogger(logger), messembed.WithMaxResponseBytes(maxResponseBytes))

	renamed := r.rename(ctx, fake)
	seen, err := watch(ctx, client, cancel)
	gaveUp := ctx.Err() != nil
	cancel()
	<-renamed

	name := fmt.Sprintf("%s: %s", r, f.name)
	met := r.meets(f)
	switch final := r.final(met); {
	case f.givesUp > 0 && in.sent[r.target] >= r.nth:
		if err != nil {
			t.Errorf("%s: error %v, want none at the end", name, err)
		}
	case final != nil:
		if !errors.Is(err, final) {
			t.Errorf("%s: error %v, want %v", name, err, final)
		}
	case err != nil:
		t.Errorf("%s: error %v, want none", name, err)
	case !inOrder(seen, r.target == "GetUser" && met == messembed.ErrNotFound) || !gaveUp:
		t.Errorf("%s: saw %q", name, seen)
	}
	if canary := canaryIn(logged.String() + showings(err)); canary != "" {
		t.Errorf("%s: %s is shown", name, canary)
	}
	if len(in.hosts) != 1 {
		t.Errorf("%s: requests to %v", name, in.hosts)
	}
}

// lastName is that of the user at the end of the watch.
const lastName = "5"

// rename gives the user another name from time to time.
func (watchRow) rename(ctx context.Context, fake *messembedtest.Server) (done <-chan struct{}) {
	ended := make(chan struct{})
	call := func(n int) {
		fake.AddUser(messembed.User{ID: ada, ExternalMetadata: messembed.Metadata{"name": fmt.Sprint(n)}})
	}
	call(1)
	go func() {
		defer close(ended)
		for n := 2; n <= 5; n++ {
			select {
			case <-time.After(15 * time.Second):
				call(n)
			case <-ctx.Done():
				return
			}
		}
	}()
	return ended
}

const missing = "missing"

// watch ranges until some time after the last name, in which nothing may come.
func watch(ctx context.Context, client *messembed.Client, stop func()) (seen []string, err error) {
	for u, failed := range client.WatchUsers(ctx, []string{ada}) {
		switch {
		case failed != nil:
			return seen, failed
		case u.Deleted():
			seen = append(seen, missing)
		default:
			seen = append(seen, u.ExternalMetadata["name"].(string))
		}
		if seen[len(seen)-1] == lastName {
			time.AfterFunc(time.Minute, stop)
		}
	}
	return seen, nil
}

// inOrder reports whether the names came in order and none twice, up to the
// last. The user may be missing in between only if a response said so.
func inOrder(seen []string, wasMissing bool) bool {
	if slices.Contains(seen, missing) != wasMissing || len(slices.Compact(slices.Clone(seen))) != len(seen) {
		return false
	}
	names := slices.DeleteFunc(slices.Clone(seen), func(name string) bool { return name == missing })
	if len(slices.Compact(slices.Clone(names))) != len(names) && !wasMissing {
		return false
	}
	return slices.IsSorted(names) && len(names) > 0 && names[len(names)-1] == lastName
}
