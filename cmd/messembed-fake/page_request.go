package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/messembed/messembed-go/messembedtest"
)

// A wholeRequest is shown when a line of the list is expanded.
type wholeRequest struct {
	shownRequest
	Target string       `json:"target"`
	Header [][2]string  `json:"header"`
	Hidden []string     `json:"hidden"` // names of headers that may contain a secret
	Body   string       `json:"body"`
	Size   int          `json:"size"`
	Note   string       `json:"note"` // a remark on the body
	Curl   string       `json:"curl"` // a command that sends the request again; empty if there is none
	Answer *wholeAnswer `json:"answer"`
}

// A wholeAnswer is the response as the fake sent it.
type wholeAnswer struct {
	Text   string      `json:"text"` // of the status
	Header [][2]string `json:"header"`
	Body   string      `json:"body"`
	Size   int         `json:"size"`
	Note   string      `json:"note"`
}

// harmlessHeaders can be shown; other headers, such as a gateway's own, may contain secrets.
var harmlessHeaders = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Connection", "Content-Encoding",
	"Content-Length", "Content-Type", "If-Modified-Since", "If-None-Match", "Origin",
	"Sec-Websocket-Version", "Traceparent", "Upgrade", "User-Agent", "X-Request-Id",
}

func (p *page) request(r *http.Request) (any, error) {
	number, _ := strconv.Atoi(r.FormValue("number"))
	e, ok := p.in.Request(number)
	if !ok {
		return nil, &mistake{status: http.StatusNotFound, Text: "This request is no longer available: the fake keeps the newest " +
			strconv.Itoa(requestLog) + ", and fewer if they are large."}
	}
	whole := wholeRequest{
		shownRequest: showRequest(&e), Target: target(&e), Size: len(e.Body), Answer: answerOf(&e),
		Curl: curl("http://"+r.Host, p.in.BasePath(), &e),
	}
	whole.Header, whole.Hidden = splitHeader(e.Header)
	whole.Body, whole.Note = showBody(e.Body, len(e.Body))
	return whole, nil
}

// splitHeader returns the fields that can be shown, by name, and the names of the
// others.
func splitHeader(h http.Header) (shown [][2]string, hidden []string) {
	for _, field := range sorted(h) {
		switch name := field[0]; {
		case slices.Contains(harmlessHeaders, name):
			shown = append(shown, field)
		case !slices.Contains(hidden, name):
			hidden = append(hidden, name)
		}
	}
	return shown, hidden
}

// sorted returns the fields of a header by name.
func sorted(h http.Header) (fields [][2]string) {
	for name, values := range h {
		for _, v := range values {
			fields = append(fields, [2]string{name, v})
		}
	}
	slices.SortStableFunc(fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return fields
}

func answerOf(e *messembedtest.LoggedRequest) *wholeAnswer {
	if e.AnswerHeader == nil {
		return nil
	}
	a := &wholeAnswer{Text: http.StatusText(e.Status), Header: sorted(e.AnswerHeader), Size: e.AnswerSize}
	switch {
	case e.Op == "MessageEvents" && e.AnswerBody == nil:
		a.Note = "events are not kept"
	case e.AnswerSize > 0 && len(e.AnswerBody) == 0:
		a.Note = "not kept: it holds a token"
	default:
		a.Body, a.Note = showBody(e.AnswerBody, e.AnswerSize)
	}
	return a
}

// maxShownBody is a little more than the service accepts.
const maxShownBody = 128 << 10

// showBody indents JSON, without changing numbers or the order of keys. Of a body
// of this size, perhaps only the beginning is known.
func showBody(body []byte, size int) (text, note string) {
	isCut := size > len(body) || len(body) > maxShownBody
	if isCut { // perhaps within a character
		body = bytes.ToValidUTF8(body[:min(len(body), maxShownBody)], nil)
	}
	switch {
	case len(body) == 0:
		return "", "no body"
	case !utf8.Valid(body):
		return "", "not text"
	case isCut:
		return string(body), "truncated"
	}
	var indented bytes.Buffer
	if json.Indent(&indented, body, "", "  ") != nil {
		return string(body), ""
	}
	return indented.String(), ""
}
