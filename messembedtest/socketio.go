package messembedtest

import "net/http"

// serveSocketIO answers everything under the path of socket.io. It stands here for the endpoint to come, and answers as a server would that has
// none: it knows no such route.
func (s *Server) serveSocketIO(w http.ResponseWriter, r *http.Request) {
	failed := noRoute(r.Method, r.RequestURI)
	s.sendJSON(w, r, failed.status, failed.body)
}

// announce tells the live connections of a new message; chatBefore is its chat as it was before. It is called with the Server's documents
// locked, so that events come in order of creation: it must neither wait nor read them.
func (s *Server) announce(message, chatBefore *object) {}
