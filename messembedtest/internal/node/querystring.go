package node

import (
	"encoding/hex"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// A Query is a query as Node's module "querystring" parses it, which engine.io
// uses: text that cannot be decoded is kept unchanged, only "&" separates, and a
// repeated name has a list of strings.
type Query map[string][]string

// QueryOf parses the text between the first "?" and the first "#".
func QueryOf(target string) Query {
	target, _, _ = strings.Cut(target, "#")
	_, raw, _ := strings.Cut(target, "?")
	q := Query{}
	for _, pair := range splitPairs(raw) {
		if pair != "" {
			name, val, _ := strings.Cut(pair, "=")
			name = unescape(name)
			q[name] = append(q[name], unescape(val))
		}
	}
	return q
}

// Text returns a parameter that occurs once; a list is not a string.
func (q Query) Text(name string) string {
	if len(q[name]) == 1 {
		return q[name][0]
	}
	return ""
}

// Has reports whether a parameter is truthy, as every list is.
func (q Query) Has(name string) bool { return len(q[name]) > 1 || q.Text(name) != "" }

// unescape is querystring.unescape, with the "+" of a form: broken escapes stay
// as they are.
func unescape(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	if plain, ok := js.DecodeURIComponent(s); ok {
		return plain
	}
	var out []byte
	for len(s) > 0 {
		if len(s) > 2 && s[0] == '%' {
			if char, err := hex.DecodeString(s[1:3]); err == nil {
				out, s = append(out, char...), s[3:]
				continue
			}
		}
		out, s = append(out, s[0]), s[1:]
	}
	return js.DecodeUTF8(out)
}
