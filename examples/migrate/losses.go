package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

const samplesKept = 3

// losses counts the data that could not be kept unchanged, by kind, with a few
// samples. Only the goroutine that reads the source uses it.
type losses struct{ kinds map[string]*loss }

type loss struct {
	kind    string
	count   int
	samples []string
}

func (l *losses) add(kind, sample string) {
	of := l.kinds[kind]
	if of == nil {
		of = &loss{kind: kind}
		l.kinds[kind] = of
	}
	of.count++
	if len(of.samples) < samplesKept {
		of.samples = append(of.samples, sample)
	}
}

// print lists the kinds, most frequent first.
func (l *losses) print(out io.Writer) {
	var kinds []*loss
	for _, of := range l.kinds {
		kinds = append(kinds, of)
	}
	slices.SortFunc(kinds, func(a, b *loss) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.kind, b.kind))
	})
	for _, of := range kinds {
		more := ""
		if of.count > len(of.samples) {
			more = ", …"
		}
		fmt.Fprintf(out, "%8d  %s\n          (%s%s)\n", of.count, printable(of.kind), printable(strings.Join(of.samples, ", ")), more)
	}
}

// printable replaces control characters in the service's text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
