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

// User is a user with every field that the service's documentation and its own
// clients know. Encoding reproduces the original JSON, except for changed
// fields. The service's "success", which it adds to every object, is in Extra.
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

	// Extra has the fields that this package does not know, and those whose
	// value has an unexpected type.
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

// parseTime parses milliseconds since 1970; a missing field and null are the
// zero time. ok is false for anything else.
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

// Decode decodes u.Raw as a Rightech user. It returns ErrInvalidArgument if Raw
// is empty and ErrInvalidResponse if it is not a JSON object.
func Decode(u *messembed.User) (*User, error) { return adapter.DecodeRaw[User]("rightech", u) }

var userForm lossless.Form

// UnmarshalJSON leaves a field of an undocumented type zero and keeps it in
// Extra.
func (u *User) UnmarshalJSON(data []byte) error {
	return userForm.Decode(data, u, &u.came, &u.Extra)
}

// MarshalJSON writes unchanged fields as received.
func (u User) MarshalJSON() ([]byte, error) { return userForm.Encode(u, u.came, u.Extra) }

// readUser converts a user of the service. It accepts one in a list of its own,
// as in the samples of the service's node for n8n.
func readUser(raw json.RawMessage) (*messembed.User, error) {
	var wrapped []json.RawMessage
	if json.Unmarshal(raw, &wrapped) == nil && len(wrapped) == 1 {
		raw = wrapped[0]
	}
	var said User
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, err
	}
	if said.came["_id"] == nil && said.Extra["_id"] == nil {
		return nil, messembed.BadField("_id", "missing from the response")
	}
	u := &messembed.User{
		ID:        said.ID,
		CreatedAt: said.CreatedAt.Time,
		UpdatedAt: said.ChangedAt.Time,
		Profile: messembed.Profile{
			Username: said.Login, DisplayName: said.Name, Phone: said.Phone, Locale: said.Locale,
		},
		Raw: raw,
	}
	if said.Email != "" {
		u.Profile.Emails = []messembed.Email{{Address: said.Email}}
	}
	if said.Role != "" {
		u.Profile.Roles = []string{said.Role}
	}
	if said.Disabled {
		u.BlockStatus = messembed.BlockDeactivated
	}
	return u, nil
}
