package faultmatrix_test

import (
	"net/http"
	"strconv"

	"github.com/messembed/messembed-go/messembedtest"
)

const (
	htmlPage   = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
	plainReply = `{"status":"ok"}`
)

// answerFaults are 2xx responses that are not the service's own, and redirects.
func answerFaults() []fault {
	replaced := func(name string, status int, text, contentType string, kind body, done bool) fault {
		return fault{
			name:    name,
			service: serving(messembedtest.Fault{Status: status, Body: text, ContentType: contentType, AfterApply: done}),
			meaning: meaning{came: whole, status: status, body: kind, done: done},
		}
	}
	changed := func(name string, kind body, change wire) fault {
		late := kind == endsEarly || kind == noJSON
		return fault{name: name, wire: change, meaning: meaning{came: whole, body: kind, done: true, late: late}}
	}
	const json = "application/json; charset=utf-8"
	faults := []fault{
		replaced("200 HTML", 200, htmlPage, "text/html", noJSON, false),
		replaced("200 HTML, after it was applied", 200, htmlPage, "text/html", noJSON, true),
		replaced("200 HTML labelled as JSON, after it was applied", 200, htmlPage, json, noJSON, true),
		replaced("200 without a body, after it was applied", 200, "", json, emptyBody, true),
		replaced("204, after it was applied", 204, "", "", emptyBody, true),
		replaced("201 with another object, after it was applied", 201, plainReply, json, plainJSON, true),
		replaced("200 with an empty object, after it was applied", 200, `{}`, json, plainJSON, true),
		replaced("200 with a list, after it was applied", 200, `[1,2,3]`, json, otherJSON, true),
		replaced("200 with null", 200, `null`, json, otherJSON, false),
		replaced("200 with null, after it was applied", 200, `null`, json, otherJSON, true),
		replaced("200 with a string, after it was applied", 200, `"done"`, json, otherJSON, true),
		replaced("200 with invalid UTF-8, after it was applied", 200, "\xff\xfe\x80{\x00}", json, noJSON, true),
		replaced("200 with deeply nested JSON, after it was applied", 200, nested(30_000), json, noJSON, true),
		changed("a string with invalid UTF-8", ownBody, changingBody(breakText)),
		changed("truncated JSON", endsEarly, changingBody(func(b []byte) []byte { return b[:len(b)-1] })),
		changed("garbage after the response", noJSON, changingBody(func(b []byte) []byte { return append(b, "}]<garbage>"...) })),
		changed("a gzip bomb, still compressed", noJSON, packedBomb),
		changed("a gzip bomb, decompressed by the transport", tooLarge, endlessText("", ' ')),
		changed("an endless body", tooLarge, endlessText(" ", '\n')),
		changed("an endless string", tooLarge, endlessText(`{"_id":"`, 'x')),
	}
	return inGroup("2xx that is not the service's own", faults)
}

func redirectFaults() []fault {
	const elsewhere, plain = "https://attacker.test/steal", "http://messembed.test/"
	var faults []fault
	add := func(name string, status int, location string, done bool) {
		header := http.Header{}
		if location != "" {
			header.Set("Location", location)
		}
		if done {
			name += ", after it was applied"
		}
		faults = append(faults, fault{
			name:    strconv.Itoa(status) + " " + name,
			service: serving(messembedtest.Fault{Status: status, Body: htmlPage, Header: header, AfterApply: done}),
			meaning: meaning{came: whole, status: status, done: done},
		})
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		add("to another host", status, elsewhere, false)
		add("to http", status, plain, false)
	}
	add("to another port", 307, "https://messembed.test:8443/", false)
	add("to another host", 303, elsewhere, true)
	add("without a Location", 302, "", false)
	add("with an invalid Location", 302, "https://[messembed.test/%zz", false)
	add("with an invalid Location", 307, "https://[messembed.test/%zz", false)
	add("not modified", 304, "", false)
	add("multiple choices", 300, "", false)
	faults = append(faults, fault{
		name:    "307 to itself",
		service: serving(messembedtest.Fault{Status: 307, Body: htmlPage}),
		wire:    toItself,
		meaning: meaning{came: whole, status: 307},
	})
	return inGroup("redirect", faults)
}

func toItself(r *http.Request, next func() (*http.Response, error)) (*http.Response, error) {
	resp, err := next()
	if err == nil {
		resp.Header.Set("Location", r.URL.String())
	}
	return resp, err
}

func nested(depth int) string {
	b := make([]byte, depth)
	for i := range b {
		b[i] = '['
	}
	return string(b)
}

// breakText puts invalid UTF-8 into a field of the response that the client does not use.
func breakText(b []byte) []byte {
	if len(b) < 2 || b[0] != '{' {
		return b
	}
	return append([]byte("{\"new\":\"\xff\xfe\","), b[1:]...)
}
