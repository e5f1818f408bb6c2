package socketio

import (
	"context"
	"net"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

const (
	// maxSocketMessage is engine.io's maxHttpBufferSize.
	maxSocketMessage = 100_000_000
	// upgradeTimeout is how long a websocket that wants to take over may wait.
	// Meanwhile a pending poll is ended every noopInterval, so that the client
	// is free to proceed.
	upgradeTimeout, noopInterval = 10 * time.Second, 100 * time.Millisecond
)

// websocketSide is a session's websocket. The request's goroutine reads from
// it; another goroutine writes to it and closes it.
type websocketSide struct {
	ws      *websocket.Conn
	conn    net.Conn
	awake   chan struct{} // buffered: something is waiting to be written
	stopped chan struct{} // closed when the session has ended
	stop    func()
	writer  sync.WaitGroup

	written chan struct{} // closed when everything is written; nil if nobody asks. Guarded by the session's mutex
}

// serveWebsocket turns the request into a websocket and serves it until it
// ends. s is nil if the session begins with it.
func (h *Server) serveWebsocket(w http.ResponseWriter, r *http.Request, query node.Query, s *session) {
	w.Header()["Date"] = nil // the real server sends none here
	catcher := &fakehttp.ConnCatcher{ResponseWriter: w}
	r = r.Clone(r.Context())
	r.Header.Set("Sec-Websocket-Version", "13") // 8 is as good
	ws, err := websocket.Accept(gracelessWriter{catcher}, r, &websocket.AcceptOptions{
		InsecureSkipVerify: true, // engine.io accepts any origin
		Subprotocols:       []string{firstProtocol(r.Header)},
	})
	if err != nil {
		return // Accept has responded
	}
	defer ws.CloseNow() //nolint:errcheck // closed already, unless a reader gave up
	ws.SetReadLimit(maxSocketMessage)
	side := &websocketSide{ws: ws, conn: catcher.Conn, awake: make(chan struct{}, 1), stopped: make(chan struct{})}
	side.stop = sync.OnceFunc(func() { close(side.stopped) })

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // the connection ends with the server
		select {
		case <-h.cfg.Done:
			_ = side.conn.Close()
		case <-ctx.Done():
		}
	}()

	switch {
	case query.Text("transport") != "websocket":
		_ = ws.Close(websocket.StatusNoStatusRcvd, "")
		return
	case s == nil:
		s = h.open(r, query)
		s.mu.Lock()
		s.ws = side
		s.sendLocked(s.greeting("")...)
		s.mu.Unlock()
	case !s.probe(ctx, side):
		_ = ws.Close(websocket.StatusNoStatusRcvd, "")
		return
	}
	side.writer.Go(func() { s.write(side) })
	s.read(side)
	s.end()
	side.writer.Wait()
}

// read passes every message to the session until the websocket ends. Unless the
// client sent a close frame, it ends abruptly.
func (s *session) read(side *websocketSide) {
	for {
		kind, data, err := side.ws.Read(context.Background())
		switch {
		case err != nil && websocket.CloseStatus(err) >= 0:
			return
		case err != nil, kind == websocket.MessageText && !utf8.Valid(data):
			_ = side.conn.Close()
			return
		case kind == websocket.MessageText:
			s.receive(string(data))
		default:
			s.receiveBinary(data)
		}
	}
}

// write writes the outbox whenever it is not empty, and closes the websocket
// when the session ends.
func (s *session) write(side *websocketSide) {
	for {
		if s.writeOutbox(side) != nil {
			s.end()
			return
		}
		if s.hasMore() {
			continue
		}
		select {
		case <-side.awake:
		case <-side.stopped:
			_ = s.writeOutbox(side)
			_ = side.ws.Close(websocket.StatusNoStatusRcvd, "")
			return
		}
	}
}

func (s *session) writeOutbox(side *websocketSide) error {
	for _, packet := range s.takeOutbox(side) {
		if err := side.ws.Write(context.Background(), websocket.MessageText, []byte(packet)); err != nil {
			return err
		}
	}
	return nil
}

// takeOutbox returns the packets to write. If there are none, everything before
// is written.
func (s *session) takeOutbox(side *websocketSide) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stalled {
		return nil
	}
	packets := s.outbox
	s.outbox = nil
	if len(packets) == 0 && side.written != nil {
		close(side.written)
		side.written = nil
	}
	return packets
}

func (s *session) hasMore() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.stalled && (len(s.outbox) > 0 || s.ws.written != nil)
}

func (k *websocketSide) wake() {
	select {
	case k.awake <- struct{}{}:
	default:
	}
}

func (k *websocketSide) writtenLocked() <-chan struct{} {
	if k.written == nil {
		k.written = make(chan struct{})
		k.wake()
	}
	return k.written
}

// sever breaks the connection; over TCP the client sees a reset.
func (k *websocketSide) sever() { fakehttp.Sever(k.conn) }

// probe lets a websocket take over a polling session: the client sends
// "2probe", gets a response, and sends "5". Until then the session goes on
// polling; anything else closes the websocket.
func (s *session) probe(ctx context.Context, side *websocketSide) bool {
	s.mu.Lock()
	busy := s.probing || s.ws != nil || s.state != sessionOpen
	s.probing = s.probing || !busy
	s.mu.Unlock()
	if busy {
		return false
	}
	defer func() {
		s.mu.Lock()
		s.probing = false
		s.mu.Unlock()
	}()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dallied := time.AfterFunc(upgradeTimeout, func() { _ = side.ws.Close(websocket.StatusNoStatusRcvd, "") })
	defer dallied.Stop()
	for {
		kind, data, err := side.ws.Read(context.Background())
		switch {
		case err != nil || kind != websocket.MessageText:
			return false
		case string(data) == "2probe":
			if side.ws.Write(ctx, websocket.MessageText, []byte("3probe")) != nil {
				return false
			}
			go s.endPolls(ctx)
		case len(data) > 0 && data[0] == '5':
			return s.switchTo(side)
		default:
			return false
		}
	}
}

// endPolls ends pending polls with a noop, so that the client can stop polling
// and send "5".
func (s *session) endPolls(ctx context.Context) {
	ticker := time.NewTicker(noopInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		s.mu.Lock()
		if s.poll != nil && s.ws == nil && !s.stalled {
			s.answerPollLocked("6")
		}
		s.mu.Unlock()
	}
}

func (s *session) switchTo(side *websocketSide) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != sessionOpen {
		return false
	}
	if s.poll != nil && !s.stalled {
		s.answerPollLocked("1")
	}
	s.ws = side
	s.heardLocked()
	s.flushLocked()
	return true
}
