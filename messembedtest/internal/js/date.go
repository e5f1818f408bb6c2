package js

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Date is a Date: milliseconds since 1970.
type Date int64

// DateOf returns the time as a Date, which has no fractions of a millisecond.
func DateOf(t time.Time) Date { return Date(t.UnixMilli()) }

// Time returns the date in UTC.
func (d Date) Time() time.Time { return time.UnixMilli(int64(d)).UTC() }

// isoDate is the format of dates that JavaScript specifies, a part of ISO 8601.
var isoDate = regexp.MustCompile(`^([+-]\d{6}|\d{4})(?:-(\d\d)(?:-(\d\d))?)?` +
	`(?:[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:[Zz]|([+-]\d\d):?(\d\d))?)?$`)

// ParseDate is new Date(s), with UTC as the local time, for a date in the format
// that JavaScript specifies. It returns false for any other string, also for one
// in V8's older format of words and numbers in nearly any order.
func ParseDate(s string) (Date, bool) {
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
	return Date(at), ok && at >= -furthest && at <= furthest
}

// appendDate appends a date in the format of Date.prototype.toISOString.
func appendDate(b []byte, d Date) []byte {
	t := d.Time()
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
