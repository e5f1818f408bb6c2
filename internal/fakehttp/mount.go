package fakehttp

import (
	"net/http"
	"strings"
)

// Mount passes requests on the socket whose path begins with prefix, such as
// "/_fake/", to another handler. The prefix without its last slash is included,
// and a browser that opens "/" or the base path is sent there. Mount must be
// called before Listen, and does not affect the RoundTripper or the Handler.
// Requests to the mounted handler are not logged and meet no faults.
func (s *Server) Mount(prefix string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mounted = &mount{prefix: prefix, handler: h, rest: s, basePath: s.cfg.BasePath}
}

// A mount is the handler of a socket on which something is mounted.
type mount struct {
	prefix        string
	handler, rest http.Handler
	basePath      string
}

// ServeHTTP compares the target exactly as in the request line, so that paths
// which merely resemble the prefix still go to the fake.
func (m *mount) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.RequestURI, m.prefix) || r.RequestURI+"/" == m.prefix {
		m.handler.ServeHTTP(w, r)
		return
	}
	if bare := strings.TrimSuffix(r.RequestURI, "/"); (bare == "" || bare == m.basePath) && wantsPage(r) {
		w.Header().Set("Vary", "Accept")
		http.Redirect(w, r, m.prefix, http.StatusFound)
		return
	}
	m.rest.ServeHTTP(w, r)
}

// wantsPage reports whether a person opens the URL. The service's clients accept
// JSON or anything.
func wantsPage(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.Header.Get("Accept"), "text/html")
}

// onSocket returns the socket's handler.
func (s *Server) onSocket() http.Handler {
	if s.mounted != nil {
		return s.mounted
	}
	return s
}
