package rocketchat

import (
	"bytes"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// loose reads a T; a value of another shape, or null, is T's zero.
type loose[T any] struct {
	value T
	given bool // the key was there, whatever its value
}

func (l *loose[T]) UnmarshalJSON(data []byte) error {
	l.given = true
	var value T
	if json.Unmarshal(data, &value) == nil {
		l.value = value
	}
	return nil
}

// dateJSON reads a date in each form that the service has: ISO 8601 in REST,
// {"$date": milliseconds or ISO 8601} in DDP and in document 002. One that cannot
// be read is remembered, so that the error can name the field.
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
	const maxMillis = 8.64e15 // as far as JavaScript's dates go
	if err != nil || math.Abs(ms) > maxMillis {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(ms)).UTC(), true
}

// userJSON is what of a user the client's own type has a place for.
type userJSON struct {
	ID           loose[string]             `json:"_id"`
	CreatedAt    dateJSON                  `json:"createdAt"`
	UpdatedAt    dateJSON                  `json:"_updatedAt"`
	Username     loose[string]             `json:"username"`
	Name         loose[string]             `json:"name"`
	Emails       loose[[]loose[emailJSON]] `json:"emails"`
	Phones       loose[[]loose[phoneJSON]] `json:"phones"`
	Phone        loose[string]             `json:"phone"`
	Roles        loose[[]loose[string]]    `json:"roles"`
	Type         loose[string]             `json:"type"`
	Active       loose[*bool]              `json:"active"`
	Language     loose[string]             `json:"language"`
	AvatarURL    loose[string]             `json:"avatarUrl"`
	AvatarETag   loose[string]             `json:"avatarETag"`
	Status       loose[string]             `json:"status"`
	StatusText   loose[string]             `json:"statusText"`
	CustomFields loose[map[string]any]     `json:"customFields"`
}

type emailJSON struct {
	Address  loose[string] `json:"address"`
	Verified loose[bool]   `json:"verified"`
}

type phoneJSON struct {
	Number  loose[string] `json:"number"`
	Primary loose[bool]   `json:"primary"`
}

// decodeUser reads a user of any route. Each leaves out other fields.
func (p *platform) decodeUser(raw json.RawMessage) (*messembed.User, error) {
	var j userJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	switch {
	case !j.ID.given:
		return nil, messembed.BadField("_id", "the answer has none")
	case j.CreatedAt.bad:
		return nil, messembed.BadField("createdAt", "is no date")
	case j.UpdatedAt.bad:
		return nil, messembed.BadField("_updatedAt", "is no date")
	}
	u := &messembed.User{
		ID:               j.ID.value,
		CreatedAt:        j.CreatedAt.Time,
		UpdatedAt:        j.UpdatedAt.Time,
		ExternalMetadata: metadataOf(j.CustomFields.value),
		Profile:          p.profileOf(&j),
		Raw:              raw,
	}
	if active := j.Active.value; active != nil && !*active {
		u.BlockStatus = messembed.BlockDeactivated
	}
	if j.Status.value != "" {
		u.Presence = presenceOf(u.ID, j.Status.value, j.StatusText.value)
	}
	return u, nil
}

// metadataOf leaves out the custom fields that are null: the service writes null
// for each that is defined and was not given.
func metadataOf(fields map[string]any) messembed.Metadata {
	if fields == nil {
		return nil
	}
	m := messembed.Metadata{}
	for name, value := range fields {
		if value != nil {
			m[name] = value
		}
	}
	return m
}

func (p *platform) profileOf(j *userJSON) messembed.Profile {
	profile := messembed.Profile{
		Username:    j.Username.value,
		DisplayName: j.Name.value,
		AvatarURL:   j.AvatarURL.value,
		Phone:       j.Phone.value,
		Locale:      j.Language.value,
	}
	if profile.AvatarURL == "" && j.AvatarETag.value != "" && profile.Username != "" {
		at := p.base.JoinPath("avatar", url.PathEscape(profile.Username))
		at.RawQuery = url.Values{"etag": {j.AvatarETag.value}}.Encode()
		profile.AvatarURL = at.String()
	}
	for _, email := range j.Emails.value {
		if address := email.value.Address.value; address != "" {
			profile.Emails = append(profile.Emails, messembed.Email{Address: address, Verified: email.value.Verified.value})
		}
	}
	for i, phone := range j.Phones.value {
		if number := phone.value.Number.value; number != "" && (i == 0 || phone.value.Primary.value) {
			profile.Phone = number
		}
	}
	for _, role := range j.Roles.value {
		if role.value != "" {
			profile.Roles = append(profile.Roles, role.value)
		}
	}
	profile.Guest = j.Type.value == "guest" || slices.Contains(profile.Roles, roleGuest)
	switch {
	case j.Type.value == "app":
		profile.Type = messembed.UserApp
	case j.Type.value == "bot", slices.Contains(profile.Roles, roleBot):
		profile.Type = messembed.UserBot
	case j.Type.value == "user":
		profile.Type = messembed.UserPerson
	}
	return profile
}

// The roles that stand for what Profile has fields for.
const (
	roleGuest = "guest"
	roleBot   = "bot"
)
