package socketio

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// encodePayload joins packets as <length>:<packet>, with the length in UTF-16
// code units, as in JavaScript.
func encodePayload(packets []string) string {
	var b strings.Builder
	for _, packet := range packets {
		b.WriteString(strconv.Itoa(js.Length(packet)))
		b.WriteByte(':')
		b.WriteString(packet)
	}
	return b.String()
}

// cutPacket removes the first packet from a payload. Its length is anything
// that JavaScript converts to a number: "01", " 1", "1e0".
func cutPacket(payload string) (packet, rest string, ok bool) {
	number, rest, found := strings.Cut(payload, ":")
	n := js.ToNumber(number)
	if !found || number == "" || n != math.Trunc(n) || n < 0 || n > float64(len(rest)) {
		return "", "", false
	}
	length, end := int(n), 0
	for length > 0 && end < len(rest) {
		char, size := utf8.DecodeRuneInString(rest[end:])
		length -= utf16.RuneLen(char)
		end += size
	}
	return rest[:end], rest[end:], length == 0
}

type binaryPacket struct {
	isText bool
	data   []byte
}

// maxDigits is, almost exactly, the number of digits in a length after which
// engine.io gives up.
const maxDigits = 310

// cutBinaryPacket removes the first packet from a payload in bytes: 0 for text
// or 1 for bytes, the digits of its length as bytes of that value, 255, the
// packet. A byte above 9 is read as the digits of its value, and misleads
// engine.io about where the packet begins.
func cutBinaryPacket(payload []byte) (packet binaryPacket, rest []byte, ok bool) {
	end := bytes.IndexByte(payload[1:], 255)
	if end < 0 {
		return packet, nil, false
	}
	var digits []byte
	for _, b := range payload[1 : 1+end] {
		if len(digits) > maxDigits {
			return packet, nil, false
		}
		digits = strconv.AppendUint(digits, uint64(b), 10)
	}
	packet.isText = payload[0] == 0
	rest = payload[min(len(digits)+1, len(payload)):]
	if len(digits) == 0 {
		return packet, rest, true
	}
	length, err := strconv.Atoi(string(digits))
	if err != nil || length > len(rest) {
		length = len(rest)
	}
	packet.data = rest[min(1, len(rest)):min(1+length, len(rest))]
	return packet, rest[min(1+length, len(rest)):], true
}
