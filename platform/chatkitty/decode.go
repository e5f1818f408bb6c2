package chatkitty

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
	"github.com/messembed/messembed-go/platform/internal/lossless"
)

// User is a user as the service describes it, every field of its documentation. Marshalled it gives
// back what it was decoded from, but for what was changed.
type User struct {
	ID                int64              `json:"id"`
	Type              string             `json:"type"` // PERSON or BOT
	Name              string             `json:"name"` // unique
	DisplayName       string             `json:"displayName"`
	DisplayPictureURL string             `json:"displayPictureUrl"`
	IsGuest           bool               `json:"isGuest"`
	CallStatus        string             `json:"callStatus"` // AVAILABLE, IN_CALL or ""
	Presence          Presence           `json:"presence"`
	Properties        messembed.Metadata `json:"properties"` // an integer beyond 2⁵³ is a json.Number
	Links             Links              `json:"_links"`

	// Extra has the fields that this package does not know, and those whose value is of another type
	// than it expects.
	Extra map[string]json.RawMessage `json:"-"`

	came lossless.Fields // the other fields as they came
}

// Presence is what the service says of a user's presence.
type Presence struct {
	Status string `json:"status"` // AVAILABLE or UNAVAILABLE in all that is documented
	Online bool   `json:"online"` // has an active user session
}

// Links are the service's links from a resource, by relation.
type Links map[string]Link

// Link is one of them.
type Link struct {
	Href        string `json:"href"`
	HrefLang    string `json:"hreflang,omitempty"`
	Title       string `json:"title,omitempty"`
	Type        string `json:"type,omitempty"`
	Deprecation string `json:"deprecation,omitempty"`
	Profile     string `json:"profile,omitempty"`
	Name        string `json:"name,omitempty"`
	Templated   bool   `json:"templated,omitempty"`
}

// Decode reads what u.Raw holds of a ChatKitty user. It fails with ErrInvalidArgument when that is
// nothing, and with ErrInvalidResponse when it is no object.
func Decode(u *messembed.User) (*User, error) { return adapter.DecodeRaw[User]("chatkitty", u) }

// userForm has the second spelling that the service's documentation has for some fields, and reads
// an id that is a text and large numbers in the properties.
var userForm = lossless.Form{
	Aliases: map[string]string{
		"display_name":        "displayName",
		"display_picture_url": "displayPictureUrl",
		"is_guest":            "isGuest",
		"call_status":         "callStatus",
	},
	Readers: map[string]func([]byte) (any, error){
		"id":         func(data []byte) (any, error) { return parseID(data) },
		"presence":   func(data []byte) (any, error) { return parsePresence(data) },
		"properties": func(data []byte) (any, error) { return exactObject(data) },
	},
}

// UnmarshalJSON reads both spellings. A field that is not of its documented type is left zero and
// kept in Extra.
func (u *User) UnmarshalJSON(data []byte) (err error) {
	u.came, u.Extra, err = userForm.Decode(data, u)
	return err
}

// MarshalJSON writes each field as it came where it was not changed, in the spelling in which it
// came.
func (u User) MarshalJSON() ([]byte, error) { return userForm.Encode(u, u.came, u.Extra) }

// parsePresence reads what it can of an object.
func parsePresence(data []byte) (Presence, error) {
	var said struct {
		Status adapter.Loose[string] `json:"status"`
		Online adapter.Loose[bool]   `json:"online"`
	}
	err := json.Unmarshal(data, &said)
	return Presence{said.Status.Value, said.Online.Value}, err
}

// UnmarshalJSON reads an object of links, and an array of links that name their relation.
func (l *Links) UnmarshalJSON(data []byte) error {
	var list []struct {
		Rel string `json:"rel"`
		Link
	}
	object := make(map[string]Link)
	if err := json.Unmarshal(data, &object); err == nil {
		*l = object
		return nil
	}
	*l = nil
	if err := json.Unmarshal(data, &list); err != nil {
		return nil //nolint:nilerr // something else: as good as none
	}
	*l = make(Links, len(list))
	for i, link := range list {
		rel := link.Rel
		if rel == "" {
			rel = link.Name
		}
		if rel == "" {
			rel = strconv.Itoa(i)
		}
		(*l)[rel] = link.Link
	}
	return nil
}

var errNoID = errors.New("no 64-bit integer")

// parseID reads an id, a number; a decimal text is understood too.
func parseID(data json.RawMessage) (int64, error) {
	text := string(bytes.Trim(data, `"`))
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errNoID
	}
	return n, nil
}
