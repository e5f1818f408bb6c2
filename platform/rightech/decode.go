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

// User is a user with every field that the service's documentation and its own clients know.
// Encoding reproduces the original JSON, except for changed fields. The service's "success", which
// it adds to every object, is in Extra.
type User struct {
	ID             string          `json:"_id"`
	Login          string          `json:"login"`
	Name           string          `json:"name"`
	Email          string          `json:"email"`
	Phone          string          `json:"phone"`
	Role           string          `json:"role"`   // the role's id
	Rights         float64         `json:"rights"` // 1.5
	Messages       bool            `json:"messages"`
	Access         []string        `json:"access"`
	Owner          string          `json:"owner"` // the id of the user who created it
	Group          string          `json:"group"`
	Temp           bool            `json:"temp"` // expires after the number of days that the platform's policy sets
	Disabled       bool            `json:"disabled"`
	WebDisabled    bool            `json:"webDisabled"` // cannot use the web interface
	Locale         string          `json:"locale"`
	TimezoneOffset float64         `json:"timezoneOffset"` // minutes
	Description    string          `json:"description"`
	Links          json.RawMessage `json:"links,omitempty"`
	CreatedAt      Time            `json:"time"`
	ChangedAt      Time            `json:"_at"` // zero until the first change

	// Extra has the fields that this package does not know, and those whose value has an unexpected
	// type.
	Extra map[string]json.RawMessage `json:"-"`

	came lossless.Fields // the other fields as received
}

// Time is a time in the service's form, milliseconds since 1970.
type Time struct{ time.Time }

// UnmarshalJSON accepts a number; anything else is the zero time.
func (t *Time) UnmarshalJSON(data []byte) error {
	t.Time, _ = parseTime(data)
	return nil
}

// MarshalJSON writes a number, or null for the zero time.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, t.UnixMilli(), 10), nil
}

// parseTime parses milliseconds since 1970; a missing field and null are the zero time. ok is false
// for anything else.
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

// maxMillis is the latest date in JavaScript.
const maxMillis = 8.64e15

// Decode decodes u.Raw as a Rightech user. It returns ErrInvalidArgument if Raw is empty and
// ErrInvalidResponse if it is not a JSON object.
func Decode(u *messembed.User) (*User, error) { return adapter.DecodeRaw[User]("rightech", u) }

var userForm lossless.Form

// UnmarshalJSON leaves a field of an undocumented type zero and keeps it in Extra.
func (u *User) UnmarshalJSON(data []byte) (err error) {
	u.came, u.Extra, err = userForm.Decode(data, u)
	return err
}

// MarshalJSON writes unchanged fields as received.
func (u User) MarshalJSON() ([]byte, error) { return userForm.Encode(u, u.came, u.Extra) }
