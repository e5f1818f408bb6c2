package rocketchat

import (
	"encoding/json"
	"errors"
	"time"
)

// Date is a moment in each form that Rocket.Chat writes it: ISO 8601 in REST, and
// {"$date": …} with milliseconds or ISO 8601 in DDP and in exports. What was
// decoded is encoded in the same form again, a new value as ISO 8601.
type Date struct {
	time.Time
	form string    // what it was decoded from
	read time.Time // what that says
}

// UnmarshalJSON reads any of the forms; null is the zero date.
func (d *Date) UnmarshalJSON(data []byte) error {
	at, ok := parseDate(data)
	if !ok {
		return errors.New("rocketchat: no date")
	}
	*d = Date{at, string(data), at}
	return nil
}

// MarshalJSON writes the form that was read, if the date is still the same.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.form != "" && d.Equal(d.read) {
		return []byte(d.form), nil
	}
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.UTC().Format("2006-01-02T15:04:05.000Z"))
}
