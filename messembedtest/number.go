package messembedtest

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	decimalNumber = regexp.MustCompile(`^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity)$`)
	prefixNumber  = regexp.MustCompile(`^0(?:[xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)$`)
)

// toNumber is JavaScript's Number(s): 0 of nothing, NaN of what is no number.
func toNumber(s string) float64 {
	s = strings.TrimFunc(s, isSpace)
	switch {
	case s == "":
		return 0
	case prefixNumber.MatchString(s):
		n, _ := strconv.ParseUint(s, 0, 64) // beyond that it is merely large
		return float64(n)
	case decimalNumber.MatchString(s):
		f, _ := strconv.ParseFloat(s, 64) // infinite where it is out of range, as there
		return f
	default:
		return math.NaN()
	}
}
