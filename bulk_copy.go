package messembed

import (
	"maps"
	"reflect"
	"slices"
)

// clone returns a copy that does not change when the caller goes on to use p,
// as a source of rows may that fills the same maps again and again.
func (p CreateUserParams) clone() CreateUserParams {
	p.ExternalMetadata, p.PrivateExternalMetadata = copied(p.ExternalMetadata), copied(p.PrivateExternalMetadata)
	p.Profile.Emails, p.Profile.Roles = slices.Clone(p.Profile.Emails), slices.Clone(p.Profile.Roles)
	return p
}

// copied returns a copy of the metadata with its maps and slices, of whatever
// types they are.
func copied(m Metadata) Metadata {
	if m == nil {
		return nil
	}
	return new(copier).value(map[string]any(m), 0).(map[string]any)
}

// copier stops where metadata is nested too deeply to be sent, as it is if it
// contains itself: the row fails anyway.
type copier struct{ stopped bool }

func (c *copier) value(value any, depth int) any {
	if c.stops(depth) {
		return value
	}
	switch v := value.(type) {
	case nil, string, bool, float64:
		return value
	case map[string]any:
		own := maps.Clone(v)
		for key, element := range own {
			own[key] = c.value(element, depth+1)
		}
		return own
	case []any:
		own := slices.Clone(v)
		for i, element := range own {
			own[i] = c.value(element, depth+1)
		}
		return own
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Map || v.Kind() == reflect.Slice {
		return c.reflected(v, depth).Interface()
	}
	return value
}

// reflected copies a value of a type that encoding/json would not decode into by
// itself.
func (c *copier) reflected(v reflect.Value, depth int) reflect.Value {
	kind := v.Kind()
	switch {
	case kind == reflect.Interface && !v.IsNil():
		return reflect.ValueOf(c.value(v.Interface(), depth))
	case kind != reflect.Map && kind != reflect.Slice || v.IsNil() || c.stops(depth):
		return v
	case kind == reflect.Map:
		own := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, element := range v.Seq2() {
			own.SetMapIndex(key, c.reflected(element, depth+1))
		}
		return own
	}
	own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(own, v)
	if k := v.Type().Elem().Kind(); k != reflect.Interface && k != reflect.Map && k != reflect.Slice {
		return own
	}
	for i := range own.Len() {
		own.Index(i).Set(c.reflected(own.Index(i), depth+1))
	}
	return own
}

func (c *copier) stops(depth int) bool {
	c.stopped = c.stopped || depth > maxMetadataDepth
	return c.stopped
}
