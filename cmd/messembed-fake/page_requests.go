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

// maxShownPath is the length at which the list of requests truncates a path.
const maxShownPath = 300

// A shownRequest is a line in the list of requests.
type shownRequest struct {
	Number   int     `json:"number"`
	Op       string  `json:"op"`
	Method   string  `json:"method"`
	Path     string  `json:"path"`
	Status   int     `json:"status"` // 0 if there is no response (yet)
	Ended    bool    `json:"ended"`
	Time     int64   `json:"time"`
	Duration float64 `json:"duration"` // milliseconds
	Fault    string  `json:"fault"`
	Attempt  int     `json:"attempt"` // of a call, from 1; 0 if the request does not say which call it belongs to
}

func showRequest(e *messembedtest.LoggedRequest) shownRequest {
	shown := shownRequest{
		Number: e.Number, Op: e.Op, Method: e.Method, Path: shorten(target(e), maxShownPath),
		Status: e.Status, Ended: e.Ended, Time: unixMilli(e.Time),
		Duration: float64(e.Duration.Microseconds()) / 1000,
	}
	if e.Fault != nil {
		shown.Fault = faultWords(*e.Fault)
	}
	return shown
}

// target returns the path with the query.
func target(e *messembedtest.LoggedRequest) string {
	if e.Query == "" {
		return e.Path
	}
	return e.Path + "?" + e.Query
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

type shownRequests struct {
	Matching int            `json:"matching"`
	Newest   int            `json:"newest"` // number of the newest request
	Oldest   int            `json:"oldest"` // number of the oldest one that the fake keeps
	Requests []shownRequest `json:"requests"`
}

// requests returns a page of the requests that match, the newest first.
func (p *page) requests(r *http.Request) (any, error) {
	filter, offset := filterOf(r), offsetOf(r)
	out := shownRequests{Requests: []shownRequest{}}
	kept := p.in.Counts().Requests.Count
	var calls attempts
	for e := range p.in.Requests() {
		if out.Newest == 0 {
			out.Newest, out.Oldest = e.Number, e.Number-kept+1
		}
		calls.count(e)
		if !filter.matches(e) {
			continue
		}
		out.Matching++
		switch {
		case out.Matching <= offset:
		case len(out.Requests) < pageSize:
			out.Requests = append(out.Requests, showRequest(e))
			calls.add(e, len(out.Requests)-1)
		case filter.isOpen() && out.Matching > offset+pageSize+attemptsWithin:
			out.Matching += max(0, e.Number-out.Oldest) // all the others match too
			return out.withAttempts(calls), nil
		}
	}
	return out.withAttempts(calls), nil
}

func (s shownRequests) withAttempts(calls attempts) shownRequests {
	for i, n := range calls.numbers {
		s.Requests[i].Attempt = n
	}
	return s
}

// attemptsWithin is how many older requests are looked at for earlier attempts of
// the same call, when nothing else needs to be found there.
const attemptsWithin = 1000

// attempts numbers the requests of a page among those of their call. It sees the
// requests from the newest to the oldest.
type attempts struct {
	numbers []int
	calls   map[call][]int // the rows of each call
}

// A call is what the attempts of a call have in common.
type call struct{ id, method, path string }

func callOf(e *messembedtest.LoggedRequest) call {
	if ids := e.Header["X-Request-Id"]; len(ids) > 0 {
		return call{ids[0], e.Method, e.Path}
	}
	return call{}
}

// add adds a row of the page.
func (a *attempts) add(e *messembedtest.LoggedRequest, row int) {
	c := callOf(e)
	if c.id == "" {
		a.numbers = append(a.numbers, 0)
		return
	}
	if a.calls == nil {
		a.calls = map[call][]int{}
	}
	a.numbers = append(a.numbers, 1)
	a.calls[c] = append(a.calls[c], row)
}

// count counts a request that is older than those of its call that were added.
func (a *attempts) count(e *messembedtest.LoggedRequest) {
	if len(a.calls) == 0 {
		return
	}
	for _, row := range a.calls[callOf(e)] {
		a.numbers[row]++
	}
}

// A requestFilter is what the person has asked the list for.
type requestFilter struct {
	words  []string // each of which occurs in the request
	op     string   // "": any; noOp: none
	status string   // a name of statusFilters, or "": any
	upTo   int      // the number of the newest request; 0: no limit
}

const noOp = "-"

func filterOf(r *http.Request) requestFilter {
	upTo, _ := strconv.Atoi(r.FormValue("upTo"))
	return requestFilter{strings.Fields(strings.ToLower(r.FormValue("q"))), r.FormValue("op"), r.FormValue("status"), upTo}
}

// statusFilters select requests by what came of them.
var statusFilters = map[string]func(e *messembedtest.LoggedRequest) bool{
	"1xx":   func(e *messembedtest.LoggedRequest) bool { return e.Status/100 == 1 },
	"2xx":   func(e *messembedtest.LoggedRequest) bool { return e.Status/100 == 2 },
	"3xx":   func(e *messembedtest.LoggedRequest) bool { return e.Status/100 == 3 },
	"4xx":   func(e *messembedtest.LoggedRequest) bool { return e.Status/100 == 4 },
	"5xx":   func(e *messembedtest.LoggedRequest) bool { return e.Status/100 == 5 },
	"none":  func(e *messembedtest.LoggedRequest) bool { return e.Status == 0 },
	"fault": func(e *messembedtest.LoggedRequest) bool { return e.Fault != nil },
}

// isOpen reports whether the filter lets all requests pass, up to a number.
func (f *requestFilter) isOpen() bool {
	return len(f.words) == 0 && f.op == "" && statusFilters[f.status] == nil
}

func (f *requestFilter) matches(e *messembedtest.LoggedRequest) bool {
	switch {
	case f.upTo > 0 && e.Number > f.upTo:
		return false
	case f.op == noOp && e.Op != "" || f.op != "" && f.op != noOp && e.Op != f.op:
		return false
	}
	if wanted := statusFilters[f.status]; wanted != nil && !wanted(e) {
		return false
	}
	return len(f.words) == 0 || f.found(e)
}

// found looks for the words in what the list shows of a request and in the values
// of its body. The body's keys are not searched: they are the same in most
// requests.
func (f *requestFilter) found(e *messembedtest.LoggedRequest) bool {
	shown := [...]string{target(e), e.Method, e.Op, strconv.Itoa(e.Status), e.Header.Get("X-Request-Id"), ""}
	if e.Fault != nil {
		shown[len(shown)-1] = faultWords(*e.Fault)
	}
	for i, text := range shown {
		shown[i] = strings.ToLower(text)
	}
	var missing []string
	for _, word := range f.words {
		if !slices.ContainsFunc(shown[:], func(text string) bool { return strings.Contains(text, word) }) {
			missing = append(missing, word)
		}
	}
	if len(missing) == 0 || len(e.Body) == 0 {
		return len(missing) == 0
	}
	lower := bytes.ToLower(e.Body)
	isEscaped := bytes.IndexByte(lower, '\\') >= 0
	if !isEscaped && slices.ContainsFunc(missing, func(word string) bool { return !bytes.Contains(lower, []byte(word)) }) {
		return false // without parsing the body
	}
	values := strings.ToLower(valuesOf(e.Body))
	return !slices.ContainsFunc(missing, func(word string) bool { return !strings.Contains(values, word) })
}

// valuesOf returns the values of a JSON body, a line for each, or the text of
// another one.
func valuesOf(body []byte) string {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return "\n" + string(body)
	}
	var b strings.Builder
	var add func(v any)
	add = func(v any) {
		switch v := v.(type) {
		case string:
			b.WriteString("\n" + v)
		case json.Number:
			b.WriteString("\n" + v.String())
		case []any:
			for _, item := range v {
				add(item)
			}
		case map[string]any:
			for _, item := range v {
				add(item)
			}
		}
	}
	add(v)
	return b.String()
}
