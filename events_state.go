package messembed

import (
	"context"
	"log/slog"
	"sync"
)

// eventState reports to OnState and the log how messages are received. The
// connection and the reading back fail independently: while the latter fails,
// nothing is yielded, whatever the state of the connection.
type eventState struct {
	tell   func(ConnectionState, error) // may be nil
	logger *slog.Logger                 // may be nil

	mu         sync.Mutex
	connection ConnectionState
	told       ConnectionState
}

// connectionIs reports a state of the connection. It is called by the
// connection's goroutine.
func (s *eventState) connectionIs(state ConnectionState, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connection = state
	s.say(state, err)
}

// cannotRead reports that reading back failed.
func (s *eventState) cannotRead(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.say(StateDisconnected, err)
}

// canRead reports that reading back works again: the state is the connection's.
func (s *eventState) canRead() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connection != "" {
		s.say(s.connection, nil)
	}
}

func (s *eventState) say(state ConnectionState, err error) {
	if state == s.told && err == nil {
		return
	}
	s.told = state
	if s.logger != nil {
		level, attrs := slog.LevelInfo, []slog.Attr{slog.String("op", "MessageEvents"), slog.String("state", string(state))}
		if err != nil {
			level, attrs = slog.LevelWarn, append(attrs, slog.Any("error", err))
		}
		s.logger.LogAttrs(context.Background(), level, "messembed: live events", attrs...)
	}
	if s.tell != nil {
		s.tell(state, err)
	}
}
