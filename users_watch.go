package messembed

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/messembed/messembed-go/internal/parallel"
)

// WatchUsers yields each of the users as it is at once, and again whenever it
// has changed, until ctx ends; it then stops without an error. A change is one
// of any field of [User] except Presence, for which there is
// [Client.WatchPresence], and UpdatedAt and Raw, which change for reasons that
// the SDK does not read, such as a login.
//
// A user that is deleted, or unknown from the start, is yielded once with
// DeletedAt set, and no more unless it comes into being (again). If the service
// does not keep deleted users, DeletedAt is the time at which the user was found
// missing, and only ID is set besides. Ids that occur more than once are watched
// once. No ids, or an empty one, is ErrInvalidArgument, as is an id that no user
// of the service can have.
//
// Every 10 s, or [WithPollInterval], each user is read, eight at once: one
// request per user and interval, and one at the start that checks the
// credentials. What changes back between two reads is not noticed. If the
// service asks for a pause, it gets one of up to five minutes, and the users
// that were not read are the first to be read after it: an account without
// Rocket.Chat's permission api-bypass-rate-limit may send ten requests a minute.
//
// Temporary failures are retried for as long as it takes; WithTimeout limits
// each read, but does not end the watch. A permanent failure is yielded once, as
// the last element: ErrUnauthenticated, ErrPermissionDenied or, for a wrong base
// URL, ErrUnsupported. Since Messembed lets anyone read a user, credentials that
// are refused later go unnoticed there.
//
// Server: GET /admin-api/messages, then GET /users/{id}
func (c *Client) WatchUsers(ctx context.Context, userIDs []string, opts ...RequestOption) iter.Seq2[*User, error] {
	return streamed(ctx, c, "WatchUsers", opts, func(call *Call, yield func(*User) bool) error {
		if len(userIDs) == 0 {
			return call.Invalid("userIDs: must not be empty")
		}
		w := &userWatch{call: call, platform: c.platform, yield: yield, told: make(map[string]userSeen, len(userIDs))}
		given := make(map[string]bool, len(userIDs))
		for i, id := range userIDs {
			if err := call.requireID("userIDs["+strconv.Itoa(i)+"]", id); err != nil {
				return err
			}
			if !given[id] {
				given[id] = true
				w.ids = append(w.ids, id)
			}
		}
		err := w.run(ctx)
		if ctx.Err() != nil {
			return nil
		}
		return err
	})
}

// usersAtOnce is how many users a watch reads at the same time.
const usersAtOnce = 8

// userWatch is one WatchUsers. It polls, since no service has a stream that
// tells a server of every change.
type userWatch struct {
	call     *Call
	platform Platform
	yield    func(*User) bool

	ids     []string            // in the order in which they are read next
	told    map[string]userSeen // what was yielded last
	settled bool                // a user was read, so the address is right
}

func (w *userWatch) run(ctx context.Context) error {
	if err := w.checkCredentials(ctx); err != nil {
		return err
	}
	for {
		pause, more, err := w.readAll(ctx)
		if err != nil || !more || !sleep(ctx, max(w.call.PollInterval(), pause)) {
			return err
		}
	}
}

// checkCredentials makes wrong credentials known where anyone can read a user.
// That the client may not do what the check does is no reason to end.
func (w *userWatch) checkCredentials(ctx context.Context) error {
	backoff := w.call.Backoff()
	for {
		w.call.Renew()
		err := w.platform.CheckCredentials(ctx, w.call)
		if err == nil || errors.Is(err, ErrPermissionDenied) {
			return nil
		}
		if !w.passes(err) || !backoff.Wait(ctx, retryAfter(err)) {
			return err
		}
	}
}

// readAll reads every user once and yields those that have changed. After a
// temporary failure a user is left out. pause is what the service asks for: then
// no more requests are sent, while those in flight still count. more is false if
// the consumer has stopped.
func (w *userWatch) readAll(ctx context.Context) (pause time.Duration, more bool, err error) {
	read := make(map[string]bool, len(w.ids))
	more = true
	var paused atomic.Bool
	readUnlessPaused := func(ctx context.Context, id string) userRead {
		if paused.Load() {
			return userRead{skipped: true}
		}
		return w.read(ctx, id)
	}
	parallel.Each(ctx, usersAtOnce, w.ids, readUnlessPaused, func(id string, got userRead) bool {
		switch {
		case got.skipped:
		case got.err == nil:
			w.settled, read[id] = true, true
			more = w.tell(id, got.user)
		case w.passes(got.err):
			pause = max(pause, min(retryAfter(got.err), longestPause))
			paused.Store(pause > 0)
		default:
			err = got.err
		}
		return more && err == nil
	})
	var first, last []string
	for _, id := range w.ids {
		if read[id] {
			last = append(last, id)
		} else {
			first = append(first, id)
		}
	}
	w.ids = slices.Concat(first, last)
	return pause, more, err
}

type userRead struct {
	user    *User
	err     error
	skipped bool // nothing was sent
}

// read reads a user, with a WithTimeout of its own.
func (w *userWatch) read(ctx context.Context, id string) userRead {
	call := w.call.Lookup()
	call.Renew()
	u, err := w.platform.GetUser(ctx, call, id)
	if errors.Is(err, ErrNotFound) {
		return userRead{user: &User{ID: id, DeletedAt: time.Now().UTC().Truncate(time.Millisecond)}}
	}
	return userRead{user: u, err: err}
}

// tell yields a user, unless that is how it was yielded last.
func (w *userWatch) tell(id string, u *User) bool {
	now := seenOf(u)
	if last, told := w.told[id]; told && last == now {
		return true
	}
	w.told[id] = now
	return w.yield(u)
}

// passes reports whether a failure is waited out. A response that cannot be read
// means a wrong address, unless an earlier one made sense.
func (w *userWatch) passes(err error) bool {
	return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRateLimited) || w.settled && errors.Is(err, ErrInvalidResponse)
}

func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// userSeen is all of a user that a watch compares. Deleted users are all alike.
type userSeen struct {
	deleted            bool
	fields             userFields
	kind               UserType
	created, blockedAt int64
}

func seenOf(u *User) userSeen {
	if u.Deleted() {
		return userSeen{deleted: true}
	}
	return userSeen{
		fields: fieldsOf(u), kind: u.Profile.Type,
		created: u.CreatedAt.UnixMilli(), blockedAt: u.BlockStatusUpdatedAt.UnixMilli(),
	}
}
