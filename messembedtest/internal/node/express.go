package node

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// SendJSON is res.json(v). The time is that of the Date header.
func SendJSON(w http.ResponseWriter, r *http.Request, now js.Date, status int, v js.Value) {
	Send(w, r, now, status, "application/json; charset=utf-8", js.AppendJSON(nil, v))
}

// Send is res.send(body): it adds a weak ETag to everything, and responds 304 if
// the client has the body already.
func Send(w http.ResponseWriter, r *http.Request, now js.Date, status int, contentType string, body []byte) {
	h := w.Header()
	setCommon(h, now)
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

// setCommon sets the headers that all responses have, those of cors among them.
func setCommon(h http.Header, now js.Date) {
	h["X-Powered-By"] = []string{"Express"}
	h["Access-Control-Allow-Origin"] = []string{"*"}
	h["Date"] = []string{HTTPDate(now)}
}

// HTTPDate returns a time in the form of the Date header.
func HTTPDate(now js.Date) string { return now.Time().Format(http.TimeFormat) }

// weakETag returns the ETag that express computes for a body.
func weakETag(body []byte) string {
	sum := sha1.Sum(body)
	return `W/"` + strconv.FormatInt(int64(len(body)), 16) + "-" + base64.StdEncoding.EncodeToString(sum[:])[:27] + `"`
}

var noCache = regexp.MustCompile(`(?:^|,)\s*?no-cache\s*?(?:,|$)`)

// isFresh reports whether the client has the response already. There is no
// Last-Modified, so for a client that asks by date it is always false.
func isFresh(h http.Header, tag string) bool {
	want := Header(h, "If-None-Match")
	if want == "" || h.Get("If-Modified-Since") != "" || noCache.MatchString(Header(h, "Cache-Control")) {
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

// Preflight responds to OPTIONS for any path, as cors does with its default
// options.
func Preflight(w http.ResponseWriter, r *http.Request, now js.Date) {
	h := w.Header()
	setCommon(h, now)
	h.Set("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	h.Set("Vary", "Access-Control-Request-Headers")
	if asked := Header(r.Header, "Access-Control-Request-Headers"); asked != "" {
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Content-Length", "0")
	w.WriteHeader(http.StatusNoContent)
}
