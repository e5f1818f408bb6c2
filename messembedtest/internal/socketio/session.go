package socketio

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// A session is one Engine.IO connection with the root namespace, the only one.
// Its packets wait in outbox until its transport, a pending poll or a
// websocket, takes them.
type session struct {
	io    *Server
	id    string
	query node.Query

	since           time.Time
	client, address string // the client's User-Agent and address

	mu      sync.Mutex
	state   sessionState
	outbox  []string
	poll    *poll          // the pending poll, nil if there is none
	posting bool           // a POST is being served
	cutOff  bool           // it will get no response
	probing bool           // a websocket has asked to take over
	ws      *websocketSide // nil while polling
	stalled bool
	heard   int         // number of events sent
	expiry  *time.Timer // drops a silent client

	// The state of Socket.IO.
	joined        bool
	listens       bool // whether the last to join does
	subscriptions int  // a client that joins twice receives everything twice
	incoming      *incoming
}

type sessionState int

const (
	sessionOpen    sessionState = iota
	sessionClosing              // a polling session that announces its end with its next poll
	sessionClosed
)

// closingTimeout is how long a polling session that was closed waits for a poll
// to announce it.
const closingTimeout = 30 * time.Second

func newSession(h *Server, id string, query node.Query) *session {
	s := &session{io: h, id: id, query: query, since: time.Now()}
	s.joinLocked(query)
	s.expiry = time.AfterFunc(h.cfg.Interval+h.cfg.Timeout, s.end)
	return s
}

// greeting returns the first packets of a session.
func (s *session) greeting(upgrades string) []string {
	return []string{
		fmt.Sprintf(`0{"sid":"%s","upgrades":[%s],"pingInterval":%d,"pingTimeout":%d}`,
			s.id, upgrades, s.io.cfg.Interval.Milliseconds(), s.io.cfg.Timeout.Milliseconds()),
		"40",
	}
}

func (s *session) transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws != nil {
		return "websocket"
	}
	return "polling"
}

// emit queues an event for a client that listens, once for each time that it
// has joined.
func (s *session) emit(packet string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stalled {
		return
	}
	for range s.subscriptions {
		s.heard++
		s.sendLocked(packet)
	}
}

// written returns a channel that is closed when everything queued so far is
// written, or nil if it is unknown when the client will ask for it.
func (s *session) written() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws == nil || s.stalled || s.state != sessionOpen {
		return nil
	}
	return s.ws.writtenLocked()
}

// sendLocked queues packets and passes the queue to the transport, if it is
// ready.
func (s *session) sendLocked(packets ...string) {
	if s.state != sessionOpen {
		return
	}
	s.outbox = append(s.outbox, packets...)
	s.flushLocked()
}

func (s *session) flushLocked() {
	switch {
	case s.stalled || len(s.outbox) == 0:
	case s.ws != nil:
		s.ws.wake()
	case s.poll != nil:
		s.answerPollLocked(s.outbox...)
		s.outbox = nil
	}
}

// end ends a session at once, because its transport failed or its client fell
// silent or sent a malformed packet.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked("1")
}

// endLocked ends the session; last is the response to a pending poll.
func (s *session) endLocked(last string) {
	if s.state == sessionClosed {
		return
	}
	s.state = sessionClosed
	s.cutOff = s.posting
	s.expiry.Stop()
	s.io.forget(s)
	if s.poll != nil && !s.stalled {
		s.answerPollLocked(last)
	}
	if s.ws != nil {
		s.ws.stop()
	}
}

// closeLocked closes the session in an orderly way, as Socket.IO does after a
// packet that it cannot decode.
func (s *session) closeLocked() {
	if s.state != sessionOpen {
		return
	}
	if s.ws != nil || s.poll != nil {
		s.endLocked("1")
		return
	}
	s.state = sessionClosing
	s.cutOff = s.posting && len(s.outbox) == 0
	s.expiry.Stop()
	s.expiry = time.AfterFunc(closingTimeout, s.end)
}

// stall silences the session, which then does not end by itself either.
func (s *session) stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == sessionOpen {
		s.stalled = true
		s.expiry.Stop()
		s.io.cfg.Changed()
	}
}

// drop breaks the connection abruptly.
func (s *session) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws != nil {
		s.ws.sever()
	}
	if s.poll != nil {
		s.poll.sever()
		s.poll = nil
	}
	s.endLocked("1")
}

// receive handles one Engine.IO packet that the client sent as text.
func (s *session) receive(packet string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != sessionOpen {
		return
	}
	base64 := strings.HasPrefix(packet, "b")
	packet = strings.TrimPrefix(packet, "b")
	if !base64 && (packet == "" || packet[0] < '0' || packet[0] > '6') {
		s.endLocked("1")
		return
	}
	s.heardLocked()
	switch {
	case packet == "":
	case packet[0] == '2':
		s.sendLocked("3")
	case packet[0] == '4' && base64:
		s.decodeBinaryLocked()
	case packet[0] == '4':
		s.decodeLocked(packet[1:])
	}
}

// receiveBinary handles one packet that the client sent as bytes.
func (s *session) receiveBinary(packet []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != sessionOpen {
		return
	}
	s.heardLocked()
	switch {
	case len(packet) == 0:
	case packet[0] == 2:
		s.sendLocked("3")
	case packet[0] == 4:
		s.decodeBinaryLocked()
	}
}

// heardLocked restarts the timer that drops a silent client. Any packet is a
// sign of life.
func (s *session) heardLocked() {
	if !s.stalled {
		s.expiry.Reset(s.io.cfg.Interval + s.io.cfg.Timeout)
	}
}

// incoming is a Socket.IO packet that is waiting for its binary attachments.
type incoming struct {
	packet  socketPacket
	missing int
}

// decodeLocked handles one Socket.IO packet.
func (s *session) decodeLocked(text string) {
	packet, err := parseSocketPacket(text)
	switch {
	case s.incoming != nil, err != nil:
		s.closeLocked()
	case packet.attachments > 0:
		s.incoming = &incoming{packet, packet.attachments}
	default:
		s.handleLocked(packet)
	}
}

func (s *session) decodeBinaryLocked() {
	if s.incoming == nil {
		s.closeLocked()
		return
	}
	if s.incoming.missing--; s.incoming.missing == 0 {
		packet := s.incoming.packet
		s.incoming = nil
		if !packet.isComplete(packet.payload) {
			s.closeLocked()
			return
		}
		s.handleLocked(packet)
	}
}
