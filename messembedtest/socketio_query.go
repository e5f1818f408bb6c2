package messembedtest

import (
	"net/http"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// A socketQuery is a query as node's "querystring" reads it: whatever cannot be decoded stays as it is, only "&" separates, and a name that
// comes twice has a list of texts.
type socketQuery map[string][]string

// requestQuery is what engine.io and socket.io take for the query of a request.
func requestQuery(r *http.Request) socketQuery {
	return queryOf(latin1(fakehttp.Target(r)))
}

// queryOf reads what stands between the first "?" and the first "#".
func queryOf(target string) socketQuery {
	target, _, _ = strings.Cut(target, "#")
	_, raw, _ := strings.Cut(target, "?")
	return parseSocketQuery(raw)
}

func parseSocketQuery(raw string) socketQuery {
	q := socketQuery{}
	for _, pair := range splitPairs(raw) {
		if pair != "" {
			name, val, _ := strings.Cut(pair, "=")
			name = lenientUnescape(name)
			q[name] = append(q[name], lenientUnescape(val))
		}
	}
	return q
}

// text is a parameter that came once; a list is no text.
func (q socketQuery) text(name string) string {
	if len(q[name]) == 1 {
		return q[name][0]
	}
	return ""
}

// has tells whether a parameter is truthy, as every list is.
func (q socketQuery) has(name string) bool { return len(q[name]) > 1 || q.text(name) != "" }

func lenientUnescape(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	if plain, ok := decodeURIComponent(s); ok {
		return plain
	}
	var out []byte
	for len(s) > 0 {
		if len(s) > 2 && s[0] == '%' {
			high, ok1 := hexValue(s[1])
			low, ok2 := hexValue(s[2])
			if ok1 && ok2 {
				out, s = append(out, high<<4|low), s[3:]
				continue
			}
		}
		out, s = append(out, s[0]), s[1:]
	}
	return decodeUTF8(out)
}
