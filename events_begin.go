package messembed

import (
	"context"
	"net/http"
	"time"
)

// eventClock knows the service's time as well as it can be known: the Date
// header may be a proxy's, and the local clock may be wrong as well.
type eventClock struct {
	earlier, later time.Time // what the two said when the range began
	asked          time.Time // when that was, by the local clock
}

// now returns a time that is not before the service's, if one of the clocks is
// right. What is dated after it is dated in the future.
func (c eventClock) now() time.Time { return c.later.Add(time.Since(c.asked)) }

// begin checks the credentials, which the live connection would not report, and
// finds out where the range begins. Once the service has answered, a missing
// route is a temporary problem of a proxy.
func (s *eventStream) begin(ctx context.Context) error {
	err := s.untilFinal(ctx, isRefusedOrWrong, func() error { return s.check(ctx) })
	if err != nil || ctx.Err() != nil {
		return err
	}
	if s.position != nil {
		return nil // it goes on
	}
	since := s.options.Since
	if !since.IsZero() && since.Before(s.clock.earlier) {
		s.position = newEventPosition(since, s.options.Buffer)
		return nil
	}
	return s.untilFinal(ctx, isRefused, func() error {
		newest, err := s.newestMessage(ctx)
		if err != nil {
			return err
		}
		floor := newest
		if !newest.IsZero() { // what was sent since the range began, if finding it took long, is not older
			floor = newest.Add(-eventOverlap - time.Since(s.clock.asked))
		}
		if !since.IsZero() {
			floor = earlierOf(floor, since)
		}
		s.position = newEventPosition(floor, s.options.Buffer)
		return s.noteExisting(ctx, newest.Add(eventOverlap))
	})
}

// check checks the credentials and takes the time from the response.
func (s *eventStream) check(ctx context.Context) error {
	var meta Meta
	check := s.newCall()
	check.options.meta = &meta
	if err := s.call.client.platform.CheckCredentials(ctx, check); err != nil {
		return err
	}
	asked := time.Now()
	date, err := http.ParseTime(meta.Header.Get("Date"))
	if err != nil {
		date = asked
	}
	s.clock = eventClock{earlier: earlierOf(date, asked), later: laterOf(date, asked), asked: asked}
	return nil
}

// newestMessage finds when the newest message was created, give or take
// eventOverlap; the zero time means that there is none. Whatever the clocks say,
// messages that are new are not older. Messages dated in the future do not count.
//
// The service lists the oldest first. So it is asked for what follows a time
// ever longer ago until it finds something, and then for the middle of what
// remains if that is more than a page.
func (s *eventStream) newestMessage(ctx context.Context) (time.Time, error) {
	end := s.clock.later.Add(time.Second) // the Date header has no fractions
	at, found := end.Add(-eventOverlap), time.Time{}
	for back := time.Minute; end.Sub(found) > eventOverlap; {
		newest, isLast, err := s.newestBetween(ctx, at, end)
		switch {
		case err != nil || isLast:
			return newest, err
		case !newest.IsZero():
			found = newest
		case at.IsZero():
			return time.Time{}, nil
		default:
			end = at
		}
		switch {
		case !found.IsZero():
			at = found.Add(end.Sub(found) / 2)
		case back > 365*24*time.Hour:
			at = time.Time{}
		default:
			at, back = at.Add(-back), 60*back
		}
	}
	return found, nil
}

// newestBetween reads the first page of the messages from start on, and returns
// the latest timestamp before end, if there is one. isLast reports whether that
// is known to be the last one before end.
func (s *eventStream) newestBetween(ctx context.Context, start, end time.Time) (newest time.Time, isLast bool, err error) {
	err = s.inPages(func(size int) error {
		page, err := s.api.ListMessages(ctx, s.newCall(), ListMessagesParams{After: start, Limit: size})
		if err != nil {
			return err
		}
		isLast = len(page.Messages) < size
		for _, m := range page.Messages {
			if !m.CreatedAt.Before(end) {
				isLast = true
				break
			}
			newest = m.CreatedAt
		}
		return nil
	})
	return newest, isLast && !newest.IsZero(), err
}

// noteExisting records the messages that exist when the range begins, which are
// not to be yielded. That may take long if the service is in trouble; messages
// created meanwhile are new. Those after newest are dated in the future.
func (s *eventStream) noteExisting(ctx context.Context, newest time.Time) error {
	since, meanwhile := s.options.Since, s.clock.earlier.Add(time.Second)
	return s.walk(ctx, func(m *Message) bool {
		isNew := !m.CreatedAt.Before(meanwhile) && time.Since(s.clock.asked) > time.Second ||
			!since.IsZero() && !m.CreatedAt.Before(since)
		if !isNew {
			s.position.pass(m, newest)
		}
		return true
	})
}
