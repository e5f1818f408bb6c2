package httpcall

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestBackoff(t *testing.T) {
	const least, most = 100 * time.Millisecond, time.Second
	for failures, ceiling := range map[int]time.Duration{
		0: least, 1: least, 2: 2 * least, 3: 4 * least, 4: 8 * least, 5: most, 33: most, 64: most, math.MaxInt: most,
	} {
		longest := time.Duration(0)
		for range 300 {
			longest = max(longest, Backoff(least, most, failures))
		}
		assert.Less(t, longest, ceiling, "%d failures", failures)
		assert.Greater(t, longest, ceiling*3/4, "%d failures", failures)
	}
	assert.Zero(t, Backoff(0, 0, 1))
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"", "0", "1", "120", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "soon", "31536000", "18446744073709551615", "18446744073709551616", "99999999999999999999999",
		"Fri, 31 Dec 1999 23:59:59 GMT", "Friday, 31-Dec-99 23:59:59 GMT", "Fri Dec 31 23:59:59 1999", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 0000 23:59:59 GMT", "007", "\u0661",
	} {
		f.Add(value)
	}
	now := time.Date(2026, 11, 21, 20, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		d, said := parseRetryAfter(value, now)
		if d < 0 || !said && d != 0 {
			t.Fatalf("%q: %v, %t", value, d, said)
		}
		digits := value != "" && strings.Trim(value, "0123456789") == ""
		at, err := http.ParseTime(value)
		switch {
		case digits:
			want := time.Duration(maxRetryAfterSeconds) * time.Second
			if n, err := strconv.ParseUint(value, 10, 64); err == nil && n < maxRetryAfterSeconds {
				want = time.Duration(n) * time.Second
			}
			if !said || d != want {
				t.Fatalf("%q: %v, %t, want %v", value, d, said, want)
			}
		case err == nil:
			if want := max(0, at.Sub(now)); said != (want > 0) || d != want {
				t.Fatalf("%q: %v, %t, want %v", value, d, said, want)
			}
		case said:
			t.Fatalf("%q: %v, and it is neither seconds nor a date", value, d)
		}
	})
}
