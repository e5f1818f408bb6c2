package messembedtest

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// isUpgrade tells whether node takes the request for an upgrade.
func isUpgrade(r *http.Request) bool {
	if _, ok := r.Header["Upgrade"]; !ok {
		return false
	}
	for token := range strings.SplitSeq(strings.Join(r.Header["Connection"], ","), ",") {
		if strings.EqualFold(strings.TrimSpace(token), "upgrade") {
			return true
		}
	}
	return false
}

// strangeUpgradeTimeout is engine.io's destroyUpgradeTimeout.
const strangeUpgradeTimeout = time.Second

// leaveUpgrade never answers an upgrade to what engine.io has no part in: it gets all of them, and
// leaves those to whoever else may listen. After a second it closes the connection.
func (s *Server) leaveUpgrade(_ http.ResponseWriter, r *http.Request) {
	timer := time.NewTimer(strangeUpgradeTimeout)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.http.Done():
	}
	panic(http.ErrAbortHandler)
}

var websocketKey = regexp.MustCompile(`^[+/0-9A-Za-z]{22}==$`)

// isHandshake tells whether ws takes the upgrade for one to a websocket.
func isHandshake(r *http.Request) bool {
	version := toNumber(joined(r.Header, "Sec-Websocket-Version"))
	return r.Method == http.MethodGet && strings.EqualFold(joined(r.Header, "Upgrade"), "websocket") &&
		websocketKey.MatchString(joined(r.Header, "Sec-Websocket-Key")) && (version == 8 || version == 13)
}

// firstProtocol is the one that ws agrees to, whatever it is.
func firstProtocol(h http.Header) string {
	first, _, _ := strings.Cut(joined(h, "Sec-Websocket-Protocol"), ",")
	return strings.TrimSpace(first)
}
