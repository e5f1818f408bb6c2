package messembedtest

import (
	"fmt"
	"strings"
	"sync"
	"time"
)

// A session is one Engine.IO connection with the one namespace that Messembed has. What it wants to say waits in outbox until its transport,
// a pending poll or a websocket, takes it.
type session struct {
	io    *socketIO
	id    string
	query socketQuery
	jsonp string // see jsonpHead

	since           time.Time
	client, address string // the client's User-Agent and where it is

	mu      sync.Mutex
	state   sessionState
	outbox  []string
	poll    *poll          // the pending poll, nil while there is none
	posting bool           // a POST is being served
	cutOff  bool           // it will not be answered
	probing bool           // a websocket has asked to take over
	ws      *websocketSide // nil while polling
	stalled bool
	heard   int         // events
	expiry  *time.Timer // drops a silent client

	// Socket.IO's part.
	joined        bool
	admin         bool // who joined last
	subscriptions int  // a client that joins twice hears everything twice
	incoming      *incoming
}

type sessionState int

const (
	sessionOpen    sessionState = iota
	sessionClosing              // a polling session that will be told with its next poll
	sessionClosed
)

// closingTimeout is how long a polling session that was closed waits for a poll to be told by.
const closingTimeout = 30 * time.Second

func newSession(h *socketIO, id string, query socketQuery) *session {
	s := &session{io: h, id: id, query: query, jsonp: jsonpHead(query), since: time.Now()}
	s.joinLocked(query)
	s.expiry = time.AfterFunc(h.interval+h.timeout, s.end)
	return s
}

// greeting is what a session says first.
func (s *session) greeting(upgrades string) []string {
	return []string{
		fmt.Sprintf(`0{"sid":"%s","upgrades":[%s],"pingInterval":%d,"pingTimeout":%d}`,
			s.id, upgrades, s.io.interval.Milliseconds(), s.io.timeout.Milliseconds()),
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

// emit queues an event for an administrator who has joined, once for each time that he did.
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

// written returns a channel that is closed when everything queued so far is written; nil where nobody knows when the client will ask for it.
func (s *session) written() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws == nil || s.stalled || s.state != sessionOpen {
		return nil
	}
	return s.ws.writtenLocked()
}

// sendLocked queues a packet and hands the queue to the transport, if it can take it.
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

// end is what happens to a session whose transport failed, whose client fell silent or who said what is no packet: it is gone at once.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked("1")
}

// endLocked ends the session; a pending poll is answered with last.
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

// closeLocked is the orderly close, by which Socket.IO answers what it cannot decode.
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

// stall makes the session say nothing more. Neither does it end by itself.
func (s *session) stall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == sessionOpen {
		s.stalled = true
		s.expiry.Stop()
		s.io.changed.Fire()
	}
}

// drop breaks the connection without a word.
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

// receive takes one Engine.IO packet that the client sent as text.
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

// receiveBinary takes one packet that the client sent as bytes.
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

// heardLocked puts off the end of a client that gives a sign of life. Any packet is one.
func (s *session) heardLocked() {
	if !s.stalled {
		s.expiry.Reset(s.io.interval + s.io.timeout)
	}
}

// incoming is a Socket.IO packet that waits for its binary attachments.
type incoming struct {
	packet  socketPacket
	missing int
}

// decodeLocked takes one Socket.IO packet.
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
