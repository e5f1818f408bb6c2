package messembedtest

import (
	"crypto/hmac"
	"net/http"
)

// newMessageEvent is what administrators hear of.
const newMessageEvent = "admin__new_message"

// isLiveAdmin tells whether a handshake's query has the administrator's password. Any username goes with it, but none does not.
func (s *Server) isLiveAdmin(query socketQuery) bool {
	return query.has("username") && query.has("password") && hmac.Equal([]byte(query.text("password")), []byte(s.password))
}

// serveLiveEvents answers what goes to engine.io.
func (s *Server) serveLiveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header()["Date"] = []string{s.httpDate()}
	s.liveEvents.serve(w, r)
}

// announce tells the live connections of a new message; chatBefore is its chat as it was before. It is called with the Server's documents
// locked, so that events come in order of creation: it neither waits nor reads them.
func (s *Server) announce(message, chatBefore *object) {
	if s.liveEvents.isEmpty() {
		return
	}
	s.liveEvents.emit(newMessageEvent, appendJSON(nil, newObject("message", message, "chat", chatBefore)))
}

// DropConnections breaks every open live-event connection, as a network does that fails: over a socket, the client sees a reset.
func (s *Server) DropConnections() {
	for _, session := range s.liveEvents.all() {
		session.drop()
	}
}

// StallConnections keeps every open live-event connection open and says nothing more on it, not even to a ping, as a server does that hangs.
// Connections that are opened afterwards are not concerned.
func (s *Server) StallConnections() {
	for _, session := range s.liveEvents.all() {
		session.stall()
	}
}

// RefuseWebsockets makes the fake answer every attempt to open a websocket with 403, as a proxy would that lets none through, until it is called
// with false. Connections that are open stay so, and long polling goes on working.
func (s *Server) RefuseWebsockets(refuse bool) { s.liveEvents.refuseWebsockets(refuse) }
