package messembedtest

import (
	"crypto/hmac"
	"net/http"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// newMessageEvent is the event that administrators receive.
const newMessageEvent = "admin__new_message"

// isLiveAdmin reports whether a handshake's query has the administrator's
// password. Any username is accepted with it, but not a missing one.
func (s *Server) isLiveAdmin(query node.Query) bool {
	return query.Has("username") && query.Has("password") && hmac.Equal([]byte(query.Text("password")), []byte(s.password))
}

// receiveEvent handles an event that an administrator sent. The users' own
// events are not for administrators: the gateway responds with its only error.
// An event called "disconnect" it mistakes for the real thing.
func receiveEvent(event string) (reply string, leaves bool) {
	switch event {
	case "send_message", "send_writing", "mark_message_as_read":
		return `["exception",{"status":"error","message":"Internal server error"}]`, false
	default:
		return "", event == "disconnect"
	}
}

// liveOperation serves requests to the live events.
func (s *Server) liveOperation() fakehttp.Operation {
	return fakehttp.Operation{Name: "MessageEvents", Takeover: func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = []string{node.HTTPDate(s.now())}
		s.liveEvents.ServeHTTP(w, r)
	}}
}

// announce sends a new message to the live connections; chatBefore is its chat
// as it was before. It is called with the Server's documents locked, so that
// events are sent in order of creation: it neither waits nor reads the
// documents.
func (s *Server) announce(message, chatBefore *js.Object) {
	if s.liveEvents.IsEmpty() {
		return
	}
	s.liveEvents.Emit(newMessageEvent, js.AppendJSON(nil, js.NewObject("message", message, "chat", chatBefore)))
}

// DropConnections breaks all open live-event connections, as a failing network
// does: over a socket, the client sees a reset.
func (s *Server) DropConnections() { s.liveEvents.Drop() }

// StallConnections keeps the open live-event connections open but sends nothing
// more on them, not even pongs, as a hanging server does. Connections that are
// opened afterwards are not affected.
func (s *Server) StallConnections() { s.liveEvents.Stall() }

// RefuseWebsockets makes the fake respond 403 to new websockets, as a proxy
// would, or accept them again. Open connections stay open, and long polling
// keeps working.
func (s *Server) RefuseWebsockets(refuse bool) { s.liveEvents.RefuseWebsockets(refuse) }
