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

// A failure is an answer that is not a success.
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

// badRequest has a text for a message, or a list of what validation found.
func badRequest(message value) *failure {
	return &failure{http.StatusBadRequest, newObject("statusCode", 400.0, "message", message, "error", text("Bad Request"))}
}

func noRoute(method, target string) *failure {
	return &failure{http.StatusNotFound, newObject("statusCode", 404.0,
		"message", text("Cannot "+method+" "+target), "error", text("Not Found"))}
}

// codeFailure is a business error; without a message it has none.
func codeFailure(status int, code string, message ...string) *failure {
	body := newObject("statusCode", float64(status), "code", text(code))
	for _, m := range message {
		body.set("message", text(m))
	}
	return &failure{status, body}
}

// sendJSON answers as express's res.json does.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, status int, v value) {
	s.send(w, r, status, "application/json; charset=utf-8", appendJSON(nil, v))
}

// send answers as express's res.send does: with a weak ETag on everything, and 304 to a client that
// has it already.
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

// setCommon sets what every answer of the server has.
func (s *Server) setCommon(h http.Header) {
	h["X-Powered-By"] = []string{"Express"}
	h["Access-Control-Allow-Origin"] = []string{"*"}
	h["Date"] = []string{s.httpDate()}
}

func (s *Server) httpDate() string { return s.now().time().Format(http.TimeFormat) }

// weakETag is the tag that express gives a body.
func weakETag(body []byte) string {
	sum := sha1.Sum(body)
	return `W/"` + strconv.FormatInt(int64(len(body)), 16) + "-" + base64.StdEncoding.EncodeToString(sum[:])[:27] + `"`
}

var noCache = regexp.MustCompile(`(?:^|,)\s*?no-cache\s*?(?:,|$)`)

// joined is a header as node gives it to those who ask: all of its lines, as one. Of some it gives
// the first alone, as Get does: Authorization, Content-Type, If-Modified-Since.
func joined(h http.Header, name string) string { return strings.Join(h[name], ", ") }

// isFresh tells whether the client has the answer already. There is no Last-Modified, so a client
// that asks by date never has.
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

// preflight answers OPTIONS for any path, as the cors middleware does.
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

// keepAlive sets what node adds to an answer over a connection.
func keepAlive(h http.Header, r *http.Request) {
	if r.Close || h.Get("Connection") == "close" {
		h.Set("Connection", "close")
		return
	}
	h.Set("Connection", "keep-alive")
	h.Set("Keep-Alive", "timeout="+strconv.Itoa(int(idleTimeout/time.Second)))
}

// idleTimeout is when node closes an idle connection.
const idleTimeout = 5 * time.Second
