package rightechtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const jsonType = "application/json; charset=utf-8"

// A reply is a route's response: an object, a list, or text.
type reply struct {
	status int
	body   any
	raw    []byte
}

type object map[string]any

// success is an object with the "success" that the service adds to every
// object.
func success(o object) reply {
	o["success"] = true
	return reply{status: http.StatusOK, body: o}
}

// ricErrorBody is the service's error body. The code repeats the status, as a text or a number.
type ricErrorBody struct {
	Success bool     `json:"success"`
	Name    string   `json:"name"`
	Code    any      `json:"code"`
	Message string   `json:"message"`
	Tags    []string `json:"tags"`
	Codes   []string `json:"codes"`
}

func ricError(status int, tags ...string) reply {
	return reply{status: status, body: ricErrorBody{
		Name: "RicError", Code: strconv.Itoa(status), Message: http.StatusText(status), Tags: tags, Codes: tags,
	}}
}

// tagOf returns the first tag of an error: "error_not_found".
func tagOf(status int) string {
	return "error_" + strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "_")
}

func invalid() reply { return ricError(http.StatusBadRequest, "error_validation", "error_users") }

func userNotFound() reply {
	return ricError(http.StatusNotFound, tagOf(http.StatusNotFound), "error_users")
}

// asGuessed returns the body as the fake's options would have it.
func (s *Server) asGuessed(a reply) any {
	switch body := a.body.(type) {
	case ricErrorBody:
		if s.guesses.numericCodes {
			body.Code = a.status
		}
		return body
	case object:
		if body["_id"] != nil && s.guesses.wrappedObjects {
			return []object{body}
		}
	}
	return a.body
}

func (s *Server) send(w http.ResponseWriter, a reply) {
	w.Header().Set("Date", s.clock().UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", jsonType)
	data := a.raw
	a.body = s.asGuessed(a)
	if a.body != nil {
		var err error
		if data, err = json.Marshal(a.body); err != nil {
			a.status = http.StatusInternalServerError
		}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(data)
}

// gatewayPage returns nginx's page for a status.
func gatewayPage(status int) string {
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
}
