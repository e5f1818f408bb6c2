package faultmatrix_test

import (
	"fmt"
	"slices"
	"strings"
)

// The columns of the summary: a kind of failure, and the fault that stands for it.
var summaryColumns = []struct{ title, fault string }{
	{"nothing was sent (refused, no host, TLS)", "connection refused"},
	{"no complete response (broken, cut short, timed out), 408, 502, 504, 520–524", "reset after it was applied"},
	{"500", "500, after it was applied"},
	{"other 5xx", "501, after it was applied"},
	{"425, 429, 503", "503"},
	{"other 4xx", "400"},
	{"redirect", "302 to another host"},
	{"303", "303 to another host, after it was applied"},
	{"invalid 2xx", "200 HTML, after it was applied"},
}

const summaryHead = `
## In short

What comes of a failure that every attempt meets:

| in a cell | means |
|---|---|
| no | nothing was changed, and the error says so: MaybeApplied is false |
| maybe | MaybeApplied is true |
| again, … | it is retried, up to MaxAttempts; the word after it is the result if that does not help |

`

const summaryNotes = `
A create that finds its key taken after an attempt that may have been carried out reads what is stored: it matches the request, and the call succeeds; it does not (ErrAlreadyExists, no); or it
cannot be read (maybe). A delete that finds no user after such an attempt succeeds. A list that is walked is retried until its response begins; after that the error is the last
element. A whole list of users or chats that timed out is not requested again. An import waits out pauses of up to a minute. MessageEvents retries
everything but a 401 and, at its start, a 404 without a code, which end it. WatchUsers waits out 429, 5xx, lost connections and, once a user was read, unreadable
responses; every other failure ends it.

A response speaks only for its own attempt. If an earlier attempt got none, MaybeApplied stays true whatever later ones say, until reading what is stored settles it.
The same holds when WithTimeout or the context ends the call; nothing is sent after that.
`

// summary is the document's first table: what a failure of every attempt comes
// to, by call.
func summary(calls []*call, faults []fault) string {
	var rows []string
	callsOf := map[string][]string{}
	for _, c := range calls {
		if c.target == "none" || c.oauth || len(c.before) > 0 {
			continue
		}
		var cells strings.Builder
		for _, column := range summaryColumns {
			i := slices.IndexFunc(faults, func(f fault) bool { return f.name == column.fault })
			fmt.Fprintf(&cells, " %s |", c.inShort(&faults[i]))
		}
		row := cells.String()
		if len(callsOf[row]) == 0 {
			rows = append(rows, row)
		}
		callsOf[row] = append(callsOf[row], c.name())
	}
	var b strings.Builder
	b.WriteString(summaryHead + "| call |")
	for _, column := range summaryColumns {
		b.WriteString(" " + column.title + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(summaryColumns)) + "\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s |%s\n", strings.Join(callsOf[row], "; "), row)
	}
	return b.String() + summaryNotes
}

// inShort is the outcome of a fault on every attempt, in words.
func (c *call) inShort(f *fault) string {
	p, v := c.expect(c.plan(f, everyAttempt))
	result := "no"
	switch {
	case v.kind == nil:
		result = "ok"
	case v.maybe:
		result = "maybe"
	}
	switch p.sent[c.target] - c.skip {
	case 1:
		return result
	case 2:
		return "once again, " + result
	}
	return "again, " + result
}
