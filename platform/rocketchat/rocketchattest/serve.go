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
	query   document
}

// may reports whether the caller has a permission: the administrator has all
// but those taken away, other users can only see each other.
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

// answer checks the request in the order of the server's version and runs the action.
func (s *Server) answer(rt *route, header http.Header, r *http.Request) (document, *failure) {
	c := &call{request: r}
	if !rt.open && !s.authenticate(c) {
		return nil, s.unauthenticated()
	}
	permission := func() *failure { return s.permitted(rt, c) }
	valid := func() *failure { return s.validate(rt, c) }
	limit := func() *failure { return s.count(rt, header) }
	second := func() *failure { return s.secondFactor(rt, c) }
	checks := []func() *failure{permission, valid, limit, second}
	if !s.version.atLeast(8, 0) {
		checks = []func() *failure{limit, valid, permission, second}
	}
	for _, check := range checks {
		if failed := check(); failed != nil {
			return nil, failed
		}
	}
	return rt.act(s, c)
}

func (s *Server) permitted(rt *route, c *call) *failure {
	for _, permission := range rt.permissions {
		if s.may(c, permission) {
			return nil
		}
	}
	if len(rt.permissions) == 0 {
		return nil
	}
	return withoutPermission()
}

// validate validates the query, and the body unless the action does so itself.
func (s *Server) validate(rt *route, c *call) *failure {
	c.query = queryOf(c.request.URL.Query())
	if rt.query != nil {
		code, v := "error-invalid-params", validator{s.version, true}
		if !s.version.atLeast(8, 0) {
			code, v.lists = "invalid-params", false
		}
		if failed := s.invalid(code, v.check(rt.query, c.query)); failed != nil {
			return failed
		}
	}
	if rt.method != http.MethodPost || isMultipart(c.request) {
		return nil
	}
	body, isObject := bodyOf(c.request)
	if !isObject {
		return s.invalid("invalid-params", []string{"must be object"})
	}
	c.body = body
	checked := rt.body
	if rt.path == "api/v1/users.createToken" {
		checked = s.tokenSchema()
	}
	if checked == nil {
		return nil
	}
	return s.invalid("invalid-params", validator{version: s.version}.check(checked, c.body))
}

// queryOf reads a query as the package qs does, as far as the server's clients
// use it: a key that is repeated or ends with brackets is a list.
func queryOf(values url.Values) document {
	query := document{}
	for name, all := range values {
		plain, isList := strings.CutSuffix(name, "[]")
		if !isList && len(all) == 1 {
			query[plain] = all[0]
			continue
		}
		list := make([]any, len(all))
		for i, value := range all {
			list[i] = value
		}
		query[plain] = list
	}
	return query
}

// bodyOf reads a body as the server does: what is no JSON is an empty object.
func bodyOf(r *http.Request) (body document, isObject bool) {
	data := fakehttp.Body(r)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		form, _ := url.ParseQuery(string(data))
		return queryOf(form), true
	}
	var value any
	if json.Unmarshal(data, &value) != nil {
		return document{}, true
	}
	object, isObject := value.(map[string]any)
	return object, isObject
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

// secondFactor requires a code if the caller has a second factor and its token
// does not bypass it.
func (s *Server) secondFactor(rt *route, c *call) *failure {
	if !s.twoFactor || rt.twoFactor == (version{}) || !s.version.from(rt.twoFactor) || c.token.bypasses {
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
