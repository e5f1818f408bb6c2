package messembedtest

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// A poll is a request that waits for something to be said.
type poll struct {
	answer chan []string // buffered: takes one answer
	severs chan struct{} // closed instead when the connection breaks
}

func (p *poll) sever() { close(p.severs) }

// serveRequest answers one request of the polling transport.
func (s *session) serveRequest(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		s.servePoll(w, r)
	case http.MethodPost:
		s.servePost(w, r)
	case http.MethodOptions:
		s.dress(w, r)
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.WriteHeader(http.StatusOK)
	default:
		w.WriteHeader(http.StatusInternalServerError)
	}
}

// dress sets the headers that every answer of the polling transport has.
func (s *session) dress(w http.ResponseWriter, r *http.Request) {
	allowOrigin(w, r)
	w.Header().Set("Set-Cookie", "io="+s.id+"; Path=/; HttpOnly; SameSite=Strict")
}

// servePoll waits until there is something to say and says it. A session's first poll is its handshake.
func (s *session) servePoll(w http.ResponseWriter, r *http.Request) {
	p, ok := s.beginPoll(r.URL.Query().Get("sid") == "")
	if !ok {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	var packets []string
	select {
	case packets = <-p.answer:
	case <-p.severs:
		fakehttp.Break(w)
	case <-s.io.done:
		panic(http.ErrAbortHandler)
	case <-r.Context().Done():
		s.abandon(p)
		panic(http.ErrAbortHandler)
	}
	s.dress(w, r)
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, encodePayload(packets))
}

// beginPoll makes the request the pending one. Two at a time are one too many, and end the session.
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
	case s.state == sessionClosing && !s.stalled:
		s.answerPollLocked("6", "1")
		s.endLocked("1")
	case s.state != sessionOpen: // ended between being found and here
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

// servePost takes what the client says. Whatever that is, the answer is "ok".
func (s *session) servePost(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	overlap := s.posting
	s.posting = true
	if overlap {
		s.endLocked("1")
	}
	s.mu.Unlock()
	if overlap {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if r.Header.Get("Content-Type") == "application/octet-stream" {
		s.receiveBinaryPayload(fakehttp.Body(r))
	} else {
		s.receivePayload(string(fakehttp.Body(r)))
	}
	s.dress(w, r)
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(http.StatusOK)
	_, _ = io.WriteString(w, "ok")
	s.mu.Lock()
	s.posting = false
	s.mu.Unlock()
}

// receivePayload takes a payload, packet by packet: what comes before a mistake counts.
func (s *session) receivePayload(payload string) {
	for {
		packet, rest, ok := cutPacket(payload)
		switch {
		case !ok:
			s.receive("") // no packet at all
			return
		case packet == "1":
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

// receiveBinaryPayload takes the form that a payload has when the client has bytes to send: for each packet 0 for text or 1 for bytes, the
// digits of its length as bytes of that value, 255, the packet.
func (s *session) receiveBinaryPayload(payload []byte) {
	for len(payload) > 0 {
		isText := payload[0] == 0
		length, at := 0, 1
		for ; at < len(payload) && payload[at] != 255; at++ {
			length = min(length*10+int(payload[at]), len(payload))
		}
		if at == len(payload) {
			s.receive("")
			return
		}
		payload = payload[at+1:]
		packet := payload[:min(length, len(payload))]
		payload = payload[len(packet):]
		switch {
		case !isText:
			s.receiveBinary(packet)
		case string(packet) == "1":
			s.finish()
			return
		default:
			s.receive(string(packet))
		}
	}
}

// finish is a close packet's doing: the pending poll ends with a noop, for the client knows already.
func (s *session) finish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endLocked("6")
}

// encodePayload joins packets: <length>:<packet>, the length in UTF-16 code units, as JavaScript counts.
func encodePayload(packets []string) string {
	var b strings.Builder
	for _, packet := range packets {
		b.WriteString(strconv.Itoa(utf16Length(packet)))
		b.WriteByte(':')
		b.WriteString(packet)
	}
	return b.String()
}

// cutPacket takes the first packet off a payload.
func cutPacket(payload string) (packet, rest string, ok bool) {
	digits, rest, found := strings.Cut(payload, ":")
	length, err := strconv.Atoi(digits)
	if !found || err != nil || length < 0 || digits != strconv.Itoa(length) {
		return "", "", false
	}
	end := 0
	for length > 0 && end < len(rest) {
		char, size := utf8.DecodeRuneInString(rest[end:])
		length -= utf16.RuneLen(char)
		end += size
	}
	return rest[:end], rest[end:], length == 0
}
