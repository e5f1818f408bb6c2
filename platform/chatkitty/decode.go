package chatkitty

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"

	messembed "github.com/messembed/messembed-go"
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

	Extra map[string]json.RawMessage `json:"-"` // fields that this package does not know

	wire map[string]json.RawMessage // every field as it came
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

// Decode reads what u.Raw holds of a ChatKitty user.
func Decode(u *messembed.User) (*User, error) {
	if u == nil || len(u.Raw) == 0 {
		return nil, fmt.Errorf("chatkitty: Decode: %w: the user has no Raw", messembed.ErrInvalidArgument)
	}
	decoded := new(User)
	if err := json.Unmarshal(u.Raw, decoded); err != nil {
		return nil, fmt.Errorf("chatkitty: Decode: %w: Raw is no JSON object", messembed.ErrInvalidArgument)
	}
	return decoded, nil
}

// snakeNames are the second spelling that the service's documentation has for some fields.
var snakeNames = map[string]string{
	"display_name":        "displayName",
	"display_picture_url": "displayPictureUrl",
	"is_guest":            "isGuest",
	"call_status":         "callStatus",
}

// plainUser is a User without its own JSON methods.
type plainUser User

// UnmarshalJSON reads both spellings. A field that is not of its documented type is left zero;
// encoding keeps it.
func (u *User) UnmarshalJSON(data []byte) error {
	var wire map[string]json.RawMessage
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	known := make(map[string]json.RawMessage, len(wire))
	extra := maps.Clone(wire)
	for name, value := range wire {
		if camel, ok := snakeNames[name]; ok {
			known[camel] = value
			delete(extra, name)
		}
	}
	for _, name := range fieldNames {
		if value, ok := wire[name]; ok {
			known[name] = value
			delete(extra, name)
		}
	}
	object, err := json.Marshal(known)
	if err != nil {
		return err
	}
	var plain plainUser
	if err := json.Unmarshal(object, &plain); err != nil && !isTypeError(err) {
		return err
	}
	if len(extra) > 0 {
		plain.Extra = extra
	}
	plain.ID, _ = parseID(known["id"])
	plain.Properties = exactObject(known["properties"])
	plain.wire = wire
	*u = User(plain)
	return nil
}

var fieldNames = []string{
	"id", "type", "name", "displayName", "displayPictureUrl", "isGuest", "callStatus", "presence", "properties", "_links",
}

// MarshalJSON writes each field as it came where it was not changed, in the spelling in which it
// came.
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
			out[u.spelling(name)] = value
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

// spelling is how the field was spelled when it came.
func (u User) spelling(name string) string {
	for snake, camel := range snakeNames {
		if _, came := u.wire[snake]; came && camel == name {
			return snake
		}
	}
	return name
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
