package messembedtest

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var (
	decimalNumber = regexp.MustCompile(`^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity)$`)
	prefixNumber  = regexp.MustCompile(`^0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// toNumber is JavaScript's Number(s): 0 for an empty text, NaN for a text that is not a number.
func toNumber(s string) float64 {
	s = strings.TrimFunc(s, isSpace)
	switch {
	case s == "":
		return 0
	case prefixNumber.MatchString(s):
		n, _ := strconv.ParseUint(s, 0, 64) // an overflow is merely a large number
		return float64(n)
	case decimalNumber.MatchString(s):
		f, _ := strconv.ParseFloat(s, 64) // infinite if it is out of range, as in JavaScript
		return f
	default:
		return math.NaN()
	}
}

// isSpace reports whether JavaScript trims the character from a text.
func isSpace(r rune) bool { return unicode.IsSpace(r) && r != 0x85 || r == 0xFEFF }

// parseInt is JavaScript's parseInt with radix 10.
func parseInt(s string) float64 {
	s = strings.TrimLeftFunc(s, isSpace)
	sign, digits := "", s
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, digits = s[:1], s[1:]
	}
	n := 0
	for n < len(digits) && isDigit(digits[n]) {
		n++
	}
	if n == 0 {
		return math.NaN()
	}
	f, _ := strconv.ParseFloat(sign+digits[:n], 64)
	return f
}
