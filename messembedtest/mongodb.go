package messembedtest

import (
	"encoding/hex"
	"errors"
	"strings"
	"unicode/utf16"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// This file is what the database and its driver make of a document.

// errNotStorable means that the database rejects a document; the service
// responds 500.
var errNotStorable = errors.New("not storable")

// maxDepth is the database's limit for nested documents.
const maxDepth = 180

// A keyRule rejects keys of an object in a document. The driver's rule for new
// documents differs from the database's rule for changes.
type keyRule func(o *js.Object, i int) error

// forInsert is the driver's rule: no dots, and no leading "$" except in the
// three names of a reference and in $clusterTime.
func forInsert(o *js.Object, i int) error {
	switch key := o.Properties[i].Key; {
	case key == "$ref", key == "$id", key == "$db", key == "$clusterTime":
		return nil
	case strings.HasPrefix(key, "$"), strings.Contains(key, "."):
		return errNotStorable
	}
	return nil
}

// forUpdate is the database's rule: a leading "$" only in a reference, with its
// three fields in order.
func forUpdate(o *js.Object, i int) error {
	key := o.Properties[i].Key
	if !strings.HasPrefix(key, "$") {
		return nil
	}
	nameAt := func(j int) string {
		if j < 0 || j >= len(o.Properties) {
			return ""
		}
		return o.Properties[j].Key
	}
	if key == "$db" {
		if _, isText := o.Properties[i].Value.(js.String); !isText {
			return errNotStorable
		}
		i--
		if nameAt(i) != "$id" {
			return errNotStorable
		}
	}
	if nameAt(i) == "$id" {
		i--
	}
	if nameAt(i) != "$ref" || nameAt(i+1) != "$id" {
		return errNotStorable
	}
	if _, isText := o.Properties[i].Value.(js.String); !isText {
		return errNotStorable
	}
	return nil
}

// stored returns v as the database returns it, at this depth of its document:
// without lone surrogates.
func stored(v js.Value, rule keyRule, depth int) (js.Value, error) {
	switch v := v.(type) {
	case js.String:
		return js.String(js.ToWellFormed(string(v))), nil
	case *js.Array:
		if depth >= maxDepth {
			return nil, errNotStorable
		}
		out := &js.Array{Items: make([]js.Value, len(v.Items))}
		for i, item := range v.Items {
			kept, err := stored(item, rule, depth+1)
			if err != nil {
				return nil, err
			}
			out.Items[i] = kept
		}
		return out, nil
	case *js.Object:
		return storedObject(v, rule, depth)
	default:
		return v, nil
	}
}

func storedObject(o *js.Object, rule keyRule, depth int) (js.Value, error) {
	if depth >= maxDepth {
		return nil, errNotStorable
	}
	if js.Truthy(o.Get("toBSON")) {
		return nil, errNotStorable // the driver mistakes it for a method
	}
	if kind := o.Get("_bsontype"); !js.IsNullish(kind) {
		return storedKind(kind, o)
	}
	out := &js.Object{Properties: make([]js.Property, 0, len(o.Properties))}
	for i, f := range o.Properties {
		if (f.Value == js.Undefined{}) || f.Key == "__proto__" {
			continue // __proto__ is lost when it is read back
		}
		if strings.IndexByte(f.Key, 0) >= 0 {
			return nil, errNotStorable
		}
		if err := rule(o, i); err != nil {
			return nil, err
		}
		kept, err := stored(f.Value, rule, depth+1)
		if err != nil {
			return nil, err
		}
		out.Set(js.ToWellFormed(f.Key), kept)
	}
	return out, nil
}

// storedKind stores an object that the driver takes for one of its own types
// because of its "_bsontype". Of these the fake supports ObjectIds. An id that
// is too short is followed by whatever is in the driver's buffer, here zeros.
func storedKind(kind js.Value, o *js.Object) (js.Value, error) {
	id, ok := o.Get("id").(js.String)
	if kind != js.String("ObjectID") && kind != js.String("ObjectId") || !ok {
		return nil, errNotStorable
	}
	var raw [12]byte
	for i, unit := range utf16.Encode([]rune(string(id))) {
		if i < len(raw) {
			raw[i] = byte(unit)
		}
	}
	return js.String(hex.EncodeToString(raw[:])), nil
}

// storedDocument is stored for a whole document.
func storedDocument(o *js.Object, rule keyRule) (*js.Object, error) {
	kept, err := storedObject(o, rule, 0)
	if err != nil {
		return nil, err
	}
	return kept.(*js.Object), nil
}
