package rocketchattest

import (
	"encoding/json"
	"slices"
)

// statusNumbers are the numbers that the streams use for the statuses.
var statusNumbers = map[string]int{"offline": 0, "online": 1, "away": 2, "busy": 3, "disabled": 0}

// session is one DDP connection. Its fields are guarded by the Server's mutex.
type session struct {
	server *Server
	socket *socket

	connected bool
	user      *user // the logged-in user
	all       bool  // subscribed to all users
	watched   map[string]bool
	watching  string // the id of the subscription to watched
	stalled   bool
	ended     bool
	outbox    [][]byte
}

// say queues a message without blocking.
func (d *session) say(message document) {
	if d.stalled || d.ended {
		return
	}
	data, err := json.Marshal(message)
	if err != nil {
		return
	}
	d.outbox = append(d.outbox, data)
	d.socket.wake()
}

// receive handles one message from the client.
func (d *session) receive(data []byte) {
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	if d.stalled {
		return
	}
	var message struct {
		Msg, ID, Method, Name, Version string
		Support                        []string
		Params                         []json.RawMessage
	}
	if json.Unmarshal(data, &message) != nil {
		d.say(document{"msg": "error", "reason": "Parse error"})
		return
	}
	if !d.connected && message.Msg != "connect" {
		d.say(document{"msg": "error", "reason": "Must connect first"})
		return
	}
	switch message.Msg {
	case "connect":
		if message.Version != "1" || !slices.Contains(message.Support, "1") {
			d.say(document{"msg": "failed", "version": "1"})
			return
		}
		d.connected = true
		d.say(document{"msg": "connected", "session": d.server.ids.id()})
	case "ping":
		pong := document{"msg": "pong"}
		if message.ID != "" {
			pong["id"] = message.ID
		}
		d.say(pong)
	case "pong":
	case "method":
		d.method(message.ID, message.Method, message.Params)
	case "sub":
		d.subscribe(message.ID, message.Name, message.Params)
	case "unsub":
		if message.ID == d.watching {
			d.watched, d.watching = nil, ""
		}
		d.say(document{"msg": "nosub", "id": message.ID})
	default:
		d.say(document{"msg": "error", "reason": "Bad request", "offendingMessage": json.RawMessage(data)})
	}
}

// method supports only login by token.
func (d *session) method(id, name string, params []json.RawMessage) {
	refuse := func(code int, reason string) {
		d.say(document{"msg": "result", "id": id, "error": ddpError(code, reason)})
	}
	if name != "login" {
		refuse(404, "Method '"+name+"' not found")
		return
	}
	var credentials struct{ Resume string }
	if len(params) == 0 || json.Unmarshal(params[0], &credentials) != nil || credentials.Resume == "" {
		refuse(400, "Unrecognized options for login request")
		return
	}
	t := d.server.tokens[credentials.Resume]
	if t == nil || !t.owner.active() {
		refuse(403, "You've been logged out by the server. Please log in again.")
		return
	}
	d.user = t.owner
	const validity = 90 * 24 * 3600 * 1000
	d.say(document{"msg": "result", "id": id, "result": document{
		"id": t.owner.id(), "token": credentials.Resume, "tokenExpires": document{"$date": d.server.now().UnixMilli() + validity},
	}})
	d.say(document{"msg": "updated", "methods": []string{id}})
}

func ddpError(code int, reason string) document {
	return document{"isClientSafe": true, "error": code, "reason": reason, "message": reason, "errorType": "Meteor.Error"}
}

// subscribe supports the two streams that report presence.
func (d *session) subscribe(id, name string, params []json.RawMessage) {
	var event string
	if len(params) > 0 {
		_ = json.Unmarshal(params[0], &event)
	}
	switch {
	case name == "stream-notify-logged" && d.user != nil:
		d.all = d.all || event == "user-status"
		d.say(document{"msg": "ready", "subs": []string{id}})
	case name == "stream-user-presence" && d.server.version.atLeast(4, 1):
		d.watch(id, params)
	case name == "stream-notify-logged":
		d.say(document{"msg": "nosub", "id": id, "error": ddpError(403, "not-allowed")})
	default:
		d.say(document{"msg": "nosub", "id": id, "error": ddpError(404, "Subscription '"+name+"' not found")})
	}
}

// watch changes the set of users that the client watches. Only the first
// subscription of a connection stays; later ones change it and end.
func (d *session) watch(id string, params []json.RawMessage) {
	var users struct{ Added, Removed []string }
	if len(params) > 1 {
		_ = json.Unmarshal(params[1], &users)
	}
	if d.watched == nil {
		d.watched = map[string]bool{}
	}
	for _, uid := range users.Added {
		d.watched[uid] = true
	}
	for _, uid := range users.Removed {
		delete(d.watched, uid)
	}
	if d.watching != "" {
		d.say(document{"msg": "nosub", "id": id})
		return
	}
	d.watching = id
	d.say(document{"msg": "ready", "subs": []string{id}})
}

// broadcast sends the user's status to all sessions that watch it.
func (s *Server) broadcast(u *user) {
	if s.broadcastOff {
		return
	}
	var text any
	if u.doc["statusText"] != nil {
		text = u.text("statusText")
	}
	number, username := statusNumbers[u.status()], u.doc["username"]
	for d := range s.sessions {
		if d.all {
			d.say(document{"msg": "changed", "collection": "stream-notify-logged", "id": "id", "fields": document{
				"eventName": "user-status", "args": []any{[]any{u.id(), username, number, text, u.doc["name"], u.doc["roles"]}},
			}})
		}
		if d.watched[u.id()] {
			d.say(document{"msg": "changed", "collection": "stream-user-presence", "id": u.id(), "fields": document{
				"uid": u.id(), "eventName": u.id(), "args": []any{[]any{username, number, text}},
			}})
		}
	}
}

// DropConnections breaks all open websockets.
func (s *Server) DropConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d := range s.sessions {
		d.end()
		d.socket.sever()
	}
}

// StallConnections keeps the open websockets open but sends nothing more on
// them, not even pongs.
func (s *Server) StallConnections() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d := range s.sessions {
		d.stalled, d.outbox = true, nil
	}
}

// RefuseWebsockets makes the fake respond 403 to new websockets, as a proxy
// would, or accept them again.
func (s *Server) RefuseWebsockets(refuse bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// Connections returns the number of websockets that are open and logged in.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for d := range s.sessions {
		if d.user != nil {
			n++
		}
	}
	return n
}

// end removes the session; nothing more is sent on it.
func (d *session) end() {
	d.ended, d.outbox = true, nil
	delete(d.server.sessions, d)
	d.socket.stop()
}
