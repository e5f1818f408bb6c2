package rocketchattest

import (
	"encoding/json"
	"net/http"
)

// document is a JSON object: a stored user, or a response.
type document map[string]any

// failure is an error response.
type failure struct {
	status int
	body   document
}

// meteorError is what an action throws: a 400 with the code in brackets and as errorType.
func meteorError(code, reason string, details any) *failure {
	text := "[" + code + "]"
	if reason != "" {
		text = reason + " " + text
	}
	body := document{"success": false, "error": text, "errorType": code}
	if details != nil {
		body["details"] = details
	}
	return &failure{http.StatusBadRequest, body}
}

// plainFailure is a 400 without a code.
func plainFailure(text string) *failure {
	return &failure{http.StatusBadRequest, document{"success": false, "error": text}}
}

// unauthenticated is the response to missing or wrong credentials.
func (s *Server) unauthenticated() *failure {
	const text = "You must be logged in to do this."
	body := document{"status": "error", "message": text}
	if s.version.atLeast(7, 0) {
		body["success"], body["error"] = false, text
	}
	return &failure{http.StatusUnauthorized, body}
}

// withoutPermission is the response if a route declares the permission that it requires.
func withoutPermission() *failure {
	return &failure{http.StatusForbidden, document{
		"success": false, "error": "User does not have the permissions required for this action [error-unauthorized]",
	}}
}

// forbidden is the response if the action itself checks the permission.
func (s *Server) forbidden() *failure {
	text := "forbidden"
	if !s.version.atLeast(9, 0) {
		text = "unauthorized"
	}
	return &failure{http.StatusForbidden, document{"success": false, "error": text}}
}

func noSuchRoute() *failure {
	return &failure{http.StatusNotFound, document{"success": false, "error": "Resource not found"}}
}

// send writes a response of the API.
func (s *Server) send(w http.ResponseWriter, status int, body document) {
	data, err := json.Marshal(body)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"success":false,"error":"Internal server error"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	h.Set("Date", s.now().Format(http.TimeFormat))
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
