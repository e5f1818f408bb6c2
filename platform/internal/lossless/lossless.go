// Package lossless decodes a service's JSON object into a struct and encodes it
// again without losing what the struct does not name or cannot hold.
package lossless

import (
	"encoding/json"
	"maps"
	"reflect"
	"strings"
)

// Fields are the fields of an object by name, as received.
type Fields = map[string]json.RawMessage

// Form describes what a struct's tags cannot express. The zero value is for a
// struct that needs nothing else.
type Form struct {
	// Aliases are alternative spellings of fields: "display_name" of
	// "displayName".
	Aliases map[string]string
	// Readers are for fields that encoding/json would not read, or not exactly.
	// The value a reader returns must be assignable to the field.
	Readers map[string]func(data []byte) (any, error)
}

// Decode fills the struct that v points to, field by field; a field of an
// unexpected type stays zero and does not affect the others. It sets came to the
// fields that were read, and extra to those that the struct does not name or
// cannot hold, nil if there are none.
func (f Form) Decode(data []byte, v any, came, extra *Fields) error {
	var object Fields
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*came = f.fill(reflect.ValueOf(v).Elem(), object)
	for name := range *came {
		delete(object, name)
	}
	if len(object) == 0 {
		object = nil
	}
	*extra = object
	return nil
}

// fill sets every field, missing ones to zero, and returns those it could read.
func (f Form) fill(target reflect.Value, object Fields) (came Fields) {
	came = make(Fields, len(object))
	for name, field := range fields(target) {
		field.SetZero()
		spelled := f.spelling(name, object)
		raw, given := object[spelled]
		if !given {
			continue
		}
		if f.read(name, raw, field) != nil {
			field.SetZero()
			continue
		}
		came[spelled] = raw
	}
	return came
}

func (f Form) read(name string, data []byte, field reflect.Value) error {
	reader, ok := f.Readers[name]
	if !ok {
		return json.Unmarshal(data, field.Addr().Interface())
	}
	value, err := reader(data)
	if err == nil {
		field.Set(reflect.ValueOf(value))
	}
	return err
}

// Encode writes the extra fields and those of the struct v: unchanged ones as
// received, and none that are zero and were not received.
func (f Form) Encode(v any, came, extra Fields) ([]byte, error) {
	now := reflect.ValueOf(v)
	before := reflect.New(now.Type()).Elem()
	f.fill(before, came)
	was := maps.Collect(fields(before))
	out := maps.Clone(extra)
	if out == nil {
		out = make(Fields, len(came))
	}
	maps.Copy(out, came)
	for name, field := range fields(now) {
		is := field.Interface()
		if reflect.DeepEqual(is, was[name].Interface()) {
			continue
		}
		data, err := json.Marshal(is)
		if err != nil {
			return nil, err
		}
		out[f.spelling(name, out)] = data
	}
	return json.Marshal(out)
}

// spelling returns the object's name for the field.
func (f Form) spelling(name string, object Fields) string {
	if _, given := object[name]; given {
		return name
	}
	for alias, of := range f.Aliases {
		if _, given := object[alias]; given && of == name {
			return alias
		}
	}
	return name
}

// fields yields a struct's fields with the names in their tags.
func fields(s reflect.Value) func(yield func(string, reflect.Value) bool) {
	return func(yield func(string, reflect.Value) bool) {
		for i := range s.NumField() {
			name, _, _ := strings.Cut(s.Type().Field(i).Tag.Get("json"), ",")
			if name != "" && name != "-" && !yield(name, s.Field(i)) {
				return
			}
		}
	}
}
