package messembed

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/messembed/messembed-go/internal/jsonstream"
)

// eventPage is the largest number of messages read back at once.
const eventPage = 500

// eventStream is one range over MessageEvents. Two goroutines share the work:
// the connection's puts the events into the queue and marks where something is
// missing; the consumer's takes them out, reads back at the marks, and yields.
// So a slow consumer slows down nobody else, and what is yielded has one order.
type eventStream struct {
	api      *adminAPI
	call     *Call
	options  EventOptions
	yield    func(*MessageEvent) bool
	state    *eventState
	queue    *eventQueue
	clock    eventClock
	position *eventPosition
	parser   *jsonstream.Parser // shared by all events, which have the same keys
	page     int                // number of messages to read back at once
}

// run yields until ctx ends, the consumer stops or the credentials are
// rejected.
func (s *eventStream) run(ctx context.Context) error {
	for {
		next, ok := s.queue.pop(ctx)
		if !ok {
			return nil
		}
		var more bool
		var err error
		if next.readBack {
			more, err = s.readBack(ctx)
		} else {
			more, err = s.live(ctx, next.args)
		}
		if err != nil || !more {
			return err
		}
	}
}

// live yields an event as it was announced. One that cannot be decoded, or does
// not say which message it is about, is looked up where it is stored.
func (s *eventStream) live(ctx context.Context, args json.RawMessage) (more bool, err error) {
	s.parser.Reset(args)
	event, err := readWhole(s.parser, readMessageEvent)
	if err != nil {
		return s.readBack(ctx)
	}
	if !s.position.pass(event.Message, s.clock.now()) {
		return true, nil
	}
	return s.yield(s.position.stamp(event)), nil
}

// readBack yields everything that is stored from two seconds before the last
// message seen and was not yielded yet.
func (s *eventStream) readBack(ctx context.Context) (more bool, err error) {
	more = true
	err = s.untilFinal(ctx, isRefused, func() error {
		return s.walk(ctx, func(m *Message) bool {
			if s.position.pass(m, s.clock.now()) {
				more = s.yield(s.position.stamp(&MessageEvent{Message: m, Replayed: true}))
			}
			return more && ctx.Err() == nil
		})
	})
	return more && ctx.Err() == nil, err
}

// walk reads back page by page.
func (s *eventStream) walk(ctx context.Context, each func(*Message) bool) error {
	return s.inPages(func(size int) error {
		p := ListMessagesParams{After: s.position.readFrom(s.position.last), Limit: size}
		return s.call.client.walkMessages(ctx, s.newCall(), p, each)
	})
}

// inPages calls read with the size of a page. If a page exceeds
// WithMaxResponseBytes it tries smaller ones, since the same request would fail
// forever.
func (s *eventStream) inPages(read func(size int) error) error {
	for {
		err := read(s.page)
		if !errors.Is(err, ErrTooLarge) || s.page == 1 {
			s.page = min(2*s.page, eventPage)
			return err
		}
		s.page /= 2
	}
}

// untilFinal calls try until it succeeds, ctx ends, which is not an error, or the
// failure is final.
func (s *eventStream) untilFinal(ctx context.Context, isFinal func(error) bool, try func() error) error {
	backoff := s.call.Backoff()
	for failed := false; ; failed = true {
		err := try()
		switch {
		case ctx.Err() != nil:
			return nil
		case err == nil && failed:
			s.state.canRead()
			return nil
		case err == nil:
			return nil
		case isFinal(err):
			return err
		}
		s.state.cannotRead(err)
		backoff.Wait(ctx, askedPause(err))
	}
}

func isRefused(err error) bool { return errors.Is(err, ErrUnauthenticated) }

// isRefusedOrWrong is for the first request.
func isRefusedOrWrong(err error) bool { return isRefused(err) || errors.Is(err, ErrUnsupported) }

// askedPause returns the pause that the service asked for in an error.
func askedPause(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// newCall returns a separate call for each request, with a fresh WithTimeout.
func (s *eventStream) newCall() *Call {
	call := *s.call
	call.options.requestID = newRequestID()
	call.Renew()
	return &call
}
