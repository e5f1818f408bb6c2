package rocketchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Rest is what an object of the service's held besides the fields of its type. It
// is written again when the object is encoded, so that nothing is lost on the way.
type Rest struct {
	// Unknown has the fields that the type does not name, and those whose value is
	// of another type than it expects.
	Unknown map[string]json.RawMessage

	// zero has the named fields that were there with a value that is Go's zero:
	// null, false, "", 0, {}. Encoding would leave them out.
	zero map[string]json.RawMessage
}

// decodeFields fills the struct that v points to, field by field, so that one of an
// unexpected type spoils no other.
func decodeFields(data []byte, v any, rest *Rest) error {
	*rest = Rest{}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return errors.New("rocketchat: not an object")
	}
	target := reflect.ValueOf(v).Elem()
	for i := range target.NumField() {
		name, named := fieldName(target.Type().Field(i))
		raw, given := object[name]
		if !named || !given {
			continue
		}
		field := target.Field(i)
		field.SetZero()
		if json.Unmarshal(raw, field.Addr().Interface()) != nil {
			field.SetZero()
			continue // it stays in the object, as unknown
		}
		delete(object, name)
		if isZero(field) {
			keep(&rest.zero, name, raw)
		}
	}
	for name, raw := range object {
		keep(&rest.Unknown, name, raw)
	}
	return nil
}

func keep(m *map[string]json.RawMessage, name string, raw json.RawMessage) {
	if *m == nil {
		*m = make(map[string]json.RawMessage)
	}
	(*m)[name] = raw
}

// encodeFields writes the named fields in the order of the struct, then the unknown
// ones.
func encodeFields(v any, rest Rest) ([]byte, error) {
	var b bytes.Buffer
	write := func(name string, value any) error {
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(data)
		return nil
	}
	b.WriteByte('{')
	source := reflect.ValueOf(v)
	written := map[string]bool{}
	for i := range source.NumField() {
		name, named := fieldName(source.Type().Field(i))
		if !named {
			continue
		}
		value := source.Field(i).Interface()
		if isZero(source.Field(i)) {
			raw, given := rest.zero[name]
			if !given {
				continue
			}
			value = raw
		}
		written[name] = true
		if err := write(name, value); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(rest.Unknown)) {
		if written[name] {
			continue
		}
		if err := write(name, rest.Unknown[name]); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func fieldName(f reflect.StructField) (name string, named bool) {
	name, _, _ = strings.Cut(f.Tag.Get("json"), ",")
	return name, name != "" && name != "-"
}

// isZero goes by a type's own IsZero where it has one, as omitzero does.
func isZero(v reflect.Value) bool {
	if own, ok := v.Interface().(interface{ IsZero() bool }); ok {
		return own.IsZero()
	}
	return v.IsZero()
}
