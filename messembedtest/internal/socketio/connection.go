package socketio

import (
	"cmp"
	"slices"
	"time"

	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// A Connection describes an open connection.
type Connection struct {
	ID        string
	Transport string     // "websocket" or "polling"
	Query     node.Query // of its handshake
	Listens   bool       // it hears what is emitted
	Stalled   bool       // by Stall
	Events    int        // the number of events sent to it
	Since     time.Time
	Client    string // its User-Agent
	Address   string
}

// Connections returns the open connections, the oldest first.
func (h *Server) Connections() []Connection {
	var all []Connection
	for _, s := range h.all() {
		all = append(all, s.connection())
	}
	slices.SortFunc(all, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (s *session) connection() Connection {
	transport := s.transport()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Connection{s.id, transport, s.query, s.subscriptions > 0, s.stalled, s.heard, s.since, s.client, s.address}
}
