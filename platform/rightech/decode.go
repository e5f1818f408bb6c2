package rightech

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
	"github.com/messembed/messembed-go/platform/internal/lossless"
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

	// Extra has the fields that this package does not know, and those whose value is of another type
	// than it expects.
	Extra map[string]json.RawMessage `json:"-"`

	came lossless.Fields // the other fields as they came
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

// Decode reads what u.Raw holds of a Rightech user. It fails with ErrInvalidArgument when that is
// nothing, and with ErrInvalidResponse when it is no object.
func Decode(u *messembed.User) (*User, error) { return adapter.DecodeRaw[User]("rightech", u) }

var userForm lossless.Form

// UnmarshalJSON leaves a field that is not of its documented type zero and keeps it in Extra.
func (u *User) UnmarshalJSON(data []byte) (err error) {
	u.came, u.Extra, err = userForm.Decode(data, u)
	return err
}

// MarshalJSON writes each field as it came where it was not changed.
func (u User) MarshalJSON() ([]byte, error) { return userForm.Encode(u, u.came, u.Extra) }
