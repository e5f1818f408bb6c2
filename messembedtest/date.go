package messembedtest

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A date is a JavaScript Date: milliseconds since 1970.
type date int64

func dateOf(t time.Time) date { return date(t.UnixMilli()) }

func (d date) time() time.Time { return time.UnixMilli(int64(d)).UTC() }

// isoDate is the format of dates that V8 calls ES5 ISO 8601, which JavaScript specifies and of which
// toISOString writes one form.
var isoDate = regexp.MustCompile(`^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d))?)?` +
	`(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-]\d\d):?(\d\d))?)?$`)

// parseDate is new Date(s) in UTC for an ISO 8601 text. It returns false for any other text, also
// for one in V8's older format.
func parseDate(s string) (date, bool) {
	part := isoDate.FindStringSubmatch(s)
	if part == nil || part[1] == "-000000" {
		return 0, false
	}
	ok := true
	number := func(digits string, otherwise, lowest, highest int) int {
		if digits == "" {
			return otherwise
		}
		n, _ := strconv.Atoi(digits)
		ok = ok && n >= lowest && n <= highest
		return n
	}
	year := number(part[1], 0, -999_999, 999_999)
	month, day := number(part[2], 1, 1, 12), number(part[3], 1, 1, 31)
	hour, minute, second := number(part[4], 0, 0, 24), number(part[5], 0, 0, 59), number(part[6], 0, 0, 59)
	milli := number((part[7] + "000")[:3], 0, 0, 999)
	zoneHour, zoneMinute := number(part[8], 0, -23, 23), number(part[9], 0, 0, 59)
	if hour == 24 && (minute > 0 || second > 0 || strings.Trim(part[7], "0") != "") {
		return 0, false
	}
	if strings.HasPrefix(part[8], "-") {
		zoneMinute = -zoneMinute
	}
	at := time.Date(year, time.Month(month), day, hour-zoneHour, minute-zoneMinute, second, milli*int(time.Millisecond), time.UTC).UnixMilli()
	const furthest = 8_640_000_000_000_000 // the limit of JavaScript dates
	return date(at), ok && at >= -furthest && at <= furthest
}

// appendDate appends a date in the format of Date.prototype.toISOString.
func appendDate(b []byte, d date) []byte {
	t := d.time()
	if year := t.Year(); year < 0 || year > 9999 {
		sign := byte('+')
		if year < 0 {
			sign, year = '-', -year
		}
		b = append(b, sign)
		digits := strconv.Itoa(1_000_000 + year)
		b = append(b, digits[1:]...)
		return t.AppendFormat(b, "-01-02T15:04:05.000Z")
	}
	return t.AppendFormat(b, "2006-01-02T15:04:05.000Z")
}
