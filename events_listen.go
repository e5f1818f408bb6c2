package messembed

import (
	"context"
	"errors"
	"time"

	"github.com/messembed/messembed-go/internal/engineio"
	"github.com/messembed/messembed-go/internal/httpcall"
)

const (
	// eventPolling is how often messages are read back without a websocket, and
	// websocketRetry how often a websocket is tried meanwhile.
	eventPolling, websocketRetry = time.Second, time.Minute
)

// listen keeps a connection, or polls, until ctx ends. It never waits for the
// consumer.
func (s *eventStream) listen(ctx context.Context) {
	if s.call.client.cfg.basic == nil {
		s.state.connectionIs(StatePolling, nil)
		_, _ = s.poll(ctx, nil)
		return
	}
	backoff := s.call.Backoff()
	for ctx.Err() == nil {
		conn, err := s.dial(ctx)
		if _, refused := errors.AsType[*engineio.RefusedError](err); refused {
			s.state.connectionIs(StatePolling, s.connectionError(err))
			conn, err = s.poll(ctx, s.dial)
		}
		if err == nil {
			connected := time.Now()
			err = s.hear(conn)
			backoff.Lasted(time.Since(connected))
		}
		if ctx.Err() != nil {
			return
		}
		s.state.connectionIs(StateDisconnected, s.connectionError(err))
		s.queue.readBack() // a proxy may break every websocket and yet let REST through
		backoff.Wait(ctx, 0)
	}
}

// hear queues events until the connection is lost, and returns the reason. It
// begins with a mark to read back, from which on nothing is missed.
func (s *eventStream) hear(conn *engineio.Conn) error {
	defer conn.Close()
	s.queue.readBack()
	s.state.connectionIs(StateConnected, nil)
	for {
		event, err := conn.Receive()
		if err != nil {
			return err
		}
		if event.Name == newMessageEvent {
			s.queue.push(event.Args)
		}
	}
}

// poll queues a mark to read back once a second, until a websocket is accepted
// after all. It returns an error only if ctx has ended.
func (s *eventStream) poll(ctx context.Context, dial func(context.Context) (*engineio.Conn, error)) (*engineio.Conn, error) {
	type dialled struct {
		conn  *engineio.Conn
		err   error
		crash httpcall.Crash
	}
	var dialling chan dialled
	defer func() {
		if dialling != nil {
			d := <-dialling // a connection ends with ctx
			d.crash.GoOn()
		}
	}()
	var again <-chan time.Time
	tick := time.Tick(eventPolling)
	for s.queue.readBack(); ; {
		if dial != nil && again == nil && dialling == nil {
			again = time.After(websocketRetry)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick:
			s.queue.readBack()
		case <-again:
			again, dialling = nil, make(chan dialled, 1)
			go func(result chan<- dialled) {
				var d dialled
				defer func() { result <- d }()
				d.crash.Guard(func() { d.conn, d.err = dial(ctx) })
			}(dialling)
		case d := <-dialling:
			dialling = nil
			d.crash.GoOn()
			if d.err == nil {
				return d.conn, nil
			}
		}
	}
}

// connectionError returns the error to report to OnState.
func (s *eventStream) connectionError(err error) error {
	e := &Error{Op: s.call.op, Kind: ErrUnavailable, Err: httpcall.NewCause(err)}
	if refused, ok := errors.AsType[*engineio.RefusedError](err); ok {
		e.StatusCode, e.Message, e.Err = refused.StatusCode, "websocket refused", nil
	}
	return e
}
