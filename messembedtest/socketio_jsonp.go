package messembedtest

import "strings"

// jsonpHead is what a polled answer begins with where the client asks for JavaScript, with &j=0; else nothing.
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

// separators are what JSON may have in a text and JavaScript could not.
var separators = strings.NewReplacer("\u2028", `\u2028`, "\u2029", `\u2029`)

// jsonpAnswer makes a script of a payload.
func jsonpAnswer(head, payload string) string {
	return head + separators.Replace(string(appendString(nil, payload))) + ");"
}

// newlines undoes what the client does to them, as forms lose some.
var newlines = strings.NewReplacer(`\\n`, `\n`, `\n`, "\n")

// jsonpPayload takes the payload out of a form; false where there is none.
func jsonpPayload(form string) (string, bool) {
	q := parseSocketQuery(form)
	return newlines.Replace(q.text("d")), len(q["d"]) == 1
}
