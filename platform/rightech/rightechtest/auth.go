package rightechtest

import (
	"net/http"
	"strings"

	"github.com/messembed/messembed-go/platform/rightech"
)

// admit checks the API token and its scopes, and returns the reply if the request is rejected.
func (s *Server) admit(op string, r *http.Request) (reply, bool) {
	if op == tokenOp && s.guesses.openTokenRoute {
		return reply{}, true
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case !strings.EqualFold(scheme, "bearer") || token != s.token:
		return ricError(http.StatusUnauthorized, tagOf(http.StatusUnauthorized)), false
	case s.scopes != nil && !s.scopes[op]:
		return ricError(http.StatusForbidden, tagOf(http.StatusForbidden), "error_users"), false
	}
	return reply{}, true
}

// Credentials returns credentials for rightech.New.
func (s *Server) Credentials() rightech.Credentials { return rightech.Credentials{Token: s.token} }
