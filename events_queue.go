package messembed

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

const defaultEventBuffer = 1024

// eventQueue sits between the connection, which must not wait, and the
// consumer, which may be slow. It holds live events as they came, undecoded,
// and marks where something is missing between them. It is bounded: when it is
// full, events are dropped until the consumer has reached the mark behind the
// last one that fitted.
type eventQueue struct {
	limit int
	now   func() time.Time // the service's clock
	wake  chan struct{}    // buffered; signals that something was added

	mu       sync.Mutex
	items    []queuedEvent
	dropping bool
}

// queuedEvent is a live event, or a mark to read back.
type queuedEvent struct {
	args     json.RawMessage
	readBack bool
	// since is, in a mark, the time from which on every announced event is
	// behind it in the queue.
	since time.Time
}

func newEventQueue(limit int, now func() time.Time) *eventQueue {
	if limit == 0 {
		limit = defaultEventBuffer
	}
	return &eventQueue{limit: limit, now: now, wake: make(chan struct{}, 1)}
}

// push adds a live event, if there is room.
func (q *eventQueue) push(args json.RawMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.dropping:
		return
	case len(q.items) >= q.limit:
		q.dropping = true
		q.add(queuedEvent{readBack: true})
	default:
		q.add(queuedEvent{args: args})
	}
}

// readBack adds a mark. Two in a row become one.
func (q *eventQueue) readBack() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if n := len(q.items); n > 0 && q.items[n-1].readBack {
		return
	}
	q.add(queuedEvent{readBack: true, since: q.now()})
}

func (q *eventQueue) add(e queuedEvent) {
	q.items = append(q.items, e)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// pop waits for the next item until ctx ends.
func (q *eventQueue) pop(ctx context.Context) (queuedEvent, bool) {
	for {
		if e, ok := q.take(); ok {
			return e, ctx.Err() == nil
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return queuedEvent{}, false
		}
	}
}

func (q *eventQueue) take() (queuedEvent, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return queuedEvent{}, false
	}
	e := q.items[0]
	q.items[0] = queuedEvent{} // release it: the array lives on
	q.items = q.items[1:]
	if e.readBack && len(q.items) == 0 && q.dropping {
		q.dropping = false // there is room again from here on
		e.since = q.now()
	}
	return e, true
}
