package unescape_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/messembed/messembed-go/internal/unescape"
)

// Every notation of a value says what the value says. That of credentials and
// bodies in error texts is tested in internal/httpcall.
func TestSaid(t *testing.T) {
	const value = `a&b/"é😀`
	for name, text := range map[string]string{
		"as it is":               value,
		"JSON":                   `a\u0026b\/\"é\ud83d\ude00`,
		"URL, lower case":        `a%26b%2f%22%c3%a9%f0%9f%98%80`,
		"URL, twice":             `a%2526b%252F%2522%25C3%25A9%25F0%259F%2598%2580`,
		"HTML":                   `a&amp;b/&#34;&eacute;&#x1F600;`,
		"HTML within JSON":       `a\u0026amp;b/\u0026#34;é😀`,
		"JSON within JSON":       `a\\u0026b\\/\\\"é😀`,
		"bytes of another shell": `a\x26b\x2f\x22\xc3\xa9\xf0\x9f\x98\x80`,
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, unescape.Value(value), unescape.Said(text).Text)
		})
	}
	assert.NotEqual(t, unescape.Value(value), unescape.Said(`a&b/"e`).Text)
}

func TestSaid_from(t *testing.T) {
	v := unescape.Said(`x%2Cy`)
	assert.Equal(t, "x,y", v.Text)
	assert.Equal(t, []int{0, 1, 4, 5}, v.From, "where each byte begins, and where the last one ends")
	assert.Equal(t, 3, v.Open)
	assert.Equal(t, 1, unescape.Said(`x%2`).Open, "an escape that was cut")
	assert.Equal(t, []int{0, 1, 2}, unescape.AsWritten("x%").From)
}
