package messembedtest

import "strings"

// jsonpHead returns the beginning of a polling response if the client asks for JavaScript with
// &j=0, otherwise "".
func jsonpHead(query socketQuery) string {
	if len(query["j"]) != 1 {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, query.text("j"))
	return "___eio[" + digits + "]("
}

// separators are characters that JSON allows in a string but JavaScript did not.
var separators = strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`)

// jsonpAnswer converts a payload to a script.
func jsonpAnswer(head, payload string) string {
	return head + separators.Replace(string(appendString(nil, payload))) + ");"
}

// newlines reverses the client's escaping of newlines, some of which a form would lose.
var newlines = strings.NewReplacer(`\\n`, `\n`, `\n`, "\n")

// jsonpPayload extracts the payload from a form, and returns false if there is none.
func jsonpPayload(form string) (string, bool) {
	q := parseSocketQuery(form)
	return newlines.Replace(q.text("d")), len(q["d"]) == 1
}
