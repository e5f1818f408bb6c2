package chatkittytest

import (
	"strconv"
	"time"
)

// The values of presence.status in the service's documentation.
const (
	available   = "AVAILABLE"
	unavailable = "UNAVAILABLE"
)

// A session is a front end's session with the service. A user with an active session is online.
type session struct {
	id      int64
	user    *user
	created time.Time
	ended   time.Time // zero if active
}

// SetOnline begins or ends a session of the user. An unknown user fails the test.
func (s *Server) SetOnline(id string, online bool) {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := strconv.ParseInt(id, 10, 64)
	u := s.byID[n]
	if err != nil || u == nil {
		s.tb.Errorf("chatkittytest: SetOnline: no user %q", id)
		return
	}
	s.setOnline(u, online)
}

func (s *Server) setOnline(u *user, online bool) {
	if (u.session != nil) == online {
		return
	}
	if !s.guesses.manualStatus {
		u.status = unavailable
		if online {
			u.status = available
		}
	}
	if !online {
		u.session.ended = s.clock()
		u.session = nil
		return
	}
	u.session = &session{id: int64(len(s.sessions)) + 1, user: u, created: s.clock()}
	s.sessions = append(s.sessions, u.session)
}

func (s *Server) listSessions(c *call) reply {
	state := c.query.Get("state")
	if state != "" && state != "ACTIVE" && state != "ENDED" {
		return clientError()
	}
	var found []*session
	for _, each := range s.sessions {
		if state == "" || (state == "ACTIVE") == each.ended.IsZero() {
			found = append(found, each)
		}
	}
	return s.page(c, "sessions", len(found), func(i int) object { return s.renderSession(c.dialect, found[i]) })
}

func (s *Server) renderSession(d dialect, one *session) object {
	who := s.render(d, one.user)
	delete(who, "_links")
	out := object{
		"id": one.id, "user": who, "state": "ACTIVE",
		d.key("userAgent"):   "chatkitty-js",
		d.key("createdTime"): one.created.UTC().Format(time.RFC3339Nano),
		"_links":             d.links("self", api+"/user-sessions/"+strconv.FormatInt(one.id, 10)),
	}
	if !one.ended.IsZero() {
		out["state"] = "ENDED"
		out[d.key("endTime")] = one.ended.UTC().Format(time.RFC3339Nano)
	}
	return out
}
