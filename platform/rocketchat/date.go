package rocketchat

import (
	"encoding/json"
	"errors"
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
