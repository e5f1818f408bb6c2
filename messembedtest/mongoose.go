package messembedtest

import (
	"strconv"
	"unicode/utf16"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// This file is what the layer above the database makes of a document.

// visible returns the copy that mongoose makes of a value before it responds
// with it or stores it, in which some keys are lost. Mongoose does not treat an
// object with a truthy "constructor" as an object, and keeps it unchanged.
func visible(v js.Value) js.Value {
	switch v := v.(type) {
	case *js.Array:
		out := &js.Array{Items: make([]js.Value, len(v.Items))}
		for i, item := range v.Items {
			out.Items[i] = visible(item)
		}
		return out
	case *js.Object:
		if js.Truthy(v.Get("constructor")) {
			return v
		}
		out := &js.Object{Properties: make([]js.Property, 0, len(v.Properties))}
		for _, f := range v.Properties {
			if f.Key != "__proto__" && f.Key != "prototype" && f.Key != "constructor" {
				out.Set(f.Key, visible(f.Value))
			}
		}
		return out
	default:
		return v
	}
}

// withVersion increments the document's version if a change puts an array into
// it, as mongoose does.
func withVersion(before, after *js.Object) *js.Object {
	for _, f := range after.Properties {
		if _, isArray := f.Value.(*js.Array); isArray && !(before.Has(f.Key) && sameValue(before.Get(f.Key), f.Value)) {
			version, _ := after.Get("__v").(float64)
			return after.With("__v", version+1)
		}
	}
	return after
}

// storedChange returns what the database holds after setting the fields in
// which the two differ.
func storedChange(before, after *js.Object) (*js.Object, error) {
	kept := before
	for _, f := range after.Properties {
		if before.Has(f.Key) && sameValue(before.Get(f.Key), f.Value) {
			continue
		}
		v, err := stored(f.Value, forUpdate, 1)
		if err != nil {
			return nil, err
		}
		kept = kept.With(f.Key, v)
	}
	return kept, nil
}

// sameValue compares values as mongoose does before it saves. It ignores the
// order of keys and the kind of container: a number and an empty object are the
// same, since neither has keys.
func sameValue(a, b js.Value) bool {
	switch {
	case !js.IsObject(a) && !js.IsObject(b):
		return a == b
	case js.IsNullish(a) || js.IsNullish(b):
		return false
	}
	x, y := asObject(a), asObject(b)
	if len(x.Properties) != len(y.Properties) {
		return false
	}
	for _, f := range x.Properties {
		if !y.Has(f.Key) || !sameValue(f.Value, y.Get(f.Key)) {
			return false
		}
	}
	return true
}

// asObject returns an object with the keys that JavaScript gives the value.
func asObject(v js.Value) *js.Object {
	o := &js.Object{}
	switch v := v.(type) {
	case *js.Object:
		return v
	case *js.Array:
		for i, item := range v.Items {
			o.Set(strconv.Itoa(i), item)
		}
	case js.String:
		for i, unit := range utf16.Encode([]rune(string(v))) {
			o.Set(strconv.Itoa(i), js.String(js.AppendCodeUnit(nil, rune(unit))))
		}
	}
	return o
}

// castString converts a value to a string where the schema requires one, as
// mongoose does. An object with a string "_id" becomes that string.
func castString(v js.Value) (js.Value, error) {
	switch v := v.(type) {
	case nil, js.Undefined, js.String:
		return v, nil
	case bool:
		return js.String(js.AppendJSON(nil, v)), nil
	case float64:
		return js.String(js.NumberToString(v)), nil
	case *js.Object:
		if id, ok := v.Get("_id").(js.String); ok && id != "" {
			return id, nil
		}
	}
	return nil, errNotStorable
}
