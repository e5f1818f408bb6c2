package rightech

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// User is a user as the service describes it, every field that its documentation and its own
// clients know. Marshalled it gives back what it was decoded from, but for what was changed. The
// service's "success", which it mixes into every object, is in Extra.
type User struct {
	ID             string          `json:"_id"`
	Login          string          `json:"login"`
	Name           string          `json:"name"`
	Email          string          `json:"email"`
	Phone          string          `json:"phone"`
	Role           string          `json:"role"`   // its id
	Rights         float64         `json:"rights"` // 1.5
	Messages       bool            `json:"messages"`
	Access         []string        `json:"access"`
	Owner          string          `json:"owner"` // the id of the user who created it
	Group          string          `json:"group"`
	Temp           bool            `json:"temp"` // expires after the platform's policy days
	Disabled       bool            `json:"disabled"`
	WebDisabled    bool            `json:"webDisabled"` // cannot use the web interface
	Locale         string          `json:"locale"`
	TimezoneOffset float64         `json:"timezoneOffset"` // minutes
	Description    string          `json:"description"`
	Links          json.RawMessage `json:"links,omitempty"`
	CreatedAt      Time            `json:"time"`
	ChangedAt      Time            `json:"_at"` // zero until the first change

	Extra map[string]json.RawMessage `json:"-"` // fields that this package does not know

	wire map[string]json.RawMessage // every field as it came
}

// Time is a time as the service writes it: milliseconds since 1970.
type Time struct{ time.Time }

// UnmarshalJSON reads a number; anything else is the zero time.
func (t *Time) UnmarshalJSON(data []byte) error {
	t.Time, _ = parseTime(data)
	return nil
}

// MarshalJSON writes a number, null for the zero time.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, t.UnixMilli(), 10), nil
}

// parseTime reads milliseconds since 1970; no field and null are the zero time. It is not ok when
// there is something else.
func parseTime(data json.RawMessage) (at time.Time, ok bool) {
	if len(data) == 0 || string(data) == "null" {
		return time.Time{}, true
	}
	ms, err := strconv.ParseFloat(string(data), 64)
	if err != nil || math.Abs(ms) > maxMillis {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
}

// maxMillis is the furthest date that JavaScript has.
const maxMillis = 8.64e15

// Decode reads what u.Raw holds of a Rightech user.
func Decode(u *messembed.User) (*User, error) {
	if u == nil || len(u.Raw) == 0 {
		return nil, fmt.Errorf("rightech: Decode: %w: the user has no Raw", messembed.ErrInvalidArgument)
	}
	decoded := new(User)
	if err := json.Unmarshal(u.Raw, decoded); err != nil {
		return nil, fmt.Errorf("rightech: Decode: %w: Raw is no JSON object", messembed.ErrInvalidArgument)
	}
	return decoded, nil
}

// plainUser is a User without its own JSON methods.
type plainUser User

var fieldNames = []string{
	"_id", "login", "name", "email", "phone", "role", "rights", "messages", "access", "owner", "group", "temp", "disabled", "webDisabled",
	"locale", "timezoneOffset", "description", "links", "time", "_at",
}

// UnmarshalJSON keeps what it does not know in Extra. A field that is not of its documented type is
// left zero; encoding keeps it.
func (u *User) UnmarshalJSON(data []byte) error {
	var wire map[string]json.RawMessage
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	var plain plainUser
	if err := json.Unmarshal(data, &plain); err != nil && !isTypeError(err) {
		return err
	}
	extra := maps.Clone(wire)
	for _, name := range fieldNames {
		delete(extra, name)
	}
	if len(extra) > 0 {
		plain.Extra = extra
	}
	plain.wire = wire
	*u = User(plain)
	return nil
}

// MarshalJSON writes each field as it came where it was not changed.
func (u User) MarshalJSON() ([]byte, error) {
	var before User
	if u.wire != nil {
		came, err := json.Marshal(u.wire)
		if err != nil {
			return nil, err
		}
		if err := before.UnmarshalJSON(came); err != nil {
			return nil, err
		}
	}
	now, err := fieldsOf(u)
	if err != nil {
		return nil, err
	}
	was, err := fieldsOf(before)
	if err != nil {
		return nil, err
	}
	out := maps.Clone(u.wire)
	if out == nil {
		out = make(map[string]json.RawMessage, len(now))
	}
	for name := range before.Extra {
		delete(out, name)
	}
	maps.Copy(out, u.Extra)
	for name, value := range now {
		if !bytes.Equal(value, was[name]) {
			out[name] = value
		}
	}
	return json.Marshal(out)
}

// fieldsOf gives the documented fields by name.
func fieldsOf(u User) (map[string]json.RawMessage, error) {
	data, err := json.Marshal(plainUser(u))
	if err != nil {
		return nil, err
	}
	var fields map[string]json.RawMessage
	err = json.Unmarshal(data, &fields)
	return fields, err
}
