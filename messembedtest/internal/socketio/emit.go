package socketio

import "time"

// IsEmpty reports whether there are no connections.
func (h *Server) IsEmpty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sessions) == 0
}

// Emit queues an event for every client that listens, without waiting. The data
// is JSON.
func (h *Server) Emit(event string, data []byte) {
	packet := string(append(append(append([]byte(`42["`), event...), `",`...), data...)) + "]"
	for _, s := range h.all() {
		s.emit(packet)
	}
}

// Settle waits until the queued packets are written to the connections that
// accept them, so that an event leaves before the response to the request that
// caused it. It waits only a moment for a connection that accepts nothing.
func (h *Server) Settle() {
	var written []<-chan struct{}
	for _, s := range h.all() {
		if w := s.written(); w != nil {
			written = append(written, w)
		}
	}
	if len(written) == 0 {
		return
	}
	const moment = 20 * time.Millisecond
	timer := time.NewTimer(moment)
	defer timer.Stop()
	for _, w := range written {
		select {
		case <-w:
		case <-timer.C:
			return
		}
	}
}
