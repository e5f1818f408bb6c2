package js

import "strconv"

// AppendJSON appends JSON.stringify(v) to b.
func AppendJSON(b []byte, v Value) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return appendNumber(b, v)
	case String:
		return appendString(b, string(v))
	case Date:
		b = append(b, '"')
		b = appendDate(b, v)
		return append(b, '"')
	case *Array:
		b = append(b, '[')
		for i, item := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = AppendJSON(b, item)
		}
		return append(b, ']')
	case *Object:
		b = append(b, '{')
		first := true
		for i := range v.Properties {
			if (v.Properties[i].Value == Undefined{}) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendString(b, v.Properties[i].Key)
			b = append(b, ':')
			b = AppendJSON(b, v.Properties[i].Value)
		}
		return append(b, '}')
	default:
		return append(b, "null"...) // null, and undefined in an array
	}
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
