package chatkitty

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
	"github.com/messembed/messembed-go/platform/internal/lossless"
)

// User is a user with every field of the service's documentation. Encoding
// reproduces the original JSON, except for changed fields.
type User struct {
	ID                int64              `json:"id"`
	Type              string             `json:"type"` // PERSON or BOT
	Name              string             `json:"name"` // unique
	DisplayName       string             `json:"displayName"`
	DisplayPictureURL string             `json:"displayPictureUrl"`
	IsGuest           bool               `json:"isGuest"`
	CallStatus        string             `json:"callStatus"` // AVAILABLE, IN_CALL or ""
	Presence          Presence           `json:"presence"`
	Properties        messembed.Metadata `json:"properties"` // an integer above 2⁵³ is a json.Number
	Links             Links              `json:"_links"`

	// Extra has the fields that this package does not know, and those whose
	// value has an unexpected type.
	Extra map[string]json.RawMessage `json:"-"`

	came lossless.Fields // the other fields as received
}

// Presence is a user's presence as the service reports it.
type Presence struct {
	Status string `json:"status"` // the documentation shows only AVAILABLE and UNAVAILABLE
	Online bool   `json:"online"` // has an active user session
}

// Links are a resource's links by relation.
type Links map[string]Link

// Link is a link to another resource.
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

// Decode decodes u.Raw as a ChatKitty user. It returns ErrInvalidArgument if
// Raw is empty and ErrInvalidResponse if it is not a JSON object.
func Decode(u *messembed.User) (*User, error) { return adapter.DecodeRaw[User]("chatkitty", u) }

// userForm handles the alternative spelling of some fields in the service's
// documentation, ids written as text, and large numbers in the properties.
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

// UnmarshalJSON accepts both spellings. A field of an undocumented type is left
// zero and kept in Extra.
func (u *User) UnmarshalJSON(data []byte) error {
	return userForm.Decode(data, u, &u.came, &u.Extra)
}

// MarshalJSON writes unchanged fields as received, and all fields in the
// spelling received.
func (u User) MarshalJSON() ([]byte, error) { return userForm.Encode(u, u.came, u.Extra) }

// parsePresence reads what it can from an object.
func parsePresence(data []byte) (Presence, error) {
	var said struct {
		Status adapter.Loose[string] `json:"status"`
		Online adapter.Loose[bool]   `json:"online"`
	}
	err := json.Unmarshal(data, &said)
	return Presence{said.Status.Value, said.Online.Value}, err
}

// UnmarshalJSON accepts an object of links, and an array of links with their
// relations.
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
		return nil //nolint:nilerr // anything else counts as no links
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

var errNoID = errors.New("not a 64-bit integer")

// parseID reads an id, which is a number or a decimal text.
func parseID(data json.RawMessage) (int64, error) {
	text := string(bytes.Trim(data, `"`))
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errNoID
	}
	return n, nil
}

// readUser converts a user of the service.
func readUser(raw json.RawMessage) (*messembed.User, error) {
	var said User
	if err := json.Unmarshal(raw, &said); err != nil {
		return nil, err
	}
	_, known := said.came["id"]
	unread, there := said.Extra["id"]
	switch {
	case !known && !there:
		return nil, messembed.BadField("id", "missing from the response")
	case !known && string(unread) != "null":
		return nil, messembed.BadField("id", "not a 64-bit integer")
	}
	u := &messembed.User{
		ExternalMetadata: said.Properties,
		Profile: messembed.Profile{
			Username: said.Name, DisplayName: said.DisplayName, AvatarURL: said.DisplayPictureURL,
			Type: messembed.UserType(strings.ToLower(said.Type)), Guest: said.IsGuest,
		},
		Raw: raw,
	}
	if known {
		u.ID = strconv.FormatInt(said.ID, 10)
	}
	if presence := said.came["presence"]; len(presence) > 0 && presence[0] == '{' {
		u.Presence = readPresence(u.ID, said)
	}
	return u, nil
}

// exactObject decodes a JSON object or null. Numbers are float64, as usual,
// except integers that a float64 cannot hold: these stay json.Number, so that
// properties which are read, changed and written back lose no digits.
func exactObject(data []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, err
	}
	for key, value := range object {
		object[key] = exactNumbers(value)
	}
	return object, nil
}

func exactNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return exactNumber(v)
	case map[string]any:
		for key, element := range v {
			v[key] = exactNumbers(element)
		}
	case []any:
		for i, element := range v {
			v[i] = exactNumbers(element)
		}
	}
	return value
}

func exactNumber(n json.Number) any {
	f, err := n.Float64()
	if err != nil {
		return n
	}
	const inexact = 1 << 53 // from here on two integers can share one float64
	if !strings.ContainsAny(n.String(), ".eE") && (f >= inexact || f <= -inexact) {
		return n
	}
	return f
}
