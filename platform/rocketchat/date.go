package rocketchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
)

// Date is a time in any of the forms that Rocket.Chat uses: ISO 8601 in REST,
// and {"$date": …} in DDP and in exports, with milliseconds, also as
// {"$numberLong": "…"}, or ISO 8601. A decoded value is encoded in its original
// form, a new one as ISO 8601.
type Date struct {
	time.Time
	form string    // the JSON it was decoded from
	read time.Time // the time in form
}

// UnmarshalJSON accepts any of the forms; null is the zero Date.
func (d *Date) UnmarshalJSON(data []byte) error {
	at, ok := parseDate(data)
	if !ok {
		return errors.New("rocketchat: not a date")
	}
	*d = Date{at, string(data), at}
	return nil
}

// MarshalJSON writes the original form if the time is unchanged.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.form != "" && d.Equal(d.read) {
		return []byte(d.form), nil
	}
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// parseDate reads a date in any of the forms; null is the zero time.
func parseDate(data []byte) (time.Time, bool) {
	data = bytes.TrimSpace(data)
	if string(data) == "null" {
		return time.Time{}, true
	}
	if len(data) == 0 {
		return time.Time{}, false
	}
	switch data[0] {
	case '"':
		var text string
		if json.Unmarshal(data, &text) != nil {
			return time.Time{}, false
		}
		at, err := time.Parse(time.RFC3339, text)
		return at, err == nil
	case '{':
		inner := only(data, "$date")
		if len(inner) == 0 || inner[0] == 'n' {
			return time.Time{}, false
		}
		if inner[0] != '{' {
			return parseDate(inner)
		}
		var digits string // since JSON's numbers are floating-point
		_ = json.Unmarshal(only(inner, "$numberLong"), &digits)
		ms, err := strconv.ParseInt(digits, 10, 64)
		return millis(float64(ms), err)
	}
	ms, err := strconv.ParseFloat(string(data), 64)
	return millis(ms, err)
}

// only returns the value of an object whose only key is the given one.
func only(object []byte, key string) json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil || len(fields) != 1 {
		return nil
	}
	return fields[key]
}

func millis(ms float64, err error) (time.Time, bool) {
	const maxMillis = 8.64e15 // the range of JavaScript's dates
	if err != nil || math.Abs(ms) > maxMillis {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
}
