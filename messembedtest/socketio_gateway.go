package messembedtest

import (
	"maps"
	"strings"
)

// handleLocked does what Messembed's gateway does for an administrator. The users' own events are
// not for administrators: the gateway responds with its only error. Packets for namespaces other
// than "/" are ignored, since there are no others.
func (s *session) handleLocked(packet socketPacket) {
	switch {
	case packet.kind == socketConnect:
		s.connectLocked(packet.namespace)
	case packet.namespace != "/" || !s.joined:
	case packet.kind == socketDisconnect:
		s.joined = false
		s.unsubscribeLocked()
	case packet.kind == socketEvent || packet.kind == socketBinaryEvent:
		switch packet.event {
		case "send_message", "send_writing", "mark_message_as_read":
			s.sendLocked(`42["exception",{"status":"error","message":"Internal server error"}]`)
		case "disconnect": // the gateway mistakes it for the real thing
			s.unsubscribeLocked()
		}
	}
}

// connectLocked joins the root namespace. The query of a namespace takes precedence over that of
// the connection.
func (s *session) connectLocked(namespace string) {
	path := namespacePath(namespace)
	if path != "/" {
		s.sendLocked("44" + path + `,"Invalid namespace"`)
		return
	}
	query := maps.Clone(s.query)
	maps.Copy(query, queryOf(namespace))
	s.joinLocked(query)
}

func (s *session) joinLocked(query socketQuery) {
	s.joined = true
	s.admin = s.io.isAdmin(query)
	if s.admin {
		s.subscriptions++
	}
}

// unsubscribeLocked ends the subscription of an administrator who was the last to join.
func (s *session) unsubscribeLocked() {
	if s.admin {
		s.admin = false
		s.subscriptions--
	}
}

// namespaceEscapes are the escapes of node's url.parse for a path that is not simple.
var namespaceEscapes = strings.NewReplacer(
	"\t", "%09", "\n", "%0A", "\r", "%0D", " ", "%20", `"`, "%22", "'", "%27", "<", "%3C", ">", "%3E",
	"^", "%5E", "`", "%60", "{", "%7B", "|", "%7C", "}", "%7D",
)

// namespacePath returns the path of a namespace as url.parse does.
func namespacePath(namespace string) string {
	namespace = strings.TrimFunc(namespace, isSpace)
	simple := !strings.ContainsFunc(namespace, isSpace) && !strings.Contains(namespace, "#")
	if end := strings.IndexAny(namespace, "?#"); end >= 0 {
		namespace = namespace[:end]
	}
	namespace = strings.ReplaceAll(namespace, `\`, "/")
	if simple {
		return namespace
	}
	return namespaceEscapes.Replace(namespace)
}
