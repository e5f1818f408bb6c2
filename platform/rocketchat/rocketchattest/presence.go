package rocketchattest

import (
	"slices"
	"strings"
	"time"

	"github.com/messembed/messembed-go/platform/internal/fake"
)

// setStatusLimit is the rate limit of users.setStatus.
var setStatusLimit = fake.RateLimit{Calls: 5, Per: time.Minute}

// offline is the status of a user that has none.
const offline = "offline"

func (u *user) status() string {
	if status := u.text("status"); status != "" {
		return status
	}
	return offline
}

// isService reports whether the user is a bot or an app, which need no connection.
func (u *user) isService() bool {
	return u.text("type") == "bot" || u.text("type") == "app" || slices.Contains(u.roles(), "bot")
}

// computed returns the status that results from the user's connections and
// choice: without a connection it is offline, and a choice other than online
// overrides the connection's status.
func (u *user) computed() string {
	chosen := u.text("statusDefault")
	switch {
	case !u.connected:
		return offline
	case chosen == "":
		return "online"
	}
	return chosen
}

// connectionChanged is called when the user's first connection opens or its last one closes.
func (s *Server) connectionChanged(u *user) {
	u.doc["statusConnection"] = offline
	if u.connected {
		u.doc["statusConnection"] = "online"
	}
	u.doc["status"] = u.computed()
	s.broadcast(u)
}

// claim applies users.setStatus to the user.
func (s *Server) claim(u *user, status string, text *string, until time.Time) {
	u.stopExpiry()
	delete(u.doc, "statusExpiresAt")
	claims := s.version.atLeast(8, 6)
	if claims && status == "online" && (text == nil || *text == "") {
		// It clears the previous choice. Even without a connection the stored
		// status is then online.
		u.doc["statusDefault"], u.doc["statusText"] = "online", ""
		delete(u.doc, "statusSource")
		u.doc["status"] = "online"
		s.broadcast(u)
		return
	}
	u.doc["statusDefault"] = status
	if text != nil {
		u.doc["statusText"] = cutStatusText(*text)
	}
	u.doc["status"] = u.computed()
	if !claims || !u.connected && u.isService() {
		u.doc["status"] = status
	}
	if claims {
		u.doc["statusSource"] = "manual"
	}
	if !until.IsZero() {
		u.doc["statusExpiresAt"] = isoTime(until)
		u.expiry = time.AfterFunc(until.Sub(s.now()), func() { s.endClaim(u) })
	}
	s.broadcast(u)
}

// endClaim ends an expired status.
func (s *Server) endClaim(u *user) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u.stopExpiry()
	u.doc["statusDefault"], u.doc["statusText"] = "online", ""
	delete(u.doc, "statusSource")
	delete(u.doc, "statusExpiresAt")
	u.doc["status"] = u.computed()
	s.broadcast(u)
}

// cutStatusText truncates the text to 120 characters.
func cutStatusText(text string) string {
	runes := []rune(strings.TrimSpace(text))
	return string(runes[:min(len(runes), 120)])
}

func (s *Server) setStatus(c *call) (document, *failure) {
	status, hasStatus := c.body["status"].(string)
	message, hasMessage := c.body["message"].(string)
	if !hasStatus && !hasMessage {
		return nil, plainFailure("Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation")
	}
	u := c.caller
	if c.body["userId"] != nil || c.body["username"] != nil || c.body["user"] != nil {
		if !s.may(c, "edit-other-user-info") && c.body["userId"] != c.caller.id() {
			return nil, s.forbidden()
		}
		var failed *failure
		if u, failed = s.userFromParams(c.body); failed != nil {
			return nil, failed
		}
	}
	var until time.Time
	if text, _ := c.body["expiresAt"].(string); text != "" {
		at, err := time.Parse(time.RFC3339, text)
		switch {
		case err != nil:
			return nil, meteorError("error-invalid-date", "Invalid expiresAt date string", document{"method": "users.setStatus"})
		case !at.After(s.now()):
			return nil, meteorError("error-invalid-date", "expiresAt must be a future date", document{"method": "users.setStatus"})
		}
		until = at
	}
	if !hasStatus {
		if status = u.text("statusDefault"); status == "" {
			status = "online"
		}
	}
	var text *string
	if hasMessage {
		text = &message
	}
	s.claim(u, status, text, until)
	return document{}, nil
}

func (s *Server) getPresence(c *call) (document, *failure) {
	u, failed := s.userOrCaller(c)
	if failed != nil {
		return nil, failed
	}
	shown := document{"presence": u.status()}
	if u == c.caller {
		shown["connectionStatus"] = offline
		if at := u.text("lastLogin"); at != "" {
			shown["lastLogin"] = at
		}
	}
	return shown, nil
}

func (s *Server) getStatus(c *call) (document, *failure) {
	u, failed := s.userOrCaller(c)
	if failed != nil {
		return nil, failed
	}
	shown := document{"_id": u.id(), "status": u.status()}
	if u == c.caller {
		shown["connectionStatus"] = offline
	}
	if s.version.atLeast(8, 6) {
		for _, name := range []string{"statusSource", "statusExpiresAt"} {
			if value := u.doc[name]; value != nil {
				shown[name] = value
			}
		}
	}
	return shown, nil
}

// userOrCaller returns the user that the query names, or the caller if it names none.
func (s *Server) userOrCaller(c *call) (*user, *failure) {
	if c.query["userId"] == nil && c.query["username"] == nil && c.query["user"] == nil {
		return c.caller, nil
	}
	return s.userFromParams(c.query)
}

func (s *Server) presences(c *call) (document, *failure) {
	if s.broadcastOff {
		return document{"users": []document{}, "full": true}, nil
	}
	shown, full := []document{}, false
	add := func(u *user) { shown = append(shown, u.project(presenceFields...)) }
	ids := textsOf(c.query["ids"])
	if together, isText := c.query["ids"].(string); isText {
		ids = strings.Split(together, ",")
	}
	since, _ := c.query["from"].(string)
	from, recent := s.recently(since)
	switch {
	case len(ids) > 0:
		// It is unknown which version began to report offline users.
		for _, id := range ids {
			if u := s.find(id); u != nil && (u.status() != offline || s.version.atLeast(7, 0)) {
				add(u)
			}
		}
	case recent:
		for _, u := range s.users {
			if at, err := time.Parse(time.RFC3339, u.text("_updatedAt")); err == nil && !at.Before(from) {
				add(u)
			}
		}
	default:
		full = true
		for _, u := range s.users {
			if u.status() != offline {
				add(u)
			}
		}
	}
	return document{"users": shown, "full": full}, nil
}

// recently parses a "from" less than ten minutes ago.
func (s *Server) recently(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, text)
	return at, err == nil && s.now().Sub(at) < 10*time.Minute
}
