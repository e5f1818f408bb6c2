package node

import (
	"net/http"
	"strings"
)

// headerLimit is Node's maximum for the request line's URL and all headers
// together.
const headerLimit = 16 << 10

func headerTooLarge(r *http.Request, target string) bool {
	n := len(target) + len("host") + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n >= headerLimit
}

// methods are those that Node knows. It handles CONNECT only if the application
// does.
var methods = setOf("ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY " +
	"OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE")

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// Refused returns the status with which Node refuses a request before express
// sees it, and 0 for any other request. See [SendRefusal].
func Refused(r *http.Request, target string) int {
	switch {
	case !methods[r.Method]:
		return http.StatusBadRequest
	case headerTooLarge(r, target):
		return http.StatusRequestHeaderFieldsTooLarge
	default:
		return 0
	}
}

// SendRefusal responds as Node's parser does, with a status line and one
// header, without even a length.
func SendRefusal(w http.ResponseWriter, status int) {
	w.Header()["Date"] = nil
	w.Header().Set("Connection", "close")
	w.Header().Set("Transfer-Encoding", "identity")
	w.WriteHeader(status)
}
