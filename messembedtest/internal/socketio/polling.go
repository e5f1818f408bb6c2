package socketio

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// A poll is a request that waits for packets.
type poll struct {
	answer chan []string // buffered: takes one response
	severs chan struct{} // closed instead if the connection breaks
}

func (p *poll) sever() { close(p.severs) }

// serveRequest handles one request of the polling transport.
func (s *session) serveRequest(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet:
		s.servePoll(w, r, false)
	case r.Method == http.MethodPost:
		s.servePost(w, r)
	case r.Method == http.MethodOptions:
		s.dress(w, r)
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		sendEmpty(w, http.StatusOK)
	default:
		sendEmpty(w, http.StatusInternalServerError)
	}
}

// sendEmpty responds without a body, and without announcing that there is none.
func sendEmpty(w http.ResponseWriter, status int) {
	w.Header().Set("Transfer-Encoding", "chunked")
	w.WriteHeader(status)
}

// dress sets the headers that all responses of the polling transport have.
func (s *session) dress(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	if browser := r.UserAgent(); strings.Contains(browser, ";MSIE") || strings.Contains(browser, "Trident/") {
		w.Header().Set("X-Xss-Protection", "0")
	}
	w.Header().Set("Set-Cookie", "io="+s.id+"; Path=/; HttpOnly; SameSite=Strict")
}

// servePoll waits until there are packets and sends them. A session's first
// poll is its handshake.
func (s *session) servePoll(w http.ResponseWriter, r *http.Request, handshake bool) {
	p, ok := s.beginPoll(handshake)
	if !ok {
		sendEmpty(w, http.StatusInternalServerError)
		return
	}
	var packets []string
	select {
	case packets = <-p.answer:
	case <-p.severs:
		fakehttp.Break(w)
	case <-s.io.cfg.Done:
		panic(http.ErrAbortHandler)
	case <-r.Context().Done():
		s.abandon(p)
		panic(http.ErrAbortHandler)
	}
	s.dress(w, r)
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	answer, encoding := compress(encodePayload(packets), node.Header(r.Header, "Accept-Encoding"))
	if encoding != "" {
		w.Header().Set("Content-Encoding", encoding)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, answer)
}

// beginPoll makes the request the pending one. A second one at the same time
// ends the session.
func (s *session) beginPoll(handshake bool) (*poll, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll != nil {
		s.endLocked("1")
		return nil, false
	}
	p := &poll{answer: make(chan []string, 1), severs: make(chan struct{})}
	s.poll = p
	switch {
	case handshake:
		s.sendLocked(s.greeting(`"websocket"`)...)
	case s.state == sessionClosing && !s.stalled && len(s.outbox) > 0: // earlier packets come first
		s.flushLocked()
		s.expiry.Reset(closingTimeout)
	case s.state == sessionClosing && !s.stalled:
		s.answerPollLocked("6", "1")
		s.endLocked("1")
	case s.state != sessionOpen: // it ended after it was looked up
		s.answerPollLocked("1")
	default:
		s.flushLocked()
	}
	return p, true
}

func (s *session) answerPollLocked(packets ...string) {
	s.poll.answer <- packets
	s.poll = nil
}

// abandon ends a session whose client went away while it waited.
func (s *session) abandon(p *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll == p {
		s.poll = nil
		s.endLocked("1")
	}
}

// servePost receives the client's packets. The response is "ok", unless they
// make the server end the session: then the request is cut off.
func (s *session) servePost(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	overlap := s.posting
	if overlap {
		s.endLocked("1")
	}
	s.posting, s.cutOff = true, false
	s.mu.Unlock()
	if overlap {
		sendEmpty(w, http.StatusInternalServerError)
		return
	}
	if body := fakehttp.Body(r); r.Header.Get("Content-Type") == "application/octet-stream" {
		s.receiveBinaryPayload(body)
	} else {
		s.receivePayload(js.DecodeUTF8(body))
	}
	if s.endPost() {
		panic(http.ErrAbortHandler)
	}
	s.dress(w, r)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, "ok")
}

// endPost reports whether the POST gets no response.
func (s *session) endPost() (cutOff bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posting = false
	return s.cutOff
}

// receivePayload handles a payload packet by packet: those before a mistake
// count.
func (s *session) receivePayload(payload string) {
	for {
		packet, rest, ok := cutPacket(payload)
		switch {
		case !ok:
			s.receive("") // not a packet at all
			return
		case isGoodbye(packet):
			s.finish()
			return
		case packet != "":
			s.receive(packet)
		}
		if payload = rest; payload == "" {
			return
		}
	}
}

// isGoodbye reports whether a packet is a close packet, perhaps in base64. Only
// the polling transport heeds it.
func isGoodbye(packet string) bool { return strings.HasPrefix(strings.TrimPrefix(packet, "b"), "1") }

// receiveBinaryPayload handles a payload in the form for clients that send
// bytes. If it contains a mistake, none of its packets count.
func (s *session) receiveBinaryPayload(payload []byte) {
	var packets []binaryPacket
	for len(payload) > 0 {
		packet, rest, ok := cutBinaryPacket(payload)
		if !ok {
			s.receive("")
			return
		}
		packets, payload = append(packets, packet), rest
	}
	for _, packet := range packets {
		switch {
		case packet.isText && isGoodbye(string(packet.data)), !packet.isText && len(packet.data) > 0 && packet.data[0] == 1:
			s.finish()
		case packet.isText:
			s.receive(string(packet.data))
		default:
			s.receiveBinary(packet.data)
		}
	}
}

// finish handles a close packet: the pending poll ends with a noop, since the
// client already knows, and the POST gets its response.
func (s *session) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	cutOff := s.cutOff
	s.endLocked("6")
	s.cutOff = cutOff
}
