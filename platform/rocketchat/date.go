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
// and {"$date": …} with milliseconds or ISO 8601 in DDP and in exports. A
// decoded value is encoded in its original form, a new one as ISO 8601.
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

// dateJSON reads a date in any form the service uses: ISO 8601 in REST,
// {"$date": milliseconds or ISO 8601} in DDP and in document 002. An unreadable
// date is recorded, so that the error can name the field.
type dateJSON struct {
	time.Time
	bad bool
}

func (d *dateJSON) UnmarshalJSON(data []byte) error {
	at, ok := parseDate(data)
	d.Time, d.bad = at, !ok
	return nil
}

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
		var extended map[string]json.RawMessage
		if json.Unmarshal(data, &extended) != nil || len(extended) != 1 {
			return time.Time{}, false
		}
		inner := extended["$date"]
		if len(inner) == 0 || inner[0] == '{' || inner[0] == 'n' {
			return time.Time{}, false
		}
		return parseDate(inner)
	}
	ms, err := strconv.ParseFloat(string(data), 64)
	const maxMillis = 8.64e15 // the range of JavaScript's dates
	if err != nil || math.Abs(ms) > maxMillis {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
}
