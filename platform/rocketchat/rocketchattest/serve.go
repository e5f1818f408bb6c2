package rocketchattest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// call is a request that has reached its action.
type call struct {
	request *http.Request
	caller  *user
	token   *token
	body    document
	query   document // the first value of each key
	values  url.Values
}

// may reports whether the caller has a permission: the administrator has all but those taken away, other users can only see each other.
func (s *Server) may(c *call, permission string) bool {
	if c.caller == s.caller {
		return !s.denied[permission]
	}
	return permission == "view-d-room"
}

// operation determines which operation a request is.
func (s *Server) operation(r *http.Request) fakehttp.Operation {
	target, _, _ := strings.Cut(fakehttp.Target(r), "?")
	path, inside := strings.CutPrefix(target, s.basePath+"/")
	switch {
	case !inside:
		return fakehttp.Operation{Serve: serveOutside}
	case path == socketPath:
		op := fakehttp.Operation{Name: streamOp, Serve: refuseUpgrade(http.StatusBadRequest, `Can "Upgrade" only to "WebSocket".`)}
		if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
			op.Takeover = s.serveSocket
		}
		return op
	}
	found := table[r.Method+" "+path]
	if found == nil {
		return fakehttp.Operation{Serve: func(w http.ResponseWriter, _ *http.Request) {
			failed := noSuchRoute()
			s.send(w, failed.status, failed.body)
		}}
	}
	return fakehttp.Operation{Name: found.name, Serve: func(w http.ResponseWriter, r *http.Request) { s.serve(found, w, r) }}
}

// serveOutside is a proxy's response to requests outside the workspace.
func serveOutside(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("not found\n"))
}

func (s *Server) serve(rt *route, w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, failed := s.answer(rt, w.Header(), r)
	switch {
	case failed != nil:
		s.send(w, failed.status, failed.body)
	case body["location"] != nil:
		w.Header().Set("Location", body["location"].(string))
		w.WriteHeader(http.StatusTemporaryRedirect)
	default:
		body["success"] = true
		s.send(w, http.StatusOK, body)
	}
}

// answer checks the request in the server's order and runs the action.
func (s *Server) answer(rt *route, header http.Header, r *http.Request) (document, *failure) {
	c := &call{request: r, values: r.URL.Query(), query: document{}}
	if !rt.open && !s.authenticate(c) {
		return nil, s.unauthenticated()
	}
	if !s.permitted(rt, c) {
		return nil, withoutPermission()
	}
	if failed := s.validate(rt, c); failed != nil {
		return nil, failed
	}
	if failed := s.count(rt, header); failed != nil {
		return nil, failed
	}
	if failed := s.secondFactor(rt, c); failed != nil {
		return nil, failed
	}
	return rt.act(s, c)
}

func (s *Server) permitted(rt *route, c *call) bool {
	for _, permission := range rt.permissions {
		if s.may(c, permission) {
			return true
		}
	}
	return len(rt.permissions) == 0
}

// validate validates the query, and the body unless the action does so itself.
func (s *Server) validate(rt *route, c *call) *failure {
	for name, values := range c.values {
		c.query[name] = values[0]
	}
	if rt.query != nil {
		code := "error-invalid-params"
		if !s.version.atLeast(8, 0) {
			code = "invalid-params"
		}
		if failed := s.invalid(code, rt.query.check(c.query, s.version)); failed != nil {
			return failed
		}
	}
	if rt.method != http.MethodPost || isMultipart(c.request) {
		return nil
	}
	if data := fakehttp.Body(c.request); len(data) > 0 {
		var body any
		if json.Unmarshal(data, &body) != nil {
			return plainFailure("Invalid JSON")
		}
		object, isObject := body.(map[string]any)
		if !isObject {
			return s.invalid("invalid-params", []string{"must be object"})
		}
		c.body = object
	}
	checked := rt.body
	if rt.path == "api/v1/users.createToken" {
		checked = s.tokenSchema()
	}
	if checked == nil {
		return nil
	}
	return s.invalid("invalid-params", checked.check(c.body, s.version))
}

func (s *Server) invalid(code string, found []string) *failure {
	if len(found) == 0 {
		return nil
	}
	whole := strings.Join(found, "\n ")
	if !s.version.atLeast(8, 0) {
		whole += " [" + code + "]"
	}
	return &failure{http.StatusBadRequest, document{"success": false, "errorType": code, "error": whole}}
}

// secondFactor requires a code if the caller has a second factor and its token does not bypass it.
func (s *Server) secondFactor(rt *route, c *call) *failure {
	if !s.twoFactor || rt.twoFactor == (version{}) || !s.version.atLeast(rt.twoFactor.major, rt.twoFactor.minor) || c.token.bypasses {
		return nil
	}
	details := document{"method": "totp", "codeGenerated": false, "availableMethods": []string{"totp"}}
	switch c.request.Header.Get("X-2fa-Code") {
	case TwoFactorCode:
		return nil
	case "":
		return meteorError("totp-required", "TOTP Required", details)
	}
	return meteorError("totp-invalid", "TOTP Invalid", details)
}
