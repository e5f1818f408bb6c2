package js

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

// ToNumber is Number(s): 0 for an empty string, NaN for one that is no number.
func ToNumber(s string) float64 {
	s = strings.TrimFunc(s, IsSpace)
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

// IsSpace reports whether s.trim() removes the character.
func IsSpace(r rune) bool { return unicode.IsSpace(r) && r != 0x85 || r == 0xFEFF }

// ParseInt is parseInt(s, 10).
func ParseInt(s string) float64 {
	s = strings.TrimLeftFunc(s, IsSpace)
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

// NumberToString is String(f).
func NumberToString(f float64) string {
	if math.IsInf(f, 0) {
		return strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+") + "inity"
	}
	return string(appendNumber(nil, f))
}

// appendNumber appends a number as JavaScript writes it: with digits up to
// 1e21, an exponent beyond that and below 1e-6, and null if JSON cannot express
// it.
func appendNumber(b []byte, f float64) []byte {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(b, "null"...)
	case f == 0:
		return append(b, '0') // also for minus zero
	}
	if size := math.Abs(f); size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	// Go writes at least two digits of exponent, JavaScript only as many as are
	// needed.
	if n := len(b); b[n-2] == '0' && (b[n-3] == '-' || b[n-3] == '+') {
		b = append(b[:n-2], b[n-1])
	}
	return b
}
