package messembedtest

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A value is a JavaScript value, as the real server holds a document: nil for null, bool, float64,
// text, date, *array or *object. Values are not modified after they are stored: a change makes a
// new object that shares the fields.
//
// It is a type of its own because encoding/json differs from JSON.parse and JSON.stringify in the
// order of keys, duplicate keys, numbers and lone surrogates.
type value any

// undefined is JavaScript's undefined. A field that holds it exists, but JSON omits it.
type undefined struct{}

// text is a JavaScript string in UTF-8, with a lone surrogate in the three bytes that UTF-8 would
// have for it (WTF-8).
type text string

type array struct{ items []value }

// An object keeps its fields in JavaScript's order: array indices first, ascending, then the other
// keys as they were added.
type object struct {
	fields  []field
	indices int            // how many fields at the front are array indices
	places  map[string]int // the index of each key, once there are many
}

type field struct {
	key   string
	value value
}

// manyFields is the number of fields beyond which an object looks up keys by hash.
const manyFields = 16

// newObject returns an object with alternating keys and values.
func newObject(keysAndValues ...any) *object {
	o := &object{fields: make([]field, 0, len(keysAndValues)/2)}
	for i := 0; i < len(keysAndValues); i += 2 {
		o.set(keysAndValues[i].(string), keysAndValues[i+1])
	}
	return o
}

func (o *object) find(key string) (int, bool) {
	if o.places != nil {
		i, ok := o.places[key]
		return i, ok
	}
	for i := range o.fields {
		if o.fields[i].key == key {
			return i, true
		}
	}
	return 0, false
}

// get returns the field's value, or undefined if there is no such field.
func (o *object) get(key string) value {
	if i, ok := o.find(key); ok {
		return o.fields[i].value
	}
	return undefined{}
}

func (o *object) has(key string) bool {
	_, ok := o.find(key)
	return ok
}

// set sets the field in place, or adds it in its place. It is only for objects that are not shared
// yet; see with.
func (o *object) set(key string, v value) {
	if i, ok := o.find(key); ok {
		o.fields[i].value = v
		return
	}
	at := len(o.fields)
	if n, ok := arrayIndex(key); ok {
		at, _ = slices.BinarySearchFunc(o.fields[:o.indices], n, func(f field, n uint32) int {
			m, _ := arrayIndex(f.key)
			return int(int64(m) - int64(n))
		})
		o.indices++
	}
	o.fields = slices.Insert(o.fields, at, field{key, v})
	switch {
	case len(o.fields) <= manyFields:
	case o.places == nil || at < len(o.fields)-1:
		o.places = make(map[string]int, 2*len(o.fields))
		for i := range o.fields {
			o.places[o.fields[i].key] = i
		}
	default:
		o.places[key] = at
	}
}

// with returns a copy with the field set.
func (o *object) with(key string, v value) *object {
	c := &object{fields: slices.Clone(o.fields), indices: o.indices}
	if o.places != nil {
		c.places = make(map[string]int, len(o.places)+1)
		for k, i := range o.places {
			c.places[k] = i
		}
	}
	c.set(key, v)
	return c
}

// text returns the field's value if it is a string, otherwise "".
func (o *object) text(key string) string {
	s, _ := o.get(key).(text)
	return string(s)
}

// arrayIndex reports whether JavaScript orders the key as a number: "0" to "4294967294", without
// leading zeros.
func arrayIndex(key string) (uint32, bool) {
	if key == "" || len(key) > 10 || key[0] == '0' && key != "0" {
		return 0, false
	}
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(key, 10, 32)
	return uint32(n), err == nil && n < math.MaxUint32
}

// truthy reports whether JavaScript treats the value as true.
func truthy(v value) bool {
	switch v := v.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && v == v
	case text:
		return v != ""
	default:
		return true
	}
}

// isNil reports whether the value is null or undefined.
func isNil(v value) bool {
	return v == nil || v == undefined{}
}

// appendJSON appends JSON.stringify(v).
func appendJSON(b []byte, v value) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return appendNumber(b, v)
	case text:
		return appendString(b, string(v))
	case date:
		b = append(b, '"')
		b = appendDate(b, v)
		return append(b, '"')
	case *array:
		b = append(b, '[')
		for i, item := range v.items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case *object:
		b = append(b, '{')
		first := true
		for i := range v.fields {
			if (v.fields[i].value == undefined{}) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendString(b, v.fields[i].key)
			b = append(b, ':')
			b = appendJSON(b, v.fields[i].value)
		}
		return append(b, '}')
	default:
		return append(b, "null"...) // null, and undefined in an array
	}
}

// numberText is JavaScript's String(f).
func numberText(f float64) string {
	if math.IsInf(f, 0) {
		return strings.TrimPrefix(strconv.FormatFloat(f, 'g', -1, 64), "+") + "inity"
	}
	return string(appendNumber(nil, f))
}

// appendNumber appends a number as JavaScript writes it: with digits up to 1e21, an exponent beyond
// that and below 1e-6, and null if JSON cannot express it.
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
	// Go writes at least two digits of exponent, JavaScript only as many as are needed.
	if n := len(b); b[n-2] == '0' && (b[n-3] == '-' || b[n-3] == '+') {
		b = append(b[:n-2], b[n-1])
	}
	return b
}

const hexDigits = "0123456789abcdef"

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c != 0xED {
			continue
		}
		if c == 0xED && !isSurrogate(s[i:]) {
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\f':
			b = append(b, '\\', 'f')
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		case 0xED:
			unit := 0xD000 | uint16(s[i+1]&0x3F)<<6 | uint16(s[i+2]&0x3F)
			b = append(b, '\\', 'u', hexDigits[unit>>12], hexDigits[unit>>8&15], hexDigits[unit>>4&15], hexDigits[unit&15])
			i += 2
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		start = i + 1
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// isSurrogate reports whether s begins with a lone surrogate in WTF-8.
func isSurrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF
}

// appendUnit appends a UTF-16 code unit to a string in WTF-8; a low surrogate after a high one is
// combined with it.
func appendUnit(b []byte, unit rune) []byte {
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
