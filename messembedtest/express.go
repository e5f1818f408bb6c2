package messembedtest

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A failure is a response that is not a success.
type failure struct {
	status int
	body   *object
}

// The failures of the framework. Those of the service are made by codeFailure.
func internalError() *failure {
	return &failure{http.StatusInternalServerError, newObject("statusCode", 500.0, "message", text("Internal server error"))}
}

func unauthorized() *failure {
	return &failure{http.StatusUnauthorized, newObject("statusCode", 401.0, "message", text("Unauthorized"))}
}

// badRequest takes a text as the message, or a list of what validation found.
func badRequest(message value) *failure {
	return &failure{http.StatusBadRequest, newObject("statusCode", 400.0, "message", message, "error", text("Bad Request"))}
}

func noRoute(method, target string) *failure {
	return &failure{http.StatusNotFound, newObject("statusCode", 404.0,
		"message", text("Cannot "+method+" "+target), "error", text("Not Found"))}
}

// codeFailure is an error of the service's own; the message is optional.
func codeFailure(status int, code string, message ...string) *failure {
	body := newObject("statusCode", float64(status), "code", text(code))
	for _, m := range message {
		body.set("message", text(m))
	}
	return &failure{status, body}
}

// sendJSON responds as express's res.json does.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, status int, v value) {
	s.send(w, r, status, "application/json; charset=utf-8", appendJSON(nil, v))
}

// send responds as express's res.send does: with a weak ETag on everything, and 304 if the client
// has the body already.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	h := w.Header()
	s.setCommon(h)
	tag := weakETag(body)
	h["Etag"] = []string{tag}
	if (r.Method == http.MethodGet || r.Method == http.MethodHead) && status >= 200 && status < 300 && isFresh(r.Header, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = []string{contentType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// setCommon sets the headers that all of the server's responses have.
func (s *Server) setCommon(h http.Header) {
	h["X-Powered-By"] = []string{"Express"}
	h["Access-Control-Allow-Origin"] = []string{"*"}
	h["Date"] = []string{s.httpDate()}
}

func (s *Server) httpDate() string { return s.now().time().Format(http.TimeFormat) }

// weakETag returns the ETag that express computes for a body.
func weakETag(body []byte) string {
	sum := sha1.Sum(body)
	return `W/"` + strconv.FormatInt(int64(len(body)), 16) + "-" + base64.StdEncoding.EncodeToString(sum[:])[:27] + `"`
}

var noCache = regexp.MustCompile(`(?:^|,)\s*?no-cache\s*?(?:,|$)`)

// joined returns a header as node does: all of its lines joined. For some headers node returns only
// the first line, as Get does: Authorization, Content-Type, If-Modified-Since.
func joined(h http.Header, name string) string { return strings.Join(h[name], ", ") }

// isFresh reports whether the client has the response already. There is no Last-Modified, so for a
// client that asks by date it is always false.
func isFresh(h http.Header, tag string) bool {
	want := joined(h, "If-None-Match")
	if want == "" || h.Get("If-Modified-Since") != "" || noCache.MatchString(joined(h, "Cache-Control")) {
		return false
	}
	if want == "*" {
		return true
	}
	for one := range strings.SplitSeq(want, ",") {
		if one = strings.Trim(one, " "); one == tag || "W/"+one == tag {
			return true
		}
	}
	return false
}

// preflight responds to OPTIONS for any path, as the cors middleware does.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	s.setCommon(h)
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	h.Set("Vary", "Access-Control-Request-Headers")
	if asked := joined(r.Header, "Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusNoContent)
}

// keepAlive sets the headers that node adds to a response over a connection.
func keepAlive(h http.Header, r *http.Request) {
	if r.Close || h.Get("Connection") == "close" {
		h.Set("Connection", "close")
		return
	}
	h.Set("Connection", "keep-alive")
	h.Set("Keep-Alive", "timeout="+strconv.Itoa(int(idleTimeout/time.Second)))
}

// idleTimeout is how long node keeps an idle connection open.
const idleTimeout = 5 * time.Second
