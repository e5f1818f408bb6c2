package messembedtest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// tokenPath is the path of the gateway's token endpoint. It is not below the
// service's base path.
const tokenPath = "/oauth/token"

// defaultTokenLifetime is how long a gateway's token is valid.
const defaultTokenLifetime = time.Hour

// A gateway is an OAuth2 proxy that operators put in front of the service: it
// requires a bearer token from the client-credentials grant on the admin
// routes.
type gateway struct {
	id, secret string
	lifetime   time.Duration

	mu     sync.Mutex
	issued int
	expiry map[string]time.Time
}

func (s *Server) isTokenRequest(target string) bool {
	path, _, _ := strings.Cut(target, "?")
	return s.gateway != nil && path == tokenPath
}

// isGated reports whether the gateway requires a token for the target.
func (s *Server) isGated(target string) bool {
	const admin = "/admin-api/"
	return s.gateway != nil && len(target) >= len(admin) && strings.EqualFold(target[:len(admin)], admin)
}

// serveToken is the token endpoint: RFC 6749, section 4.4.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Date", node.HTTPDate(s.now()))
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	form, err := url.ParseQuery(string(fakehttp.Body(r)))
	id, secret, basic := r.BasicAuth()
	if basic {
		id, secret = unescapeForm(id), unescapeForm(secret)
	} else {
		id, secret = form.Get("client_id"), form.Get("client_secret")
	}
	switch {
	case r.Method != http.MethodPost:
		h.Set("Allow", http.MethodPost)
		oauthError(w, http.StatusMethodNotAllowed, "invalid_request")
	case err != nil || form.Get("grant_type") == "":
		oauthError(w, http.StatusBadRequest, "invalid_request")
	case id != s.gateway.id || secret != s.gateway.secret:
		if basic {
			h.Set("WWW-Authenticate", `Basic realm="gateway"`)
		}
		oauthError(w, http.StatusUnauthorized, "invalid_client")
	case form.Get("grant_type") != "client_credentials":
		oauthError(w, http.StatusBadRequest, "unsupported_grant_type")
	default:
		token := s.gateway.issue(s.clock())
		answer := js.NewObject("access_token", js.String(token), "token_type", js.String("Bearer"), "expires_in", s.gateway.lifetime.Seconds())
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(js.AppendJSON(nil, answer))
	}
}

// unescapeForm decodes credentials in a header, which RFC 6749 requires to be
// form-encoded.
func unescapeForm(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func oauthError(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = w.Write(js.AppendJSON(nil, js.NewObject("error", js.String(code))))
}

func (g *gateway) issue(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.issued++
	token := "gateway-token-" + strconv.Itoa(g.issued)
	g.expiry[token] = now.Add(g.lifetime)
	return token
}

// hasGatewayToken reports whether the request carries a token that was issued
// here and has not expired.
func (s *Server) hasGatewayToken(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return false
	}
	g := s.gateway
	g.mu.Lock()
	defer g.mu.Unlock()
	expiry, known := g.expiry[strings.TrimSpace(token)]
	return known && s.clock().Before(expiry)
}

// refuseAtGateway responds as in RFC 6750, section 3. The service does not see
// the request.
func (s *Server) refuseAtGateway(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Date", node.HTTPDate(s.now()))
	h.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	h.Set("Content-Type", "application/json")
	oauthError(w, http.StatusUnauthorized, "invalid_token")
}

// ExpireTokens invalidates all tokens that the token endpoint has issued so
// far, as if the gateway had restarted. It affects only a fake with
// [WithClientCredentials]; the users' access tokens stay valid.
func (s *Server) ExpireTokens() {
	if s.gateway == nil {
		return
	}
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	clear(s.gateway.expiry)
}

// TokenURL returns the URL of the token endpoint of a fake with
// [WithClientCredentials], and "" for any other. It makes the fake listen, as
// [Server.URL] does, so that every client reaches the endpoint; one that has the
// fake as its transport reaches it in memory. In a testing/synctest bubble, in
// which a socket would stop the time, it does not listen, and the endpoint is in
// memory until URL is called.
func (s *Server) TokenURL() string {
	s.tb.Helper()
	if s.gateway == nil {
		return ""
	}
	if !fakehttp.InBubble() {
		s.http.URL()
	}
	return s.tokenURL()
}

// tokenURL returns the URL for a client that has the fake as its transport.
func (s *Server) tokenURL() string { return s.http.Origin() + tokenPath }
