package socketio

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
	"github.com/messembed/messembed-go/messembedtest/internal/node"
)

// strangeUpgradeTimeout is engine.io's destroyUpgradeTimeout.
const strangeUpgradeTimeout = time.Second

// LeaveUpgrade does not respond to an upgrade that does not concern engine.io.
// engine.io receives all upgrades, leaves these to any other listeners, and
// closes the connection after a second.
func (h *Server) LeaveUpgrade(_ http.ResponseWriter, r *http.Request) {
	timer := time.NewTimer(strangeUpgradeTimeout)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-h.cfg.Done:
	}
	panic(http.ErrAbortHandler)
}

var websocketKey = regexp.MustCompile(`^[+/0-9A-Za-z]{22}==$`)

// isHandshake reports whether ws accepts the upgrade as a websocket handshake.
func isHandshake(r *http.Request) bool {
	version := js.ToNumber(node.Header(r.Header, "Sec-Websocket-Version"))
	return r.Method == http.MethodGet && strings.EqualFold(node.Header(r.Header, "Upgrade"), "websocket") &&
		websocketKey.MatchString(node.Header(r.Header, "Sec-Websocket-Key")) && (version == 8 || version == 13)
}

// firstProtocol returns the subprotocol that ws selects: the first one,
// whatever it is.
func firstProtocol(h http.Header) string {
	first, _, _ := strings.Cut(node.Header(h, "Sec-Websocket-Protocol"), ",")
	return strings.TrimSpace(first)
}
