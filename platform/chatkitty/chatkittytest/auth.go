package chatkittytest

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/messembed/messembed-go/internal/fakehttp"
	"github.com/messembed/messembed-go/platform/chatkitty"
)

// tokenPath is the path of the token endpoint, which is beside the API, not
// below its base path. The service has a separate host for it.
const tokenPath = "/oauth/token"

// tokenLifetime is the lifetime in the service's documentation.
const tokenLifetime = 42892 * time.Second

// tokens holds what the token endpoint has issued.
type tokens struct {
	issued int
	expiry map[string]time.Time
}

// serveToken implements the client-credentials grant: HTTP Basic, and a form of either kind.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	answer := s.grant(r)
	s.mu.Unlock()
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, answer)
}

func (s *Server) grant(r *http.Request) reply {
	id, secret, basic := r.BasicAuth()
	switch {
	case r.Method != http.MethodPost:
		return methodNotAllowed()
	case !basic:
		return oauthError(http.StatusUnauthorized, "unauthorized", "Full authentication is required to access this resource")
	case unescape(id) != s.clientID || unescape(secret) != s.clientSecret:
		return oauthError(http.StatusUnauthorized, "invalid_client", "Bad client credentials")
	}
	switch grantType(r) {
	case "client_credentials":
	case "":
		return oauthError(http.StatusBadRequest, "invalid_request", "Missing grant type")
	default:
		return oauthError(http.StatusBadRequest, "unsupported_grant_type", "Unsupported grant type")
	}
	s.tokens.issued++
	token := fmt.Sprintf("00000000-0000-4000-8000-%012d", s.tokens.issued)
	if s.tokens.expiry == nil {
		s.tokens.expiry = map[string]time.Time{}
	}
	s.tokens.expiry[token] = s.clock().Add(tokenLifetime)
	return success(object{
		"access_token": token, "token_type": "bearer", "expires_in": int(tokenLifetime.Seconds()), "scope": "org:1:app",
	})
}

// unescape undoes the encoding that RFC 6749 requires for credentials in a
// header, which not every client applies.
func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// grantType reads the only field of the form that matters.
func grantType(r *http.Request) string {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	body := fakehttp.Body(r)
	if kind != "multipart/form-data" {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return ""
		}
		return form.Get("grant_type")
	}
	parts := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			return ""
		}
		if part.FormName() == "grant_type" {
			value, _ := io.ReadAll(part)
			return string(value)
		}
	}
}

// admit checks the token and the rate limit of a request, and returns the reply
// if it is rejected.
func (s *Server) admit(r *http.Request) (reply, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return oauthError(http.StatusUnauthorized, "unauthorized", "Full authentication is required to access this resource"), false
	}
	if expiry, issued := s.tokens.expiry[token]; !issued || !s.clock().Before(expiry) {
		return oauthError(http.StatusUnauthorized, s.guesses.expiredCode, "Access token expired"), false
	}
	refused, limited := s.limited()
	return refused, !limited
}

// ExpireTokens invalidates all tokens issued so far.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens.expiry)
}

// Credentials returns credentials for chatkitty.New. Their token endpoint is in memory until
// URL is called, then on the socket.
func (s *Server) Credentials() chatkitty.Credentials {
	return chatkitty.Credentials{ClientID: s.clientID, ClientSecret: s.clientSecret, TokenURL: s.http.Origin() + tokenPath}
}
