package messembedtest

import (
	"crypto/hmac"
	"net/http"
)

// newMessageEvent is what administrators hear of.
const newMessageEvent = "admin__new_message"

// isLivePassword tells whether a handshake's credentials are the administrator's.
func (s *Server) isLivePassword(_, password string) bool {
	return hmac.Equal([]byte(password), []byte(s.password))
}

// live is the fake's live-event endpoint.
func (s *Server) live() *socketIO { return s.liveEvents }

// serveSocketIO answers everything under the path of socket.io.
func (s *Server) serveSocketIO(w http.ResponseWriter, r *http.Request) { s.live().serve(w, r) }

// announce tells the live connections of a new message; chatBefore is its chat as it was before. It is called with the Server's documents
// locked, so that events come in order of creation: it neither waits nor reads them.
func (s *Server) announce(message, chatBefore *object) {
	h := s.live()
	if h.isEmpty() {
		return
	}
	h.emit(newMessageEvent, appendJSON(nil, newObject("message", message, "chat", chatBefore)))
}

// settle waits, for a moment at most, until what was announced is written: the real server has done that when it answers. It is called
// without the lock.
func (s *Server) settle() { s.live().settle() }

// DropConnections breaks every open live-event connection, as a network does that fails: over a socket, the client sees a reset.
func (s *Server) DropConnections() {
	for _, session := range s.live().all() {
		session.drop()
	}
}

// StallConnections keeps every open live-event connection open and says nothing more on it, not even to a ping, as a server does that hangs.
// Connections that are opened afterwards are not concerned.
func (s *Server) StallConnections() {
	for _, session := range s.live().all() {
		session.stall()
	}
}

// RefuseWebsockets makes the fake answer every attempt to open a websocket with 403, as a proxy would that lets none through, until it is called
// with false. Connections that are open stay so, and long polling goes on working.
func (s *Server) RefuseWebsockets(refuse bool) { s.live().refuseWebsockets(refuse) }
