package fakehttp

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
)

// A socket is the fake's listener and everything connected to it.
type socket struct {
	origin string
	server *http.Server
	served sync.WaitGroup
}

// URL implements [fakeserver.Server]. It fails the test if the fake cannot listen.
func (s *Server) URL() string {
	s.cfg.TB.Helper()
	url, err := s.Listen("127.0.0.1:0")
	s.Must(s.cfg.TB, "listening", err)
	return url
}

// Listen implements [fakeserver.Server].
func (s *Server) Listen(addr string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.socket != nil {
		return s.socket.origin + s.cfg.BasePath, nil
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	s.socket = &socket{
		origin: "http://" + ln.Addr().String(),
		server: &http.Server{
			Handler:     s.onSocket(),
			IdleTimeout: s.cfg.IdleTimeout,
			ConnState:   lineState,

			DisableGeneralOptionsHandler: true,                       // OPTIONS * goes to the service too
			ErrorLog:                     log.New(io.Discard, "", 0), // faults break connections on purpose
		},
	}
	s.socket.serve(ln)
	return s.socket.origin + s.cfg.BasePath, nil
}

func (k *socket) serve(ln net.Listener) {
	k.served.Go(func() { _ = k.server.Serve(mendingListener{ln}) })
}

func (k *socket) close() {
	_ = k.server.Close()
	k.served.Wait()
}
