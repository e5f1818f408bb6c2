package socketio

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// A Config is what an application decides about its connections.
type Config struct {
	// Interval and Timeout are what the handshake announces: how often a client
	// must send a ping, and how long after that it is dropped.
	Interval, Timeout time.Duration
	// Listens reports whether a client that joins the root namespace with this
	// query hears what is emitted. A client is connected in any case.
	Listens func(node.Query) bool
	// Receive handles an event that a client sent. It returns the payload of an
	// event to send back, "" for none, and whether the client no longer
	// listens. It must not call the Server.
	Receive func(event string) (reply string, leaves bool)
	// Done is closed when the server ends, and with it all connections.
	Done <-chan struct{}
	// Changed is called when connections come and go.
	Changed func()
}

// A Server is the endpoint of all connections.
type Server struct {
	cfg Config

	mu       sync.Mutex
	sessions map[string]*session
	serial   int
	refuse   bool
}

// New returns a Server without connections.
func New(cfg Config) *Server {
	return &Server{cfg: cfg, sessions: map[string]*session{}}
}

// engineError is Engine.IO's error for a request that it rejects; the number is
// its code.
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

// ServeHTTP handles one request below socket.io/.
func (h *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := node.QueryOf(node.Latin1(fakehttp.Target(r)))
	upgrading := node.IsUpgrade(r)
	if upgrading && h.RefusesWebsockets() {
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
	case query.Text("transport") == "websocket":
		refuse(w, r, engineBadRequest)
	case s == nil:
		h.open(r, query).servePoll(w, r, true)
	default:
		s.serveRequest(w, r)
	}
}

// find checks a request in Engine.IO's order. The session is nil for a handshake.
func (h *Server) find(query node.Query, method string, upgrading bool) (*session, engineError, bool) {
	transport := query.Text("transport")
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
func (h *Server) open(r *http.Request, query node.Query) *session {
	defer h.cfg.Changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.serial++
	s := newSession(h, fmt.Sprintf("fake-socket-%08d", h.serial), query)
	s.client, s.address = r.UserAgent(), r.RemoteAddr
	h.sessions[s.id] = s
	return s
}

func (h *Server) forget(s *session) {
	defer h.cfg.Changed()
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.sessions, s.id)
}

func (h *Server) all() []*session {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]*session, 0, len(h.sessions))
	for _, s := range h.sessions {
		all = append(all, s)
	}
	return all
}

// refuse responds to a request that Engine.IO rejects.
func refuse(w http.ResponseWriter, r *http.Request, e engineError) {
	allowOrigin(w, r)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Transfer-Encoding", "chunked")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, `{"code":%d,"message":"%s"}`, int(e), e)
}

// refuseUpgrade does the same for a websocket handshake, with another text and
// other headers.
func refuseUpgrade(w http.ResponseWriter, reason string) {
	w.Header()["Date"] = nil
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Connection", "close")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(reason))
}

func allowOrigin(w http.ResponseWriter, r *http.Request) {
	if origin := node.Header(r.Header, "Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Origin", origin)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
}
