package chatkittytest

import (
	"encoding/json"
	"net/http"
	"time"
)

// A reply is a route's response. Its body is marshalled; nil means no body.
type reply struct {
	status     int
	body       any
	retryAfter string
}

func success(body any) reply { return reply{status: http.StatusOK, body: body} }

// object is a JSON object whose keys are already in the dialect of the
// response.
type object map[string]any

func (s *Server) send(w http.ResponseWriter, a reply) {
	h := w.Header()
	h.Set("Date", s.clock().UTC().Format(http.TimeFormat))
	h.Set("X-Api-Version", "v1.15.13")
	if a.retryAfter != "" {
		h.Set("Retry-After", a.retryAfter)
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	if failed, isError := a.body.(apiError); isError {
		failed.Timestamp = s.timestamp()
		a.body = failed
	}
	data, err := json.Marshal(a.body)
	if err != nil {
		a.status, data = http.StatusInternalServerError, []byte(`{"error":"InternalServerError","message":"unmarshallable"}`)
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	_, _ = w.Write(data)
}

func (s *Server) timestamp() string { return s.clock().UTC().Format(time.RFC3339Nano) }

// apiError is the service's own error body.
type apiError struct {
	CoolOffDuration string `json:"coolOffDuration,omitempty"`
	Error           string `json:"error"`
	Message         string `json:"message"`
	Timestamp       string `json:"timestamp"`
}

func clientError() reply { return clientErrorWith(http.StatusBadRequest) }

func clientErrorWith(status int) reply {
	return reply{status: status, body: apiError{Error: "ClientError", Message: "A client error occurred, check your request"}}
}

func notFound() reply {
	return reply{status: http.StatusNotFound, body: apiError{Error: "ResourceNotFoundError", Message: "Resource not found"}}
}

func methodNotAllowed() reply {
	return reply{status: http.StatusMethodNotAllowed, body: apiError{Error: "MethodNotAllowedError", Message: "Method not allowed"}}
}

func unsupportedMediaType() reply {
	return reply{
		status: http.StatusUnsupportedMediaType, body: apiError{Error: "UnsupportedMediaTypeError", Message: "Content type not supported"},
	}
}

// oauthError is an error body in OAuth2's form.
func oauthError(status int, code, description string) reply {
	return reply{status: status, body: object{"error": code, "error_description": description}}
}
