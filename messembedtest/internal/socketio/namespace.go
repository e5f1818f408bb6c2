package socketio

import (
	"maps"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// handleLocked handles a packet of the root namespace. Packets for others are
// ignored, since there are none.
func (s *session) handleLocked(packet socketPacket) {
	switch {
	case packet.kind == socketConnect:
		s.connectLocked(packet.namespace)
	case packet.namespace != "/" || !s.joined:
	case packet.kind == socketDisconnect:
		s.joined = false
		s.unsubscribeLocked()
	case packet.kind == socketEvent || packet.kind == socketBinaryEvent:
		reply, leaves := s.io.cfg.Receive(packet.event)
		if reply != "" {
			s.sendLocked("42" + reply)
		}
		if leaves {
			s.unsubscribeLocked()
		}
	}
}

// connectLocked joins the root namespace. The query of a namespace takes
// precedence over that of the connection.
func (s *session) connectLocked(namespace string) {
	path := namespacePath(namespace)
	if path != "/" {
		s.sendLocked("44" + path + `,"Invalid namespace"`)
		return
	}
	query := maps.Clone(s.query)
	maps.Copy(query, node.QueryOf(namespace))
	s.joinLocked(query)
}

func (s *session) joinLocked(query node.Query) {
	s.joined = true
	s.listens = s.io.cfg.Listens(query)
	if s.listens {
		s.subscriptions++
	}
}

// unsubscribeLocked ends the subscription of a client that listened when it
// joined last.
func (s *session) unsubscribeLocked() {
	if s.listens {
		s.listens = false
		s.subscriptions--
	}
}

// namespaceEscapes are the escapes of node's url.parse for a path that is not
// simple.
var namespaceEscapes = strings.NewReplacer(
	"\t", "%09", "\n", "%0A", "\r", "%0D", " ", "%20", `"`, "%22", "'", "%27", "<", "%3C", ">", "%3E",
	"^", "%5E", "`", "%60", "{", "%7B", "|", "%7C", "}", "%7D",
)

// namespacePath returns the path of a namespace as url.parse does.
func namespacePath(namespace string) string {
	namespace = strings.TrimFunc(namespace, js.IsSpace)
	simple := !strings.ContainsFunc(namespace, js.IsSpace) && !strings.Contains(namespace, "#")
	if end := strings.IndexAny(namespace, "?#"); end >= 0 {
		namespace = namespace[:end]
	}
	namespace = strings.ReplaceAll(namespace, `\`, "/")
	if simple {
		return namespace
	}
	return namespaceEscapes.Replace(namespace)
}
