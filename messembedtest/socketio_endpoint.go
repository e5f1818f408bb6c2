package messembedtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// socketIO is the server's live-event endpoint: Socket.IO 2 over Engine.IO 3, by websocket and by
// long polling, with the upgrade from polling to a websocket. It behaves as socket.io 2.4 with
// Messembed's gateway does, even for malformed requests.
//
// It lacks two things: the client's script at socket.io/socket.io.js, and events for the users' own
// connections (?token=), which are accepted but receive nothing.
type socketIO struct {
	// isAdmin reports whether the handshake's query is the administrator's. The connection is
	// accepted in any case.
	isAdmin           func(socketQuery) bool
	interval, timeout time.Duration
	done              <-chan struct{}  // closed with the fake
	changed           *fakehttp.Signal // fired when connections come and go

	mu       sync.Mutex
	sessions map[string]*session
	serial   int
	refuse   bool
}

func newSocketIO(isAdmin func(socketQuery) bool, interval, timeout time.Duration, done <-chan struct{}, changed *fakehttp.Signal) *socketIO {
	return &socketIO{isAdmin: isAdmin, interval: interval, timeout: timeout, done: done, changed: changed, sessions: map[string]*session{}}
}

// engineError is Engine.IO's error for a request that it rejects; the number is its code.
type engineError int

const (
	engineUnknownTransport engineError = iota
	engineUnknownSession
	engineBadMethod
	engineBadRequest
)

func (e engineError) String() string {
	return [...]string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request"}[e]
}

// serve handles one request below socket.io/.
func (h *socketIO) serve(w http.ResponseWriter, r *http.Request) {
	query := requestQuery(r)
	upgrading := isUpgrade(r)
	if upgrading && h.refusesWebsockets() {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusForbidden)
		return
	}
	s, refusal, ok := h.find(query, r.Method, upgrading)
	switch {
	case !ok && upgrading:
		refuseUpgrade(w, refusal.String())
	case !ok:
		refuse(w, r, refusal)
	case upgrading && !isHandshake(r):
		refuseUpgrade(w, "Bad Request")
	case upgrading:
		h.serveWebsocket(w, r, query, s)
	case query.text("transport") == "websocket":
		refuse(w, r, engineBadRequest)
	case s == nil:
		h.open(r, query).servePoll(w, r, true)
	default:
		s.serveRequest(w, r)
	}
}

// find checks a request in Engine.IO's order. The session is nil for a handshake.
func (h *socketIO) find(query socketQuery, method string, upgrading bool) (*session, engineError, bool) {
	transport := query.text("transport")
	if transport != "polling" && transport != "websocket" {
		return nil, engineUnknownTransport, false
	}
	id := strings.Join(query["sid"], ",")
	if id == "" {
		return nil, engineBadMethod, method == http.MethodGet
	}
	h.mu.Lock()
	s := h.sessions[id]
	h.mu.Unlock()
	switch {
	case s == nil:
		return nil, engineUnknownSession, false
	case !upgrading && s.transport() != transport:
		return nil, engineBadRequest, false
	}
	return s, 0, true
}

// open returns a new session. It is accepted whatever its credentials are.
func (h *socketIO) open(r *http.Request, query socketQuery) *session {
	defer h.changed.Fire()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.serial++
	s := newSession(h, fmt.Sprintf("fake-socket-%08d", h.serial), query)
	s.client, s.address = r.UserAgent(), r.RemoteAddr
	h.sessions[s.id] = s
	return s
}

func (h *socketIO) forget(s *session) {
	defer h.changed.Fire()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s.id)
}

func (h *socketIO) all() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*session, 0, len(h.sessions))
	for _, s := range h.sessions {
		all = append(all, s)
	}
	return all
}

func (h *socketIO) isEmpty() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sessions) == 0
}

func (h *socketIO) refuseWebsockets(refuse bool) {
	defer h.changed.Fire()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refuse = refuse
}

func (h *socketIO) refusesWebsockets() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refuse
}

// emit queues an event for every connected administrator, without waiting.
func (h *socketIO) emit(event string, data []byte) {
	packet := string(append(append(append([]byte(`42["`), event...), `",`...), data...)) + "]"
	for _, s := range h.all() {
		s.emit(packet)
	}
}

// settle waits until the queued packets are written to the connections that accept them, so that an
// event leaves before the response to the request that caused it. It waits only a moment for a
// connection that accepts nothing. It is called without the Server's lock.
func (h *socketIO) settle() {
	var written []<-chan struct{}
	for _, s := range h.all() {
		if w := s.written(); w != nil {
			written = append(written, w)
		}
	}
	if len(written) == 0 {
		return
	}
	const moment = 20 * time.Millisecond
	timer := time.NewTimer(moment)
	defer timer.Stop()
	for _, w := range written {
		select {
		case <-w:
		case <-timer.C:
			return
		}
	}
}

// refuse responds to a request that Engine.IO rejects.
func refuse(w http.ResponseWriter, r *http.Request, e engineError) {
	allowOrigin(w, r)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Transfer-Encoding", "chunked")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, `{"code":%d,"message":"%s"}`, int(e), e)
}

// refuseUpgrade does the same for a websocket handshake, with another text and other headers.
func refuseUpgrade(w http.ResponseWriter, reason string) {
	w.Header()["Date"] = nil
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(reason))
}

func allowOrigin(w http.ResponseWriter, r *http.Request) {
	if origin := joined(r.Header, "Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Origin", origin)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
}
