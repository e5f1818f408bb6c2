package js

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A String is a string in UTF-8, with a lone surrogate in the three bytes that
// UTF-8 would have for it (WTF-8).
type String string

// Length is s.length: the number of UTF-16 code units.
func Length(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// firstUnit is s[0]: for a character beyond the first plane, its first half.
func firstUnit(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if r > 0xFFFF {
		return string(AppendCodeUnit(nil, 0xD800+(r-0x10000)>>10))
	}
	return s[:size]
}

// isSurrogate reports whether s begins with a lone surrogate in WTF-8.
func isSurrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF
}

// AppendCodeUnit appends a UTF-16 code unit to a string in WTF-8; a low
// surrogate after a high one is combined with it.
func AppendCodeUnit(b []byte, unit rune) []byte {
	if unit >= 0xDC00 && unit <= 0xDFFF && len(b) >= 3 {
		if tail := b[len(b)-3:]; tail[0] == 0xED && tail[1] >= 0xA0 && tail[1] <= 0xAF {
			high := 0xD000 | rune(tail[1]&0x3F)<<6 | rune(tail[2]&0x3F)
			return utf8.AppendRune(b[:len(b)-3], (high-0xD800)<<10+(unit-0xDC00)+0x10000)
		}
	}
	if unit >= 0xD800 && unit <= 0xDFFF {
		return append(b, 0xED, 0x80|byte(unit>>6&0x3F), 0x80|byte(unit&0x3F))
	}
	return utf8.AppendRune(b, unit)
}

// ToWellFormed is s.toWellFormed(): it replaces lone surrogates.
func ToWellFormed(s string) string {
	if strings.IndexByte(s, 0xED) < 0 {
		return s
	}
	var out []byte
	start := 0
	for i := 0; i < len(s); i++ {
		if isSurrogate(s[i:]) {
			out = append(append(out, s[start:i]...), "\uFFFD"...)
			i += 2
			start = i + 1
		}
	}
	if out == nil {
		return s
	}
	return string(append(out, s[start:]...))
}
