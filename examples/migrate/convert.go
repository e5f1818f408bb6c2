package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// converter converts users of the source to what Messembed can store, and notes what
// is lost.
type converter struct {
	from     service
	prefix   string
	contacts bool // keep e-mail addresses and phone numbers, as private metadata
	losses   *losses
}

// contactKeys are the keys of the e-mail addresses and phone numbers, in profiles
// and mostly in metadata too.
var contactKeys = []string{"email", "emails", "phone", "phones"}

// params returns the row to import. The profile is stored under the keys of
// Profile.Metadata, next to the service's own metadata. The same user always gives
// the same row.
func (c *converter) params(u *messembed.User) messembed.CreateUserParams {
	p := messembed.CreateUserParams{ExternalMetadata: u.Profile.Metadata()}
	if u.ID != "" { // a user without an id is reported by the import
		p.ID = c.prefix + u.ID
	}
	if u.Blocked() {
		p.BlockStatus = messembed.BlockCantSendAndReceive
	}
	own := c.object("", u.ExternalMetadata, u.ID)
	contacts := c.takeContacts(p.ExternalMetadata)
	c.addMetadata(contacts, c.takeContacts(own), u.ID)
	c.addMetadata(p.ExternalMetadata, own, u.ID)
	switch {
	case c.contacts && len(contacts) > 0:
		p.PrivateExternalMetadata = contacts
	case len(contacts) > 0:
		c.losses.add("e-mail addresses and phone numbers, left out (see -contacts)", u.ID)
	}
	c.noteProfile(u)
	c.noteFields(u)
	return p
}

// takeContacts moves e-mail addresses and phone numbers out of the metadata.
func (*converter) takeContacts(from map[string]any) messembed.Metadata {
	taken := messembed.Metadata{}
	for _, key := range contactKeys {
		if value, there := from[key]; there {
			taken[key] = value
			delete(from, key)
		}
	}
	return taken
}

// addMetadata adds the service's own metadata to the profile's keys. A key that the
// profile already has is prefixed with the service's name.
func (c *converter) addMetadata(into, own map[string]any, user string) {
	for _, key := range slices.Sorted(maps.Keys(own)) {
		name := key
		if taken, there := into[key]; there {
			if reflect.DeepEqual(taken, own[key]) {
				continue
			}
			name = c.from.name + "_" + key
			name = unused(name, func(name string) bool { return has(into, name) || has(own, name) })
			c.losses.add("keys that the profile also has, renamed", user+": "+strconv.Quote(key)+" to "+strconv.Quote(name))
		}
		into[name] = own[key]
	}
}

// object returns the object with keys that Messembed can store. Keys that are valid
// keep their names.
func (c *converter) object(path string, object map[string]any, user string) map[string]any {
	out := make(map[string]any, len(object))
	var bad []string
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if storableKey(key) == key {
			out[key] = c.value(path+key, object[key], user)
		} else {
			bad = append(bad, key)
		}
	}
	for _, key := range bad {
		name := unused(storableKey(key), func(name string) bool { return has(out, name) })
		out[name] = c.value(path+key, object[key], user)
		c.losses.add("keys that Messembed cannot store, renamed", user+": "+strconv.Quote(path+key)+" to "+strconv.Quote(name))
	}
	return out
}

func (c *converter) value(path string, value any, user string) any {
	switch v := value.(type) {
	case map[string]any:
		return c.object(path+" → ", v, user)
	case []any:
		list := make([]any, len(v))
		for i, element := range v {
			list[i] = c.value(path+"["+strconv.Itoa(i)+"]", element, user)
		}
		return list
	case json.Number:
		// Messembed's server would lose precision.
		c.losses.add("integers beyond 2⁵³, kept as text", user+": "+strconv.Quote(path))
		return v.String()
	}
	return value
}

// storableKey replaces what MongoDB reserves in keys: dots, NUL and a leading $.
func storableKey(key string) string {
	key = strings.NewReplacer(".", "_", "\x00", "_").Replace(key)
	if strings.HasPrefix(key, "$") {
		key = "_" + key[1:]
	}
	return key
}

func has(object map[string]any, key string) bool {
	_, there := object[key]
	return there
}

// unused returns the name, with a number if it is taken.
func unused(name string, taken func(string) bool) string {
	for n, numbered := 2, name; ; n++ {
		if !taken(numbered) {
			return numbered
		}
		numbered = name + "_" + strconv.Itoa(n)
	}
}

// noteProfile notes the parts of the profile that Profile.Metadata has no key for.
func (c *converter) noteProfile(u *messembed.User) {
	if at, err := url.Parse(u.Profile.AvatarURL); err == nil && at.Host != "" {
		c.losses.add("pictures: the URLs are kept, but the files stay on "+at.Host, u.ID)
	}
	for _, email := range u.Profile.Emails {
		if email.Verified {
			c.losses.add("verified status of an e-mail address", u.ID)
			break
		}
	}
}

// noteFields notes the fields that are lost, without their values, which may include
// password hashes.
func (c *converter) noteFields(u *messembed.User) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(u.Raw, &fields); err != nil {
		return
	}
	for name, value := range fields {
		switch {
		case empty(value):
		case name == c.from.metadata && u.ExternalMetadata == nil:
			c.losses.add("metadata that is not an object", u.ID)
		case !slices.Contains(c.from.carried, name) && !slices.Contains(c.from.noise, name):
			c.losses.add("field "+strconv.Quote(name), u.ID)
		}
	}
	var phones []json.RawMessage
	if err := json.Unmarshal(fields["phones"], &phones); err == nil && len(phones) > 1 {
		c.losses.add("phone numbers after the first", u.ID)
	}
}

// empty reports whether a value carries no information.
func empty(value json.RawMessage) bool {
	var b bytes.Buffer
	if err := json.Compact(&b, value); err != nil {
		return true
	}
	return slices.Contains([]string{"null", "false", "0", `""`, "[]", "{}"}, b.String())
}
