package messembedtest

import (
	"math"
	"slices"
	"time"
)

// loose continues where iso stopped, in the older format: numbers before a colon are times; words
// are months or zones, or are ignored before the first number.
func (p *dateParser) loose() bool {
	hasNumber := len(p.day) > 0
	for p.current.kind != tokenEnd {
		t := p.next()
		switch {
		case t.kind == tokenNumber:
			hasNumber = true
			if !p.looseNumber(t) {
				return false
			}
		case t.kind == tokenWord:
			if !p.looseWord(t, hasNumber) {
				return false
			}
		case t.isSign() && (p.isUTC() || len(p.time) > 0):
			hasNumber = true
			if !p.looseZone(t.sign()) {
				return false
			}
		case (t.isSign() || t.is(')')) && hasNumber:
			return false
		}
	}
	return true
}

func (p *dateParser) isUTC() bool { return p.zoneSign != 0 && p.zoneHour == 0 && p.zoneMinute == 0 }

func (p *dateParser) looseNumber(t dateToken) bool {
	n := t.number
	switch {
	case p.skip(':'):
		if p.skip(':') {
			if len(p.time) > 0 {
				return false
			}
			p.time = append(p.time, n, 0)
			return true
		}
		if !p.addTime(n) {
			return false
		}
		p.skip('.')
		return true
	case p.current.is('.') && p.skip('.') && p.expectsTime(n):
		p.addTime(n)
		if p.current.kind != tokenNumber {
			return false
		}
		p.finishTime(milliseconds(p.next()))
		return true
	case p.zoneHour != notSet && p.zoneMinute == notSet && n <= 59:
		p.zoneMinute = n
		return true
	case p.expectsTime(n):
		p.finishTime(n)
		next := p.current
		return next.kind == tokenEnd || next.kind == tokenSpace || next.isZ() || next.isSign()
	case len(p.day) == 3:
		return false
	default:
		p.day = append(p.day, n)
		p.skip('-')
		return true
	}
}

// expectsTime reports whether the number can be the next part of a time that has begun.
func (p *dateParser) expectsTime(n int) bool {
	switch len(p.time) {
	case 1, 2:
		return n <= 59
	case 3:
		return n <= 999
	default:
		return false
	}
}

func (p *dateParser) addTime(n int) bool {
	if len(p.time) == 4 {
		return false
	}
	p.time = append(p.time, n)
	return true
}

func (p *dateParser) finishTime(n int) {
	p.addTime(n)
	for p.addTime(0) {
	}
}

func (p *dateParser) looseWord(t dateToken, hasNumber bool) bool {
	month := t.month()
	hours, isZone := t.zone()
	switch {
	case t.short() && (t.word == "am" || t.word == "pm") && len(p.time) > 0:
		p.hasOffset = true
		p.hourOffset = 0
		if t.word == "pm" {
			p.hourOffset = 12
		}
	case month > 0:
		p.namedMonth = month
		p.skip('-')
	case isZone && hasNumber:
		p.setZone(hours)
	default:
		return !hasNumber && p.current.kind != tokenNumber
	}
	return true
}

// looseZone reads the text after a sign: hours, hours and minutes, or hours whose minutes follow a
// colon.
func (p *dateParser) looseZone(sign int) bool {
	p.zoneSign = sign
	var t dateToken
	if p.current.kind == tokenNumber {
		t = p.next()
	}
	switch {
	case p.current.is(':'):
		p.zoneHour, p.zoneMinute = t.number, notSet
	case t.length == 1 || t.length == 2:
		p.zoneHour, p.zoneMinute = t.number, 0
	case t.length == 3 || t.length == 4:
		p.zoneHour, p.zoneMinute = t.number/100, t.number%100
	default:
		return false
	}
	return true
}

// result returns the date that was read.
func (p *dateParser) result() (date, bool) {
	year, month, day, ok := p.calendarDay()
	if !ok || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, false
	}
	clock := append(slices.Clone(p.time), 0, 0, 0, 0)
	hour, minute, second, milli := clock[0], clock[1], clock[2], clock[3]
	if p.hasOffset {
		if hour > 12 {
			return 0, false
		}
		hour = hour%12 + p.hourOffset
	}
	if (hour > 23 || minute > 59 || second > 59 || milli > 999) && (hour != 24 || minute != 0 || second != 0 || milli != 0) {
		return 0, false
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second, milli*int(time.Millisecond), time.UTC).UnixMilli()
	if p.zoneSign != 0 {
		var offset uint32 // in seconds, as wide as in V8
		if p.zoneHour != notSet {
			offset += uint32(p.zoneHour) * 3600
		}
		if p.zoneMinute != notSet {
			offset += uint32(p.zoneMinute) * 60
		}
		if offset > math.MaxInt32 {
			return 0, false
		}
		at -= int64(p.zoneSign) * int64(offset) * 1000
	}
	const furthest = 8_640_000_000_000_000 // the limit of JavaScript dates
	return date(at), at >= -furthest && at <= furthest
}

// calendarDay guesses which number is the year, the month and the day.
func (p *dateParser) calendarDay() (year, month, day int, ok bool) {
	if len(p.day) == 0 {
		return 0, 0, 0, false
	}
	n := append(slices.Clone(p.day), 1, 1)
	isDay := n[0] >= 1 && n[0] <= 31
	switch {
	case p.namedMonth == 0 && (p.isISO || !isDay):
		year, month, day = n[0], n[1], n[2]
	case p.namedMonth == 0:
		month, day, year = n[0], n[1], n[2]
	case !isDay:
		year, month, day = n[0], p.namedMonth, n[1]
	default:
		day, month, year = n[0], p.namedMonth, n[1]
	}
	if !p.isISO && year >= 0 && year <= 99 {
		if year < 50 {
			year += 2000
		} else {
			year += 1900
		}
	}
	return year, month, day, year > -1_000_000 && year <= 999_999_999
}
