package messembedtest

import (
	"net/http"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// This file contains node's own responses: a request that its parser rejects never reaches
// express.

// headerLimit is the maximum length of the request line's URL and all headers together.
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

// nodeMethods are the methods that node knows. It handles CONNECT only if the application does.
var nodeMethods = setOf("ACL BIND CHECKOUT CONNECT COPY DELETE GET HEAD LINK LOCK M-SEARCH MERGE MKACTIVITY MKCALENDAR MKCOL MOVE NOTIFY " +
	"OPTIONS PATCH POST PROPFIND PROPPATCH PURGE PUT REBIND REPORT SEARCH SOURCE SUBSCRIBE TRACE UNBIND UNLINK UNLOCK UNSUBSCRIBE")

func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// refusedByParser returns the operation of a request that node rejects, and false for any other
// request.
func refusedByParser(r *http.Request, target string) (fakehttp.Operation, bool) {
	switch {
	case !nodeMethods[r.Method]:
		return parserAnswers(http.StatusBadRequest), true
	case headerTooLarge(r, target):
		return parserAnswers(http.StatusRequestHeaderFieldsTooLarge), true
	case r.Method == http.MethodConnect:
		return fakehttp.Operation{Takeover: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }}, true
	default:
		return fakehttp.Operation{}, false
	}
}

// parserAnswers responds with a status line and one header, without even a length.
func parserAnswers(status int) fakehttp.Operation {
	return fakehttp.Operation{Serve: func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Date"] = nil
		w.Header().Set("Connection", "close")
		w.Header().Set("Transfer-Encoding", "identity")
		w.WriteHeader(status)
	}}
}
