package faultmatrix_test

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/messembed/messembed-go/messembedtest"
)

// A raw fault answers over a connection, as no http.Handler should.
type raw func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request)

// A socket is a server on loopback before the fake, and a second one that nothing may ever be sent to.
type socket struct {
	front, stranger *httptest.Server

	mu      sync.Mutex
	handler http.Handler
	met     []string // by the stranger
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
	// On a connection that was used before, net/http sends a GET again by itself, and nobody could say how often.
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

// serve puts a cell behind the socket and gives its base URL.
func (s *socket) serve(h http.Handler) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = h
	return s.front.URL
}

// strangers are the requests that came where none may.
func (s *socket) strangers() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.met
}

// socketFaults are those that only a socket can show to be what they are: that net/http says what the faults in memory say it says, and that
// the client's own transport is bounded.
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
		{name: "cut after the head", service: serving(messembedtest.Fault{Truncate: -1}), meaning: cut},
		{name: "cut after one byte", service: serving(messembedtest.Fault{Truncate: 1}), meaning: cut},
		{name: "503", service: serving(messembedtest.Fault{Status: 503}), meaning: meaning{came: whole, status: 503}},
		{name: "502 HTML", service: serving(messembedtest.Fault{Status: 502, Body: htmlPage, AfterApply: true}), meaning: meaning{came: whole, status: 502, done: true}},
		{name: "200 HTML", service: serving(messembedtest.Fault{Status: 200, Body: htmlPage}), meaning: meaning{came: whole, status: 200, body: noJSON}},
		{name: "302 to another host", service: serving(messembedtest.Fault{Status: 302, Header: elsewhere}), meaning: meaning{came: whole, status: 302}},
		{name: "307 to another host", service: serving(messembedtest.Fault{Status: 307, Header: elsewhere}), meaning: meaning{came: whole, status: 307}},
		{name: "308 to another host", service: serving(messembedtest.Fault{Status: 308, Header: elsewhere}), meaning: meaning{came: whole, status: 308}},
		{name: "closed without an answer", raw: rawly(""), meaning: gone},
		{name: "cut within the head", raw: rawly("HTTP/1.1 200 OK\r\nContent-Ty"), meaning: gone},
		{name: "a head that reads like a failed handshake", raw: rawly("HTTP/1.1 200 OK\r\n TLS handshake timeout\r\n\r\n"), meaning: gone},
		{name: "another protocol, in silence", raw: rawlySilent("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), meaning: gone},
		{name: "a head that is no HTTP", raw: rawly("220 " + canaryMetadata + " ESMTP\r\n\r\n"), meaning: gone},
		{name: "an endless header", raw: rawlyEndless("HTTP/1.1 200 OK\r\nX-Long: "), meaning: gone},
		{name: "endless headers", raw: rawlyEndless("HTTP/1.1 200 OK\r\n", "X-Many: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"), meaning: gone},
		{name: "interim answers without end", raw: rawlyEndless("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"), meaning: gone},
		{
			name: "an endless body", raw: rawlyEndless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"),
			meaning: meaning{came: whole, status: 200, body: tooLarge, done: true},
		},
		{
			name: "a body that promises a petabyte", raw: rawlyEndless("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000000\r\n\r\n"),
			meaning: meaning{came: whole, status: 200, body: tooLarge, done: true},
		},
		{name: "chunks that break off", raw: rawly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n     \r\n"), meaning: headed(cut, 200)},
		{name: "chunks that are none", raw: rawly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), meaning: headed(cut, 200)},
		{name: "a body shorter than promised", raw: rawly("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n   "), meaning: headed(cut, 200)},
		{
			name: "a gzip bomb", raw: rawly("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + string(gzipBomb())),
			meaning: meaning{came: whole, status: 200, body: noJSON, done: true},
		},
	}
}

// rawly lets the fake do its work, and answers with this text and the connection's end.
func rawly(text string) raw {
	return func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(httptest.NewRecorder(), r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
	}
}

// rawlySilent answers with this text and then says nothing until the client ends the connection.
func rawlySilent(text string) raw {
	return func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(httptest.NewRecorder(), r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, text)
		_, _ = io.Copy(io.Discard, conn)
	}
}

// rawlyEndless answers with the first text and then with the second for ever, spaces if there is none.
func rawlyEndless(start string, repeated ...string) raw {
	block := []byte(strings.Repeat(" ", 4<<10))
	if len(repeated) > 0 {
		block = bytes.Repeat([]byte(repeated[0]), 64)
	}
	return func(fake *messembedtest.Server, w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(httptest.NewRecorder(), r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, err = io.WriteString(conn, start)
		for n := 0; err == nil; n += len(block) {
			if n > 64<<20 {
				panic("the client reads on for ever")
			}
			_, err = conn.Write(block)
		}
	}
}

// TestFaultMatrix_overASocket runs every call × the faults of a socket × every position through the client's own transport.
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
