package messembedtest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// tokenPath is where the gateway's token endpoint is, beside the service and not under its base path.
const tokenPath = "/oauth/token"

// defaultTokenLifetime is how long a gateway's token is good.
const defaultTokenLifetime = time.Hour

// A gateway is what operators put in front of the service: it wants a bearer token from the
// client-credentials grant on the admin routes.
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

// isGated tells whether the gateway wants a token for the target.
func (s *Server) isGated(target string) bool {
	const admin = "/admin-api/"
	return s.gateway != nil && len(target) >= len(admin) && strings.EqualFold(target[:len(admin)], admin)
}

// serveToken is the token endpoint: RFC 6749, section 4.4.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Date", s.httpDate())
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
		answer := newObject("access_token", text(token), "token_type", text("Bearer"), "expires_in", s.gateway.lifetime.Seconds())
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(appendJSON(nil, answer))
	}
}

// unescapeForm undoes the encoding that RFC 6749 wants of credentials in a header.
func unescapeForm(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func oauthError(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = w.Write(appendJSON(nil, newObject("error", text(code))))
}

func (g *gateway) issue(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.issued++
	token := "gateway-token-" + strconv.Itoa(g.issued)
	g.expiry[token] = now.Add(g.lifetime)
	return token
}

// hasGatewayToken tells whether the request carries a token that was issued here and has not expired.
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

// refuseAtGateway is RFC 6750, section 3. The service has not seen the request.
func (s *Server) refuseAtGateway(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Date", s.httpDate())
	h.Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	h.Set("Content-Type", "application/json")
	oauthError(w, http.StatusUnauthorized, "invalid_token")
}

// ExpireTokens makes every token that the token endpoint has issued so far worthless, as when a
// gateway restarts. It concerns a fake with [WithClientCredentials]; the users' access tokens stay
// good.
func (s *Server) ExpireTokens() {
	if s.gateway == nil {
		return
	}
	s.gateway.mu.Lock()
	defer s.gateway.mu.Unlock()
	clear(s.gateway.expiry)
}

// TokenURL is the address of the token endpoint of a fake with [WithClientCredentials], to be used
// beside the base URL: in memory before [Server.URL] was called, over the socket from then on. It
// is empty without a token endpoint.
func (s *Server) TokenURL() string {
	if s.gateway == nil {
		return ""
	}
	return s.http.Origin() + tokenPath
}
