package fakehttp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Request is one request that the fake received, without the caller's credentials. Its
// documentation for users is at messembedtest.Request.
type Request struct {
	Op     string // the operation, named after the SDK's method; empty if none
	Method string
	Path   string      // as sent: percent-encoded, with the base path, without the query
	Query  string      // as sent, except for the values of credentials
	Header http.Header // without Authorization, cookies and other credentials
	// Body is nil if all of it is credentials, as at a token endpoint. Fields that hold credentials
	// are replaced by another text. A log with a limit keeps 256 KiB of it.
	Body   []byte
	Status int // of the response, even if it was then cut short; 0: no response (yet)

	Time     time.Time
	Duration time.Duration // until the response was written or the connection broke; 0: neither has happened
}

// keptBody is how much of each body a log with a limit keeps. Such a log is for a fake that runs
// for a long time.
const keptBody = 256 << 10

// credentialHeaders never reach the log.
var credentialHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "X-Auth-Token", "X-2fa-Code"}

// credentialParameters are the query parameters whose values never reach the log.
var credentialParameters = map[string]bool{
	"username": true, "password": true, "access_token": true, "token": true, "secret": true, "client_secret": true,
}

// Requests returns the requests received, in order of arrival. A request whose response has not
// been written yet has Status 0.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.log))
	for i, r := range s.log {
		out[i] = r.Request
	}
	return out
}

// record adds the request to the log, if there is one.
func (x *exchange) record(r *http.Request, body []byte) {
	s := x.server
	if s.cfg.LogLimit < 0 {
		return
	}
	path, query, _ := strings.Cut(Target(r), "?")
	entry := &Entry{Request: Request{Op: x.op.Name, Method: r.Method, Path: path, Query: cleanQuery(query), Header: r.Header.Clone(), Time: time.Now()}}
	for _, name := range credentialHeaders {
		delete(entry.Header, name)
	}
	if !x.op.SecretBody {
		entry.Body = withoutFields(body, s.cfg.SecretFields)
		if s.cfg.LogLimit > 0 && len(entry.Body) > keptBody {
			entry.Body = bytes.Clone(entry.Body[:keptBody])
		}
	}
	if x.faulty {
		fault := x.fault // a pointer into x would retain all of it
		entry.Fault = &fault
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if limit := s.cfg.LogLimit; limit > 0 && len(s.log) >= limit {
		s.log = append(s.log[:0], s.log[len(s.log)-limit+1:]...)
	}
	s.watch.number++
	entry.Number = s.watch.number
	s.watch.touch(entry)
	s.log = append(s.log, entry)
	x.entry = entry
}

func (x *exchange) answered(status int) {
	if x.entry == nil {
		return
	}
	x.server.mu.Lock()
	defer x.server.mu.Unlock()
	x.entry.Status = status
	x.server.watch.touch(x.entry)
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

// withoutFields replaces the secret fields of a JSON object with the given texts. A body that has
// none of them, or is not an object, is returned as sent.
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
