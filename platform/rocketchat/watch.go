package rocketchat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
	"github.com/messembed/messembed-go/platform/rocketchat/internal/ddp"
)

// checkInterval is how often the states are read while the stream is up: the
// service switches its broadcast off without notice when a workspace exceeds
// 200 connections.
const checkInterval = time.Minute

// watch is one WatchPresence. The states are read over REST at once, after each
// connect of the stream and at intervals; in between, the stream reports
// changes. Everything is combined in run, which alone calls yield.
type watch struct {
	platform *platform
	call     *messembed.Call
	ids      []string
	yield    func(*messembed.Presence) bool

	inbox     *inbox
	reads     chan read
	streaming bool
	settled   bool // the states were read once, so address and credentials are good, and the stream runs

	known map[string]*messembed.Presence // what was yielded last; nil for a watched user of whom nothing was yielded

	// A read in progress.
	reading bool
	heard   map[string]bool // users whom the stream reported since the read began: its report is newer
	again   bool            // its result may be outdated already
	readAt  time.Time       // when the next one is due; not while one is in progress
}

// read is the result of reading the states.
type read struct {
	states []ddp.Change
	err    error
	crash  adapter.Crash // of the caller's transport
}

// WatchPresence yields the state of every id, then each change, until ctx ends.
func (p *platform) WatchPresence(ctx context.Context, call *messembed.Call, userIDs []string, yield func(*messembed.Presence) bool) error {
	w := &watch{
		platform: p, call: call, yield: yield,
		inbox: newInbox(), reads: make(chan read, 1),
		known: make(map[string]*messembed.Presence, len(userIDs)), heard: map[string]bool{},
	}
	for _, id := range userIDs {
		if _, twice := w.known[id]; !twice {
			w.known[id] = nil
			w.ids = append(w.ids, id)
		}
	}
	if len(w.ids) == 0 {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	var helpers sync.WaitGroup
	defer helpers.Wait()
	defer cancel()
	return w.run(ctx, &helpers)
}

func (w *watch) run(ctx context.Context, helpers *sync.WaitGroup) error {
	w.readAt = time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var due <-chan time.Time
		if !w.reading {
			timer.Reset(time.Until(w.readAt))
			due = timer.C
		}
		more := true
		select {
		case <-ctx.Done():
			return nil
		case <-due:
			w.reading, w.again = true, false
			clear(w.heard)
			helpers.Go(func() {
				var got read
				defer func() { w.reads <- got }()
				got.crash.Guard(func() { got.states, got.err = w.readAll(ctx) })
			})
		case <-w.inbox.awake:
			more = w.hear()
		case got := <-w.reads:
			got.crash.GoOn()
			if got.err != nil {
				return got.err
			}
			// What the stream has reported is newer, or will be followed by
			// something newer.
			more = w.hear() && w.take(got.states)
			if !w.settled {
				w.settled = true
				helpers.Go(func() { w.stream(ctx) })
			}
		}
		if !more {
			return nil
		}
	}
}

// stream runs the stream until ctx ends. A panic of the caller's transport is
// passed on like the result of a read.
func (w *watch) stream(ctx context.Context) {
	var crash adapter.Crash
	defer func() {
		if !crash.Happened() {
			return
		}
		select {
		case w.reads <- read{crash: crash}:
		case <-ctx.Done():
		}
	}()
	crash.Guard(func() { w.platform.stream(ctx, w.call, w.ids, w.inbox) })
}

// hear processes what the stream has put into the inbox.
func (w *watch) hear() bool {
	for _, n := range w.inbox.take() {
		switch n.kind {
		case changed:
			if _, watched := w.known[n.change.UserID]; !watched {
				continue
			}
			w.heard[n.change.UserID] = true
			if !w.tell(n.change) {
				return false
			}
		case begun:
			w.streaming = true
			w.readSoon(0)
		case broken:
			w.streaming = false
			w.readSoon(w.call.PollInterval())
		case overflow:
			w.again = true
			w.readSoon(0)
		}
	}
	return true
}

// readSoon schedules a read of the states within d. One in progress began too
// early to count.
func (w *watch) readSoon(d time.Duration) {
	if w.reading {
		w.again = w.again || d == 0
		return
	}
	if at := time.Now().Add(d); at.Before(w.readAt) {
		w.readAt = at
	}
}

// take yields the states that were read, as far as they are new.
func (w *watch) take(states []ddp.Change) bool {
	w.reading = false
	switch {
	case w.again:
		w.readAt = time.Now()
	case w.streaming:
		w.readAt = time.Now().Add(max(checkInterval, w.call.PollInterval()))
	default:
		w.readAt = time.Now().Add(w.call.PollInterval())
	}
	for _, state := range states {
		if !w.heard[state.UserID] && !w.tell(state) {
			return false
		}
	}
	return true
}

// tell yields a state, unless it equals the last one yielded.
func (w *watch) tell(state ddp.Change) bool {
	last := w.known[state.UserID]
	if !state.HasText && last != nil {
		state.Text = last.Text
	}
	now := presenceOf(state.UserID, state.Status, state.Text)
	if last != nil && last.Status == now.Status && last.Text == now.Text {
		return true
	}
	w.known[state.UserID] = now
	given := *now
	return w.yield(&given)
}

// readAll reads all states, retrying for as long as it takes: only permanent
// failures are errors.
func (w *watch) readAll(ctx context.Context) ([]ddp.Change, error) {
	states := make([]ddp.Change, 0, len(w.ids))
	for some := range slices.Chunk(w.ids, idsAtOnce) {
		got, err := patiently(ctx, w, func() ([]ddp.Change, error) { return w.platform.presences(ctx, w.call, some) })
		if errors.Is(err, errBroadcastOff) {
			got, err = w.readEach(ctx, some)
		}
		if err != nil {
			return nil, err
		}
		states = append(states, got...)
	}
	return states, nil
}

// idsAtOnce keeps the URL short enough for any proxy, with ids of 17
// characters.
const idsAtOnce = 100

func (w *watch) readEach(ctx context.Context, ids []string) ([]ddp.Change, error) {
	states := make([]ddp.Change, 0, len(ids))
	for _, id := range ids {
		state, err := patiently(ctx, w, func() (ddp.Change, error) { return w.platform.presence(ctx, w.call, id) })
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	return states, nil
}

// patiently calls ask until it succeeds or fails permanently. Other failures
// are retried after the backoff, or the pause that the service asks for.
func patiently[T any](ctx context.Context, w *watch, ask func() (T, error)) (T, error) {
	backoff := w.call.Backoff()
	for {
		w.call.Renew()
		got, err := ask()
		e, ok := errors.AsType[*messembed.Error](err)
		if !ok || adapter.Hopeless(e, w.settled) {
			return got, err
		}
		if !backoff.Wait(ctx, e.RetryAfter) {
			return got, ctx.Err()
		}
	}
}
