package fakehttp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/messembed/messembed-go/messembedtest/fakeserver"
)

// What the log keeps: the newest requests, as many as both limits allow.
const (
	defaultLogLimit = 100_000
	maxLogBytes     = 64 << 20
)

// A log with a limit of its own is for a fake that runs for a long time and is
// observed: it keeps the responses too, but only the beginning of long bodies.
const (
	keptBody         = 256 << 10
	keptAnswer       = 64 << 10
	maxObservedBytes = 256 << 20
)

// A requestLog holds the newest requests. It is guarded by the Server's mutex.
type requestLog struct {
	entries []*entry
	bytes   int // that the entries take, roughly
	dropped int
}

// An entry is a logged request.
type entry struct {
	fakeserver.LoggedRequest
	bytes int
}

// add adds the newest entry and drops the oldest ones beyond the limits.
func (l *requestLog) add(e *entry, limit int) {
	l.entries = append(l.entries, e)
	l.grow(e, 512+len(e.Path)+len(e.Query)+len(e.Body)+headerSize(e.Header), limit)
}

// grow notes that an entry takes n more bytes, roughly. It may have been dropped.
func (l *requestLog) grow(e *entry, n, limit int) {
	if l.find(e.Number) == nil {
		return
	}
	e.bytes += n
	l.bytes += n
	maxRequests, maxBytes := limit, maxObservedBytes
	if limit == 0 {
		maxRequests, maxBytes = defaultLogLimit, maxLogBytes
	}
	for len(l.entries) > 1 && (len(l.entries) > maxRequests || l.bytes > maxBytes) {
		l.bytes -= l.entries[0].bytes
		l.entries[0] = nil
		l.entries = l.entries[1:]
		l.dropped++
	}
}

// find returns the entry with a number, or nil if it is not in the log. The
// numbers of the entries have no gaps.
func (l *requestLog) find(number int) *entry {
	if len(l.entries) == 0 {
		return nil
	}
	i := number - l.entries[0].Number
	if i < 0 || i >= len(l.entries) {
		return nil
	}
	return l.entries[i]
}

// headerSize returns roughly how much memory a header takes.
func headerSize(h http.Header) (n int) {
	for name, values := range h {
		n += 64 + len(name)
		for _, v := range values {
			n += 16 + len(v)
		}
	}
	return n
}

// credentialHeaders never reach the log.
var credentialHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Auth-Token", "X-2fa-Code"}

// credentialParameters are the query parameters whose values never reach the log.
var credentialParameters = map[string]bool{
	"username": true, "password": true, "access_token": true, "token": true, "secret": true, "client_secret": true,
}

// Requests implements [fakeserver.Server].
func (s *Server) Requests() []fakeserver.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]fakeserver.Request, len(s.log.entries))
	for i, e := range s.log.entries {
		out[i] = e.Request
	}
	return out
}

// DroppedRequests implements [fakeserver.Server].
func (s *Server) DroppedRequests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.dropped
}

// reportDropped notes in the log of a test that has failed that some requests are
// missing from what it may have printed.
func (s *Server) reportDropped() {
	test, ok := s.cfg.TB.(interface {
		Failed() bool
		Logf(format string, args ...any)
	})
	if n := s.DroppedRequests(); ok && n > 0 && test.Failed() {
		test.Logf("%s: the request log does not have the %d oldest requests", s.cfg.Package, n)
	}
}

// asLogged returns the request without credentials, as it arrived.
func (x *exchange) asLogged() *fakeserver.Request {
	if x.logged != nil {
		return x.logged
	}
	s, r := x.server, x.received
	path, query, _ := strings.Cut(Target(r), "?")
	x.logged = &fakeserver.Request{
		Op: x.op.Name, Method: r.Method, Path: path, Query: cleanQuery(query), Header: r.Header.Clone(), Time: time.Now(),
	}
	for _, name := range credentialHeaders {
		delete(x.logged.Header, name)
	}
	if !x.op.SecretBody {
		x.logged.Body = withoutFields(Body(r), s.cfg.SecretFields)
	}
	return x.logged
}

// record adds the request to the log, if there is one.
func (x *exchange) record() {
	s := x.server
	if s.cfg.LogLimit < 0 {
		return
	}
	e := &entry{LoggedRequest: fakeserver.LoggedRequest{Request: *x.asLogged()}}
	if s.cfg.LogLimit > 0 && len(e.Body) > keptBody {
		e.Body = bytes.Clone(e.Body[:keptBody])
	}
	if x.faulty {
		fault := x.fault // a pointer into x would retain all of it
		e.Fault = &fault
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch.number++
	e.Number = s.watch.number
	s.watch.touch()
	s.log.add(e, s.cfg.LogLimit)
	x.entry = e
}

func (x *exchange) answered(status int) {
	if x.entry == nil {
		return
	}
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.entry.Status = status
	x.server.watch.touch()
}

// recordAnswer adds the response as it is sent to the request's entry, if the log
// keeps responses. There is no body of a connection that is kept.
func (x *exchange) recordAnswer(h http.Header, status int, body []byte) {
	s := x.server
	if x.entry == nil || s.cfg.LogLimit <= 0 {
		return
	}
	header := h.Clone()
	for _, name := range credentialHeaders {
		delete(header, name)
	}
	size := len(body)
	if x.op.SecretAnswer && status < http.StatusBadRequest {
		body = nil
	}
	body = bytes.Clone(body[:min(len(body), keptAnswer)])
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.entry.AnswerHeader != nil {
		return // recorded by the Takeover
	}
	x.entry.AnswerHeader, x.entry.AnswerBody, x.entry.AnswerSize = header, body, size
	s.log.grow(x.entry, len(body)+headerSize(header), s.cfg.LogLimit)
	s.watch.touch()
}

// cleanQuery returns the query as sent, but without the values of credentials.
func cleanQuery(raw string) string {
	if raw == "" {
		return ""
	}
	pairs := strings.Split(raw, "&")
	for i, pair := range pairs {
		name, _, found := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); found && err == nil && credentialParameters[strings.ToLower(plain)] {
			pairs[i] = name + "="
		}
	}
	return strings.Join(pairs, "&")
}

// withoutFields replaces the secret fields of a JSON object with the given
// texts. A body that has none of them, or is not an object, is returned as
// sent.
func withoutFields(body []byte, secret map[string]string) []byte {
	var fields map[string]json.RawMessage
	if len(secret) == 0 || json.Unmarshal(body, &fields) != nil {
		return body
	}
	found := false
	for field := range fields {
		below := map[string]string{}
		for name, text := range secret {
			name, rest, deeper := strings.Cut(name, ".")
			switch {
			case !strings.EqualFold(name, field): // regardless of case, as in encoding/json
			case deeper:
				below[rest] = text
			default:
				fields[field], found = json.RawMessage(strconv.Quote(text)), true
			}
		}
		if cleaned := withoutFields(fields[field], below); !bytes.Equal(cleaned, fields[field]) {
			fields[field], found = cleaned, true
		}
	}
	if !found {
		return body
	}
	cleaned, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return cleaned
}
