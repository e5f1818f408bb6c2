package messembedtest

import (
	"net/http"
	"strings"

	"github.com/messembed/messembed-go/internal/fakehttp"
)

// A socketQuery is a query as node's "querystring" parses it: text that cannot be decoded is kept
// unchanged, only "&" separates, and a repeated name has a list of texts.
type socketQuery map[string][]string

// requestQuery returns the query of a request as engine.io and socket.io see it.
func requestQuery(r *http.Request) socketQuery {
	return queryOf(latin1(fakehttp.Target(r)))
}

// queryOf parses the text between the first "?" and the first "#".
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

// text returns a parameter that occurs once; a list is not a text.
func (q socketQuery) text(name string) string {
	if len(q[name]) == 1 {
		return q[name][0]
	}
	return ""
}

// has reports whether a parameter is truthy, as every list is.
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
