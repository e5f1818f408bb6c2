package httpcall

import (
	"html"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A quote is a value of the request that a service's text may repeat.
type quote struct {
	text   string
	least  int  // so many bytes of its beginning are recognized where it was cut short
	number bool // not within a longer number

	within int // the longest other quote that this one begins with; -1 if none
}

// quotable finds quotes in a text, in one pass however many there are: they are
// sorted, so that those which begin as the text does at some place are beside
// each other.
type quotable struct{ quotes []quote }

func newQuotable(quotes iter.Seq[quote]) *quotable {
	q := new(quotable)
	for one := range quotes {
		one.text = folded(one.text)
		q.quotes = append(q.quotes, one)
		// A value may itself look escaped, and lose that when the text is unescaped.
		plain := one
		for range maxEscapes {
			plain.text, _ = unescape(plain.text, nil)
		}
		if plain.text = folded(plain.text); plain.text != one.text && len(plain.text) >= minPassword {
			q.quotes = append(q.quotes, plain)
		}
	}
	slices.SortFunc(q.quotes, func(a, b quote) int {
		if order := strings.Compare(a.text, b.text); order != 0 {
			return order
		}
		return a.least - b.least
	})
	q.quotes = slices.CompactFunc(q.quotes, func(a, b quote) bool { return a.text == b.text && a.number == b.number })
	for i := range q.quotes {
		parent := i - 1
		for parent >= 0 && !strings.HasPrefix(q.quotes[i].text, q.quotes[parent].text) {
			parent = q.quotes[parent].within
		}
		q.quotes[i].within = parent
	}
	return q
}

// folded makes no difference between a space and a plus, which stands for it in
// a query.
func folded(text string) string { return strings.ReplaceAll(text, "+", " ") }

// maxEscapes is how many times a value may be escaped and still be recognized.
const maxEscapes = 4

// removeFrom replaces what the text repeats of the quotes, those that were cut
// short too if cut is true. A value may be escaped in it several times, and in
// several ways.
func (q *quotable) removeFrom(text string, cut bool) string {
	if len(q.quotes) == 0 {
		return text
	}
	hidden := make([]bool, len(text))
	q.mark(text, nil, cut, hidden)
	plain, places := text, []int(nil)
	for range maxEscapes {
		unescaped, from := unescape(plain, places)
		if len(unescaped) == len(plain) {
			break
		}
		plain, places = unescaped, from
		q.mark(plain, places, cut, hidden)
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && hidden[end] == hidden[i] {
			end++
		}
		if hidden[i] {
			b.WriteString(concealed)
		} else {
			b.WriteString(text[i:end])
		}
		i = end
	}
	return b.String()
}

// mark sets hidden for what the text quotes. places says where each byte of it,
// and its end, is in the original; nil if it is the original.
func (q *quotable) mark(text string, places []int, cut bool, hidden []bool) {
	text = folded(text)
	place := func(i int) int {
		if places == nil {
			return i
		}
		return places[i]
	}
	for i := 0; i < len(text); {
		n, short := q.longestAt(text, i)
		if cut {
			n = max(n, short)
		}
		for at := place(i); n > 0 && at < place(i+n); at++ {
			hidden[at] = true
		}
		i += max(1, n)
	}
}

// longestAt returns how many bytes of the text from i on are a quote, and how many
// are one that was cut short; 0 if none are.
func (q *quotable) longestAt(text string, i int) (whole, short int) {
	rest := text[i:]
	next, _ := slices.BinarySearchFunc(q.quotes, rest, func(one quote, rest string) int {
		if one.text <= rest {
			return -1
		}
		return 1
	})
	if next < len(q.quotes) {
		short = q.quotes[next].cutShort(rest)
	}
	if next == 0 {
		return 0, short
	}
	short = max(short, q.quotes[next-1].cutShort(rest))
	for one := next - 1; one >= 0; one = q.quotes[one].within {
		found := &q.quotes[one]
		if n := len(found.text); strings.HasPrefix(rest, found.text) && !(found.number && (endsInDigit(text[:i]) || startsWithDigit(rest[n:]))) {
			return n, short
		}
	}
	return 0, short
}

// cutShort returns how many bytes the text begins with of a quote that goes no
// further there: the text ends, or says that something was left out.
func (one *quote) cutShort(text string) int {
	n := 0
	for n < len(text) && n < len(one.text) && text[n] == one.text[n] {
		n++
	}
	if n < one.least || n == len(one.text) {
		return 0
	}
	rest := text[n:]
	for _, ending := range []string{"…", "...", "[…", `"`, "'", "`"} {
		if strings.HasPrefix(rest, ending) {
			return n
		}
	}
	const ofAnEscape, ofARune = 12, utf8.UTFMax // bytes: \ud83d\ude00
	if rest == "" || len(rest) < ofAnEscape && strings.ContainsAny(rest[:1], `\%&`) || len(rest) < ofARune && !utf8.ValidString(rest) {
		return n + len(rest)
	}
	return 0
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

func endsInDigit(s string) bool { return s != "" && startsWithDigit(s[len(s)-1:]) }

// unescape undoes one escaping of a text: of a URL, JSON and HTML alike. It
// returns the place of each byte, and of the end, in the original, given those
// of the text; nil stands for the text itself.
func unescape(text string, places []int) (string, []int) {
	if !strings.ContainsAny(text, `\%&`) {
		return text, places
	}
	plain, from := make([]byte, 0, len(text)), make([]int, 0, len(text)+1)
	for i := 0; ; {
		place := i
		if places != nil {
			place = places[i]
		}
		if i == len(text) {
			return string(plain), append(from, place)
		}
		value, n := unescapeOne(text[i:])
		for range len(value) {
			from = append(from, place)
		}
		plain = append(plain, value...)
		i += n
	}
}

// unescapeOne returns what a text begins with, and how many bytes it takes there.
func unescapeOne(text string) (string, int) {
	switch text[0] {
	case '%':
		if len(text) > 2 {
			if b, err := strconv.ParseUint(text[1:3], 16, 8); err == nil {
				return string([]byte{byte(b)}), 3
			}
		}
	case '\\':
		if len(text) < 2 {
			break
		}
		if at := strings.IndexByte(`"\/bfnrt'`, text[1]); at >= 0 {
			return "\"\\/\b\f\n\r\t'"[at : at+1], 2
		}
		if r, ok := hexRune(text); ok {
			if low, ok := hexRune(text[6:]); ok && utf16.IsSurrogate(r) {
				return string(utf16.DecodeRune(r, low)), 12
			}
			return string(r), 6
		}
	case '&':
		const longest = 10 // bytes of a reference
		if end := strings.IndexByte(text[:min(len(text), longest)], ';'); end > 0 {
			if value := html.UnescapeString(text[:end+1]); len(value) <= end {
				return value, end + 1
			}
		}
	}
	return text[:1], 1
}

// hexRune reads \u and four hexadecimal digits.
func hexRune(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(r), err == nil
}
