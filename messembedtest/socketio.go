package messembedtest

import (
	"crypto/hmac"
	"net/http"
)

// newMessageEvent is the event that administrators receive.
const newMessageEvent = "admin__new_message"

// isLiveAdmin reports whether a handshake's query has the administrator's password. Any username is
// accepted with it, but not a missing one.
func (s *Server) isLiveAdmin(query socketQuery) bool {
	return query.has("username") && query.has("password") && hmac.Equal([]byte(query.text("password")), []byte(s.password))
}

// serveLiveEvents handles requests to engine.io.
func (s *Server) serveLiveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header()["Date"] = []string{s.httpDate()}
	s.liveEvents.serve(w, r)
}

// announce sends a new message to the live connections; chatBefore is its chat as it was before. It
// is called with the Server's documents locked, so that events are sent in order of creation: it
// neither waits nor reads the documents.
func (s *Server) announce(message, chatBefore *object) {
	if s.liveEvents.isEmpty() {
		return
	}
	s.liveEvents.emit(newMessageEvent, appendJSON(nil, newObject("message", message, "chat", chatBefore)))
}

// DropConnections breaks all open live-event connections, as a failing network does: over a socket,
// the client sees a reset.
func (s *Server) DropConnections() {
	for _, session := range s.liveEvents.all() {
		session.drop()
	}
}

// StallConnections keeps the open live-event connections open but sends nothing more on them, not
// even pongs, as a hanging server does. Connections that are opened afterwards are not affected.
func (s *Server) StallConnections() {
	for _, session := range s.liveEvents.all() {
		session.stall()
	}
}

// RefuseWebsockets makes the fake respond 403 to new websockets, as a proxy would, or accept them
// again. Open connections stay open, and long polling keeps working.
func (s *Server) RefuseWebsockets(refuse bool) { s.liveEvents.refuseWebsockets(refuse) }
