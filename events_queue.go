package messembed

import (
	"context"
	"encoding/json"
	"sync"
)

const (
	defaultEventBuffer = 1024
	// eventBytes is how much JSON the queue holds for each event that it may
	// hold; the last one may exceed it.
	eventBytes = 16 << 10
)

// eventQueue sits between the connection, which must not wait, and the
// consumer, which may be slow. It holds live events as they came, undecoded,
// and marks where something is missing between them. It is bounded: when it is
// full, events are dropped until the consumer has reached the mark behind the
// last one that fitted.
type eventQueue struct {
	limit int
	wake  chan struct{} // buffered; signals that something was added

	mu       sync.Mutex
	items    []queuedEvent
	bytes    int // of the events in items
	dropping bool
	reading  bool // the consumer is at a mark
}

// queuedEvent is a live event, or a mark to read back.
type queuedEvent struct {
	args     json.RawMessage
	readBack bool
}

func newEventQueue(limit int) *eventQueue {
	return &eventQueue{limit: limit, wake: make(chan struct{}, 1)}
}

// push adds a live event, if there is room.
func (q *eventQueue) push(args json.RawMessage) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.dropping:
		return
	case len(q.items) >= q.limit || q.bytes >= q.limit*eventBytes:
		q.dropping = true
		q.mark()
	default:
		q.bytes += len(args)
		q.add(queuedEvent{args: args})
	}
}

// readBack adds a mark.
func (q *eventQueue) readBack() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.mark()
}

// mark adds a mark. Two in a row become one. While the consumer is at an earlier
// mark, the events in between are left to the new one: reading back may find so
// many messages after them that they would not be recognized.
func (q *eventQueue) mark() {
	if q.reading {
		q.items, q.bytes = nil, 0
	}
	if n := len(q.items); n == 0 || !q.items[n-1].readBack {
		q.add(queuedEvent{readBack: true})
	}
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
	q.reading = false
	if len(q.items) == 0 {
		return queuedEvent{}, false
	}
	e := q.items[0]
	q.items[0] = queuedEvent{} // release it: the array lives on
	q.items = q.items[1:]
	q.bytes -= len(e.args)
	q.reading = e.readBack
	if len(q.items) == 0 {
		q.dropping = false // there is room again from here on
	}
	return e, true
}
