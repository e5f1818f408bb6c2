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

// What stands beside an escape neither becomes part of it nor keeps it from being
// one.
func TestSaid_beside(t *testing.T) {
	for text, value := range map[string]string{
		`\u0041`:              "A",
		`\a\b\t\n\v\f\r`:      "\a\b\t\n\v\f\r",
		`100%\fee`:            "100%\fee",
		`\\u00750041`:         "u0041",
		`\\\\u00750041 \\x41`: "u0041 A",
	} {
		assert.Equal(t, unescape.Value(value), unescape.Said(text).Text, text)
	}
	assert.Equal(t, "A", unescape.Value("A"))
}

// An escape that was cut may go on with anything that is part of one.
func TestSaid_open(t *testing.T) {
	for _, cut := range []string{"%", "%2", `\`, `\u00`, "&", "&a", "&z", "&A", "&Z", "&#0", "&#9"} {
		assert.Equal(t, 0, unescape.Said(cut).Open, cut)
		assert.Equal(t, 2, unescape.Said("x "+cut).Open, cut)
	}
	for _, ended := range []string{"&a b", "%2/", `\u00.`} {
		assert.Equal(t, len(unescape.Said(ended).Text), unescape.Said(ended).Open, ended)
	}
}

func TestSaid_from(t *testing.T) {
	v := unescape.Said(`x%2Cy`)
	assert.Equal(t, "x,y", v.Text)
	assert.Equal(t, []int{0, 1, 4, 5}, v.From, "where each byte begins, and where the last one ends")
	assert.Equal(t, 3, v.Open)
	assert.Equal(t, 1, unescape.Said(`x%2`).Open, "an escape that was cut")
	assert.Equal(t, []int{0, 1, 2}, unescape.AsWritten("x%").From)
}
