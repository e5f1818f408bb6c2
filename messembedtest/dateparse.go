package messembedtest

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// parseDate is new Date(text) of the server's Node in UTC: it tries ISO 8601 and then V8's older
// format, which allows words and numbers in nearly any order. It returns false for an invalid date.
func parseDate(s string) (date, bool) {
	p := &dateParser{s: s, zoneHour: notSet, zoneMinute: notSet}
	p.advance()
	if !p.iso() && (p.failed || !p.loose()) {
		return 0, false
	}
	return p.result()
}

// dateTokenKind is the kind of a token in a date.
type dateTokenKind int

const (
	tokenEnd dateTokenKind = iota
	tokenNumber
	tokenSymbol
	tokenWord
	tokenSpace
	tokenUnknown
)

type dateToken struct {
	kind   dateTokenKind
	number int    // value of a number, at most nine digits
	length int    // of a number or word, as written
	symbol byte   // one of : - + . ) (
	word   string // its first three letters in lower case
}

func (t dateToken) is(symbol byte) bool { return t.kind == tokenSymbol && t.symbol == symbol }

func (t dateToken) isSign() bool { return t.is('+') || t.is('-') }

func (t dateToken) sign() int {
	if t.symbol == '-' {
		return -1
	}
	return 1
}

// isFixed reports whether the token is a number of exactly this many digits.
func (t dateToken) isFixed(digits int) bool { return t.kind == tokenNumber && t.length == digits }

// zones maps the named time zones to hours.
var zones = map[string]int{
	"ut": 0, "utc": 0, "z": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}

var monthNames = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}

func (t dateToken) month() int {
	for i, name := range monthNames {
		if t.kind == tokenWord && t.word == name {
			return i + 1
		}
	}
	return 0
}

// short reports whether the token is a word of no more than its three letters.
func (t dateToken) short() bool { return t.kind == tokenWord && t.length <= 3 }

func (t dateToken) zone() (int, bool) {
	hours, ok := zones[t.word]
	return hours, ok && t.short()
}

func (t dateToken) isZ() bool { return t.short() && t.word == "z" }

// notSet represents a number that has not been read.
const notSet = math.MaxInt32

type dateParser struct {
	s       string
	at      int
	current dateToken // the next one to read
	failed  bool      // not a date in either format

	day        []int // up to three numbers
	isISO      bool
	namedMonth int

	time       []int // up to four numbers: hour, minute, second, millisecond
	hourOffset int
	hasOffset  bool

	zoneSign, zoneHour, zoneMinute int
}

// next returns the current token and advances.
func (p *dateParser) next() dateToken {
	t := p.current
	p.advance()
	return t
}

// skip skips the current token if it is this symbol.
func (p *dateParser) skip(symbol byte) bool {
	if p.current.is(symbol) {
		p.advance()
		return true
	}
	return false
}

func (p *dateParser) advance() { p.current = p.scan() }

func (p *dateParser) scan() dateToken {
	if p.at >= len(p.s) {
		return dateToken{kind: tokenEnd}
	}
	r, size := utf8.DecodeRuneInString(p.s[p.at:])
	switch {
	case r >= '0' && r <= '9':
		return p.scanNumber()
	case strings.ContainsRune(":-+.)", r):
		p.at++
		return dateToken{kind: tokenSymbol, symbol: byte(r)}
	case r >= 'A':
		return p.scanWord()
	case isSpace(r):
		p.at += size
		return dateToken{kind: tokenSpace}
	case r == '(':
		p.skipParentheses()
	default:
		p.at += size
	}
	return dateToken{kind: tokenUnknown}
}

func isSpace(r rune) bool { return unicode.IsSpace(r) && r != 0x85 || r == 0xFEFF }

func (p *dateParser) scanNumber() dateToken {
	start, n := p.at, 0
	for ; p.at < len(p.s) && isDigit(p.s[p.at]); p.at++ {
		if p.at < start+9 {
			n = n*10 + int(p.s[p.at]-'0')
		}
	}
	return dateToken{kind: tokenNumber, number: n, length: p.at - start}
}

func (p *dateParser) scanWord() dateToken {
	t := dateToken{kind: tokenWord}
	for p.at < len(p.s) {
		r, size := utf8.DecodeRuneInString(p.s[p.at:])
		if r < 'A' {
			break
		}
		if t.length < 3 {
			t.word += string(r | 0x20) // lower case, if it is a letter
		}
		t.length++
		p.at += size
	}
	return t
}

func (p *dateParser) skipParentheses() {
	for depth := 0; p.at < len(p.s); {
		switch p.s[p.at] {
		case '(':
			depth++
		case ')':
			depth--
		}
		p.at++
		if depth <= 0 {
			return
		}
	}
}

// iso reads an ISO 8601 date. If it returns false, the older format continues after what it has
// read, unless failed is set.
func (p *dateParser) iso() bool {
	start := p.current
	if !p.isoDate(start) {
		return false
	}
	switch {
	case p.current.kind == tokenEnd:
	case p.current.short() && p.current.word == "t":
		p.advance()
		if !p.isoTime() || p.current.kind != tokenEnd {
			p.failed = true
			return false
		}
	default:
		return false
	}
	if p.zoneSign == 0 && len(p.time) == 0 {
		p.setZone(0)
	}
	p.isISO = true
	return true
}

// isoDate reads a year, a year and month, or all three. A sign that does not belong to a year has
// no meaning in the older format either.
func (p *dateParser) isoDate(start dateToken) bool {
	switch {
	case start.isSign():
		p.advance()
		if !p.current.isFixed(6) {
			return false
		}
		year := start.sign() * p.next().number
		if year == 0 && start.sign() < 0 {
			return false
		}
		p.day = append(p.day, year)
	case start.isFixed(4):
		p.day = append(p.day, p.next().number)
	default:
		return false
	}
	for _, highest := range []int{12, 31} {
		if !p.skip('-') {
			break
		}
		if !p.current.isFixed(2) || p.current.number < 1 || p.current.number > highest {
			return false
		}
		p.day = append(p.day, p.next().number)
	}
	return true
}

func (p *dateParser) isoTime() bool {
	if !p.isoNumber(24) || !p.skip(':') {
		return false
	}
	highest := 59
	if p.time[0] == 24 {
		highest = 0
	}
	if !p.isoNumber(highest) {
		return false
	}
	if p.skip(':') {
		if !p.isoNumber(highest) {
			return false
		}
		if p.skip('.') {
			if p.current.kind != tokenNumber || p.time[0] == 24 && p.current.number > 0 {
				return false
			}
			p.time = append(p.time, milliseconds(p.next()))
		}
	}
	return p.isoZone()
}

// isoNumber reads two digits of a time.
func (p *dateParser) isoNumber(highest int) bool {
	if !p.current.isFixed(2) || p.current.number > highest {
		return false
	}
	p.time = append(p.time, p.next().number)
	return true
}

func (p *dateParser) isoZone() bool {
	switch {
	case p.current.isZ():
		p.advance()
		p.setZone(0)
		return true
	case !p.current.isSign():
		return true
	}
	p.zoneSign = p.next().sign()
	hours := p.next()
	minutes := dateToken{kind: tokenNumber, length: 2, number: hours.number % 100}
	switch {
	case hours.isFixed(4):
		hours.number /= 100
	case hours.isFixed(2) && p.skip(':'):
		minutes = p.next()
	default:
		return false
	}
	p.zoneHour, p.zoneMinute = hours.number, minutes.number
	return hours.number <= 23 && minutes.isFixed(2) && minutes.number <= 59
}

func (p *dateParser) setZone(hours int) {
	p.zoneSign, p.zoneHour, p.zoneMinute = 1, hours, 0
	if hours < 0 {
		p.zoneSign, p.zoneHour = -1, -hours
	}
}

// milliseconds reads the digits after the decimal point.
func milliseconds(t dateToken) int {
	n := t.number
	for length := t.length; length < 3; length++ {
		n *= 10
	}
	for length := min(t.length, 9); length > 3; length-- {
		n /= 10
	}
	return n
}
