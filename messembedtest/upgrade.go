package messembedtest

import (
	"net/http"
	"regexp"
	"strings"
	"time"
)

// isUpgrade reports whether node treats the request as an upgrade.
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

// leaveUpgrade does not respond to an upgrade that does not concern engine.io. engine.io receives
// all upgrades, leaves these to any other listeners, and closes the connection after a second.
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

// isHandshake reports whether ws accepts the upgrade as a websocket handshake.
func isHandshake(r *http.Request) bool {
	version := toNumber(joined(r.Header, "Sec-Websocket-Version"))
	return r.Method == http.MethodGet && strings.EqualFold(joined(r.Header, "Upgrade"), "websocket") &&
		websocketKey.MatchString(joined(r.Header, "Sec-Websocket-Key")) && (version == 8 || version == 13)
}

// firstProtocol returns the subprotocol that ws selects: the first one, whatever it is.
func firstProtocol(h http.Header) string {
	first, _, _ := strings.Cut(joined(h, "Sec-Websocket-Protocol"), ",")
	return strings.TrimSpace(first)
}
