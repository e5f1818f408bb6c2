package rocketchat

import (
	"encoding/json"
	"net/url"
	"slices"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// userJSON has the fields of a user that messembed.User has a place for.
type userJSON struct {
	ID           adapter.Loose[string]                     `json:"_id"`
	CreatedAt    adapter.Loose[Date]                       `json:"createdAt"`
	UpdatedAt    adapter.Loose[Date]                       `json:"_updatedAt"`
	Username     adapter.Loose[string]                     `json:"username"`
	Name         adapter.Loose[string]                     `json:"name"`
	Emails       adapter.Loose[[]adapter.Loose[emailJSON]] `json:"emails"`
	Phones       adapter.Loose[[]adapter.Loose[phoneJSON]] `json:"phones"`
	Phone        adapter.Loose[string]                     `json:"phone"`
	Roles        adapter.Loose[[]adapter.Loose[string]]    `json:"roles"`
	Type         adapter.Loose[string]                     `json:"type"`
	Active       adapter.Loose[*bool]                      `json:"active"`
	Language     adapter.Loose[string]                     `json:"language"`
	AvatarURL    adapter.Loose[string]                     `json:"avatarUrl"`
	AvatarETag   adapter.Loose[string]                     `json:"avatarETag"`
	Status       adapter.Loose[string]                     `json:"status"`
	StatusText   adapter.Loose[string]                     `json:"statusText"`
	CustomFields adapter.Loose[map[string]any]             `json:"customFields"`
}

type emailJSON struct {
	Address  adapter.Loose[string] `json:"address"`
	Verified adapter.Loose[bool]   `json:"verified"`
}

type phoneJSON struct {
	Number  adapter.Loose[string] `json:"number"`
	Primary adapter.Loose[bool]   `json:"primary"`
}

// readUser reads a user from any route. Each route leaves out different fields.
// A date that cannot be read is the zero time.
func (p *platform) readUser(raw json.RawMessage) (*messembed.User, error) {
	var j userJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, err
	}
	if !j.ID.Given {
		return nil, messembed.BadField("_id", "missing from the response")
	}
	u := &messembed.User{
		ID:               j.ID.Value,
		CreatedAt:        j.CreatedAt.Value.Time,
		UpdatedAt:        j.UpdatedAt.Value.Time,
		ExternalMetadata: metadataOf(j.CustomFields.Value),
		Profile:          p.profileOf(&j),
		Raw:              raw,
	}
	if active := j.Active.Value; active != nil && !*active {
		u.BlockStatus = messembed.BlockDeactivated
	}
	if j.Status.Value != "" {
		u.Presence = presenceOf(u.ID, j.Status.Value, j.StatusText.Value)
	}
	return u, nil
}

// metadataOf drops custom fields that are null: the service writes null for
// each field that is defined but not set.
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
		Username:    j.Username.Value,
		DisplayName: j.Name.Value,
		AvatarURL:   j.AvatarURL.Value,
		Phone:       j.Phone.Value,
		Locale:      j.Language.Value,
	}
	if profile.AvatarURL == "" && j.AvatarETag.Value != "" && profile.Username != "" {
		profile.AvatarURL = p.root + "/avatar/" + url.PathEscape(profile.Username) + "?etag=" + url.QueryEscape(j.AvatarETag.Value)
	}
	for _, email := range j.Emails.Value {
		if address := email.Value.Address.Value; address != "" {
			profile.Emails = append(profile.Emails, messembed.Email{Address: address, Verified: email.Value.Verified.Value})
		}
	}
	for i, phone := range j.Phones.Value {
		if number := phone.Value.Number.Value; number != "" && (i == 0 || phone.Value.Primary.Value) {
			profile.Phone = number
		}
	}
	for _, role := range j.Roles.Value {
		if role.Value != "" {
			profile.Roles = append(profile.Roles, role.Value)
		}
	}
	profile.Guest = j.Type.Value == "guest" || slices.Contains(profile.Roles, roleGuest)
	switch {
	case j.Type.Value == "app":
		profile.Type = messembed.UserApp
	case j.Type.Value == "bot", slices.Contains(profile.Roles, roleBot):
		profile.Type = messembed.UserBot
	case j.Type.Value == "user":
		profile.Type = messembed.UserPerson
	}
	return profile
}

// The roles that correspond to fields of Profile.
const (
	roleGuest = "guest"
	roleBot   = "bot"
)
