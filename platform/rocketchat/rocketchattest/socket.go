package rocketchattest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// heartbeat is the silence after which a Meteor server sends a ping, and how
// long it then waits for a reply.
const heartbeat = 15 * time.Second

// socket is the websocket of a session. The request's goroutine reads, another one writes.
type socket struct {
	conn    net.Conn
	awake   chan struct{} // holds one value when a message waits to be written
	stopped chan struct{} // closed when the session has ended
	stop    func()
	heard   atomic.Int64 // when the client last sent something, Unix nanoseconds
}

// serveSocket upgrades the request to a websocket and serves it until it ends.
func (s *Server) serveSocket(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	refused := s.refuse
	s.mu.Unlock()
	if refused {
		refuseUpgrade(http.StatusForbidden, "Forbidden")(w, r)
		return
	}
	catcher := &fakehttp.ConnCatcher{ResponseWriter: w}
	ws, err := websocket.Accept(catcher, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // Meteor accepts any origin
	if err != nil {
		return // it has responded
	}
	defer ws.CloseNow() //nolint:errcheck // closed already, unless a reader gave up
	k := &socket{conn: catcher.Conn, awake: make(chan struct{}, 1), stopped: make(chan struct{})}
	k.stop = sync.OnceFunc(func() { close(k.stopped) })
	k.heard.Store(time.Now().UnixNano())

	d := &session{server: s, socket: k}
	s.mu.Lock()
	s.sessions[d] = true
	s.mu.Unlock()
	var writer sync.WaitGroup
	writer.Go(func() { d.write(ws) })
	for {
		kind, data, err := ws.Read(context.Background())
		if err != nil {
			break
		}
		k.heard.Store(time.Now().UnixNano())
		if kind == websocket.MessageText {
			d.receive(data)
		}
	}
	s.mu.Lock()
	d.end()
	s.mu.Unlock()
	_ = k.conn.Close()
	writer.Wait()
}

// refuseUpgrade rejects a websocket request.
func refuseUpgrade(status int, text string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}
}

// write sends queued messages and keeps the heartbeat.
func (d *session) write(ws *websocket.Conn) {
	k := d.socket
	// Every Meteor server sends this first, for old clients.
	if ws.Write(context.Background(), websocket.MessageText, []byte(`{"server_id":"0"}`)) != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-k.stopped:
			return
		case <-d.server.http.Done():
			k.sever()
			return
		case <-beat.C:
			silence := time.Since(time.Unix(0, k.heard.Load()))
			d.server.mu.Lock()
			switch {
			case d.stalled:
			case silence >= 2*heartbeat:
				k.sever()
			case silence >= heartbeat:
				d.say(document{"msg": "ping"})
			}
			d.server.mu.Unlock()
		case <-k.awake:
			d.server.mu.Lock()
			messages := d.outbox
			d.outbox = nil
			d.server.mu.Unlock()
			for _, message := range messages {
				if ws.Write(context.Background(), websocket.MessageText, message) != nil {
					return
				}
			}
		}
	}
}

func (k *socket) wake() {
	select {
	case k.awake <- struct{}{}:
	default:
	}
}

// sever breaks the connection; over TCP the client sees a reset.
func (k *socket) sever() { fakehttp.Sever(k.conn) }
