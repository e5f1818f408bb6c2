package engineio_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/internal/engineio"
)

const (
	openFrame = `0{"sid":"s1","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`
	canary    = "c4n4ry/+ %pass"
)

// script is a server in memory: each websocket that is opened is handed to it,
// and is closed when it returns.
type script func(ctx context.Context, t *testing.T, ws *websocket.Conn)

// transport lets a script be the transport of a client, as the fake server is
// in memory: a 101 whose body is the connection.
func (s script) transport(t *testing.T) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		near, far := net.Pipe()
		w := &upgrade{conn: far, header: http.Header{}, answered: make(chan int, 1)}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		t.Cleanup(func() { cancel(); near.Close(); <-done })
		go func() {
			defer close(done)
			ws, err := websocket.Accept(w, r, nil)
			if !assert.NoError(t, err) {
				return
			}
			defer ws.CloseNow()
			s(ctx, t, ws)
		}()
		status := <-w.answered
		return &http.Response{StatusCode: status, Header: w.header, Body: near, Request: r}, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// upgrade is an http.ResponseWriter that can only be hijacked.
type upgrade struct {
	conn     net.Conn
	header   http.Header
	answered chan int
}

func (u *upgrade) Header() http.Header         { return u.header }
func (u *upgrade) WriteHeader(status int)      { u.answered <- status }
func (u *upgrade) Write(p []byte) (int, error) { return len(p), nil }
func (u *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return u.conn, bufio.NewReadWriter(bufio.NewReader(u.conn), bufio.NewWriter(u.conn)), nil
}

// say writes one text frame for each line.
func say(ctx context.Context, ws *websocket.Conn, frames ...string) {
	for _, frame := range frames {
		if ws.Write(ctx, websocket.MessageText, []byte(frame)) != nil {
			return
		}
	}
}

// answerPings reads until the client is gone and answers its pings.
func answerPings(ctx context.Context, ws *websocket.Conn) {
	for {
		_, frame, err := ws.Read(ctx)
		if err != nil {
			return
		}
		if string(frame) == "2" {
			say(ctx, ws, "3")
		}
	}
}

func config(rt http.RoundTripper) engineio.Config {
	return engineio.Config{
		URL:        &url.URL{Scheme: "http", Host: "chat.test", Path: "/api/messembed/"},
		Query:      url.Values{"username": {"admin"}, "password": {canary}},
		HTTPClient: &http.Client{Transport: rt},
	}
}
