package socketio

// Drop breaks all open connections, as a failing network does: over a socket,
// the client sees a reset.
func (h *Server) Drop() {
	for _, s := range h.all() {
		s.drop()
	}
}

// Stall keeps the open connections open but sends nothing more on them, not
// even pongs.
func (h *Server) Stall() {
	for _, s := range h.all() {
		s.stall()
	}
}

// RefuseWebsockets makes the Server respond 403 to new websockets, or accept them
// again.
func (h *Server) RefuseWebsockets(refuse bool) {
	defer h.cfg.Changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = refuse
}

// RefusesWebsockets reports whether new websockets are refused.
func (h *Server) RefusesWebsockets() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refuse
}
