package chatkitty

import (
	"context"
	"errors"
	"slices"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/internal/parallel"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// watchers is how many users a round of WatchPresence reads concurrently.
const watchers = 8

// longestPause limits the pause that the service can ask for.
const longestPause = 5 * time.Minute

// WatchPresence reads every user once a round, since the service has no stream
// for servers. An unknown user is offline.
func (p *platform) WatchPresence(
	ctx context.Context, call *messembed.Call, userIDs []string, yield func(*messembed.Presence) bool,
) error {
	ids := slices.Compact(slices.Sorted(slices.Values(userIDs)))
	for _, id := range ids {
		if err := checkID(call, "userIDs", id); err != nil {
			return err
		}
	}
	last := make(map[string]messembed.Presence, len(ids))
	settled := false // a response made sense, so the address is good
	hopeless := func(err error) bool { return adapter.Hopeless(err, settled) }
	tell := func(now *messembed.Presence) bool {
		settled = true
		before, told := last[now.UserID]
		if told && before == *now {
			return true
		}
		last[now.UserID] = *now
		return yield(now)
	}
	for {
		result := p.watchOnce(ctx, call, ids, tell, hopeless)
		if result.stopped || result.final != nil {
			return result.final
		}
		timer := time.NewTimer(max(call.PollInterval(), result.pause))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// seen is the result of reading one user.
type seen struct {
	presence *messembed.Presence
	err      error
}

// round is the result of reading every user once.
type round struct {
	stopped bool          // the consumer has stopped
	final   error         // a permanent failure
	pause   time.Duration // the pause that the service asked for
}

// watchOnce passes on each presence as it is read. A temporary failure leaves
// its user out of this round.
func (p *platform) watchOnce(
	ctx context.Context, call *messembed.Call, ids []string,
	tell func(*messembed.Presence) bool, hopeless func(error) bool,
) (result round) {
	look := func(ctx context.Context, id string) seen { return p.look(ctx, call, id) }
	parallel.Each(ctx, watchers, ids, look, func(_ string, one seen) bool {
		switch {
		case one.err == nil:
			result.stopped = !tell(one.presence)
		case hopeless(one.err):
			result.final = one.err
		default:
			if e, ok := errors.AsType[*messembed.Error](one.err); ok {
				result.pause = max(result.pause, min(e.RetryAfter, longestPause))
			}
		}
		return !result.stopped && result.final == nil
	})
	return result
}

// look reads one user's presence, with a WithTimeout of its own.
func (p *platform) look(ctx context.Context, call *messembed.Call, id string) seen {
	one := call.Lookup()
	one.Renew()
	presence, err := p.GetPresence(ctx, one, id)
	if errors.Is(err, messembed.ErrNotFound) {
		return seen{presence: &messembed.Presence{UserID: id, Status: messembed.PresenceOffline}}
	}
	return seen{presence, err}
}
