package faultmatrix_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/messembed/messembed-go/messembedtest"
)

// A raw fault writes a response that no http.Handler should.
type raw func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request)

// A socket is a loopback server in front of the fake, and a second one that
// must never receive anything.
type socket struct {
	front, stranger *httptest.Server

	mu      sync.Mutex
	handler http.Handler
	met     []string // by the second server
}

func newSocket(t *testing.T) *socket {
	s := &socket{}
	s.front = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		handler := s.handler
		s.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	s.front.Config.ErrorLog = log.New(io.Discard, "", 0)
	// On a reused connection net/http retries a GET by itself, so the number of
	// attempts would be unknown.
	s.front.Config.SetKeepAlivesEnabled(false)
	s.front.Start()
	s.stranger = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.met = append(s.met, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header))
	}))
	t.Cleanup(s.front.Close)
	t.Cleanup(s.stranger.Close)
	return s
}

// serve puts a cell behind the socket and returns its base URL.
func (s *socket) serve(h http.Handler) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
	return s.front.URL
}

// strangers returns the requests that the second server received.
func (s *socket) strangers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.met
}

// faults returns the faults that only a socket can show: that net/http reports
// what the in-memory faults say it reports, and that the client's own transport
// is limited.
func (s *socket) faults() []fault {
	gone, cut := meaning{came: noAnswer, done: true}, meaning{came: brokenOff, done: true}
	headed := func(m meaning, status int) meaning {
		m.status = status
		return m
	}
	elsewhere := http.Header{"Location": {s.stranger.URL + "/steal?from=here"}}
	return []fault{
		{name: "reset before the request was read", service: serving(messembedtest.Fault{Reset: true}), meaning: meaning{came: noAnswer}},
		{name: "reset after it was applied", service: serving(messembedtest.Fault{Reset: true, AfterApply: true}), meaning: gone},
		{name: "cut after the header", service: serving(messembedtest.Fault{Truncate: -1}), meaning: cut},
		{name: "cut after one byte", service: serving(messembedtest.Fault{Truncate: 1}), meaning: cut},
		{name: "503", service: serving(messembedtest.Fault{Status: 503}), meaning: meaning{came: whole, status: 503}},
		{name: "502 HTML", service: serving(messembedtest.Fault{Status: 502, Body: htmlPage, AfterApply: true}), meaning: meaning{came: whole, status: 502, done: true}},
		{name: "200 HTML", service: serving(messembedtest.Fault{Status: 200, Body: htmlPage}), meaning: meaning{came: whole, status: 200, body: noJSON}},
		{name: "302 to another host", service: serving(messembedtest.Fault{Status: 302, Header: elsewhere}), meaning: meaning{came: whole, status: 302}},
		{name: "307 to another host", service: serving(messembedtest.Fault{Status: 307, Header: elsewhere}), meaning: meaning{came: whole, status: 307}},
		{name: "308 to another host", service: serving(messembedtest.Fault{Status: 308, Header: elsewhere}), meaning: meaning{came: whole, status: 308}},
		{name: "closed without a response", raw: rawly(""), meaning: gone},
		{name: "cut within the header", raw: rawly("HTTP/1.1 200 OK\r\nContent-Ty"), meaning: gone},
		{name: "a header that reads like a failed handshake", raw: rawly("HTTP/1.1 200 OK\r\n TLS handshake timeout\r\n\r\n"), meaning: gone},
		{name: "101, then silence", raw: rawlySilent("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), meaning: gone},
		{name: "a response that is not HTTP", raw: rawly("220 " + canaryMetadata + " ESMTP\r\n\r\n"), meaning: gone},
		{name: "an endless header", raw: rawlyEndless("HTTP/1.1 200 OK\r\nX-Long: "), meaning: gone},
		{name: "endless headers", raw: rawlyEndless("HTTP/1.1 200 OK\r\n", "X-Many: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"), meaning: gone},
		{name: "endless interim responses", raw: rawlyEndless("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), meaning: gone},
		{
			name: "an endless body", raw: rawlyEndless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"),
			meaning: meaning{came: whole, status: 200, body: tooLarge, done: true},
		},
		{
			name: "a body that promises a petabyte", raw: rawlyEndless("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\n\r\n"),
			meaning: meaning{came: whole, status: 200, body: tooLarge, done: true},
		},
		{name: "truncated chunks", raw: rawly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n     \r\n"), meaning: headed(cut, 200)},
		{name: "invalid chunks", raw: rawly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), meaning: headed(cut, 200)},
		{name: "a body shorter than promised", raw: rawly("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n   "), meaning: headed(cut, 200)},
		{
			name: "a gzip bomb", raw: rawly("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + string(gzipBomb())),
			meaning: meaning{came: whole, status: 200, body: noJSON, done: true},
		},
	}
}

// carriedOut lets the fake carry out the operation and returns the connection,
// on which nothing was sent yet.
func carriedOut(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) net.Conn {
	fake.ServeHTTP(httptest.NewRecorder(), r)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

// rawly lets the fake carry out the operation, and responds with this text and
// then closes the connection.
func rawly(text string) raw {
	return func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) {
		conn := carriedOut(fake, w, r)
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
	}
}

// rawlySilent responds with this text and then sends nothing until the client
// closes the connection.
func rawlySilent(text string) raw {
	return func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) {
		conn := carriedOut(fake, w, r)
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn)
	}
}

// rawlyEndless responds with the first text, then repeats the second forever,
// spaces if there is none.
func rawlyEndless(start string, repeated ...string) raw {
	block := []byte(strings.Repeat(" ", 4<<10))
	if len(repeated) > 0 {
		block = bytes.Repeat([]byte(repeated[0]), 64)
	}
	return func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) {
		conn := carriedOut(fake, w, r)
		defer conn.Close()
		_, err := io.WriteString(conn, start)
		for n := 0; err == nil; n += len(block) {
			if n > 64<<20 {
				panic("the client reads forever")
			}
			_, err = conn.Write(block)
		}
	}
}

// TestFaultMatrix_overASocket runs every call × the faults of a socket × every
// position through the client's own transport.
func TestFaultMatrix_overASocket(t *testing.T) {
	var cells atomic.Int64
	t.Run("calls", func(t *testing.T) {
		for _, c := range allCalls() {
			t.Run(c.name(), func(t *testing.T) {
				t.Parallel()
				s := newSocket(t)
				cells.Add(int64(runRow(t, c, s.faults(), s)))
			})
		}
	})
	fmt.Printf("fault matrix: %d cells over a socket\n", cells.Load())
}
