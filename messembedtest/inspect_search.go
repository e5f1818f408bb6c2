package messembedtest

import (
	"slices"
	"strings"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// search returns the documents in which all words of text occur, the newest
// first.
func (c *collection) search(text string) (found []*js.Object) {
	words := strings.Fields(strings.ToLower(text))
	var b []byte
	for _, document := range slices.Backward(c.documents) {
		if len(words) > 0 {
			b = appendSearchable(b[:0], document)
			if lower := strings.ToLower(string(b)); slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(lower, word) }) {
				continue
			}
		}
		found = append(found, document)
	}
	return found
}

// appendSearchable appends what a person may look for in a document, a line for
// each value: what users and clients have chosen, and ids. The names of the
// fields are the same in every document, and so are most dates and counts.
func appendSearchable(b []byte, document *js.Object) []byte {
	for _, key := range []string{"_id", "user", "blockStatus", "content", "attachments", "externalMetadata", "privateExternalMetadata"} {
		b = appendValues(b, document.Get(key))
	}
	for _, key := range []string{"firstCompanion", "secondCompanion", "lastMessage"} {
		if inner, ok := document.Get(key).(*js.Object); ok {
			b = appendSearchable(b, inner)
		}
	}
	return b
}

// appendValues appends the values in v, without the keys of objects.
func appendValues(b []byte, v js.Value) []byte {
	switch v := v.(type) {
	case js.String:
		return append(append(b, v...), '\n')
	case float64:
		return append(append(b, js.NumberToString(v)...), '\n')
	case *js.Array:
		for _, item := range v.Items {
			b = appendValues(b, item)
		}
	case *js.Object:
		for _, property := range v.Properties {
			b = appendValues(b, property.Value)
		}
	}
	return b
}
