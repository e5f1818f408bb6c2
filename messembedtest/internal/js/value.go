package js

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// A Value is a JavaScript value: nil for null, [Undefined], bool, float64,
// [String], [Date], *[Array] or *[Object].
type Value any

// Undefined is undefined. A property that holds it exists, but JSON omits it.
type Undefined struct{}

// An Array is an array without gaps.
type Array struct{ Items []Value }

// An Object keeps its properties in JavaScript's order: array indices first,
// ascending, then the other keys as they were added. It has no prototype.
type Object struct {
	Properties []Property
	indices    int            // how many properties at the front are array indices
	places     map[string]int // the index of each key, once there are many
}

// A Property is a key of an object and its value.
type Property struct {
	Key   string
	Value Value
}

// manyProperties is the number of properties beyond which an object looks up
// keys by hash.
const manyProperties = 16

// NewObject returns an object with alternating keys and values.
func NewObject(keysAndValues ...any) *Object {
	o := &Object{Properties: make([]Property, 0, len(keysAndValues)/2)}
	for i := 0; i < len(keysAndValues); i += 2 {
		o.Set(keysAndValues[i].(string), keysAndValues[i+1])
	}
	return o
}

func (o *Object) find(key string) (int, bool) {
	if o.places != nil {
		i, ok := o.places[key]
		return i, ok
	}
	for i := range o.Properties {
		if o.Properties[i].Key == key {
			return i, true
		}
	}
	return 0, false
}

// Get returns the property's value, or undefined if there is none.
func (o *Object) Get(key string) Value {
	if i, ok := o.find(key); ok {
		return o.Properties[i].Value
	}
	return Undefined{}
}

// Has reports whether the object has the property, even if it is undefined.
func (o *Object) Has(key string) bool {
	_, ok := o.find(key)
	return ok
}

// Set sets the property in place, or adds it in its place. For an object that is
// shared already, see [Object.With].
func (o *Object) Set(key string, v Value) {
	if i, ok := o.find(key); ok {
		o.Properties[i].Value = v
		return
	}
	at := len(o.Properties)
	if n, ok := ArrayIndex(key); ok {
		at, _ = slices.BinarySearchFunc(o.Properties[:o.indices], n, func(p Property, n uint32) int {
			m, _ := ArrayIndex(p.Key)
			return cmp.Compare(m, n)
		})
		o.indices++
	}
	o.Properties = slices.Insert(o.Properties, at, Property{key, v})
	switch {
	case len(o.Properties) <= manyProperties:
	case o.places == nil || at < len(o.Properties)-1:
		o.places = make(map[string]int, 2*len(o.Properties))
		for i := range o.Properties {
			o.places[o.Properties[i].Key] = i
		}
	default:
		o.places[key] = at
	}
}

// With returns a copy with the property set, which shares the other values.
func (o *Object) With(key string, v Value) *Object {
	c := &Object{Properties: slices.Clone(o.Properties), indices: o.indices}
	if o.places != nil {
		c.places = make(map[string]int, len(o.places)+1)
		for k, i := range o.places {
			c.places[k] = i
		}
	}
	c.Set(key, v)
	return c
}

// Text returns the property's value if it is a string, otherwise "".
func (o *Object) Text(key string) string {
	s, _ := o.Get(key).(String)
	return string(s)
}

// ArrayIndex reports whether JavaScript orders the key as a number: "0" to
// "4294967294", without leading zeros.
func ArrayIndex(key string) (uint32, bool) {
	if key == "" || len(key) > 10 || key[0] == '0' && key != "0" {
		return 0, false
	}
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(key, 10, 32)
	return uint32(n), err == nil && n < math.MaxUint32
}

// Truthy reports whether JavaScript treats the value as true.
func Truthy(v Value) bool {
	switch v := v.(type) {
	case nil, Undefined:
		return false
	case bool:
		return v
	case float64:
		return v != 0 && v == v
	case String:
		return v != ""
	default:
		return true
	}
}

// IsNullish reports whether the value is null or undefined.
func IsNullish(v Value) bool {
	return v == nil || v == Undefined{}
}

// inherited are the properties that every object has from Object.prototype.
var inherited = map[string]bool{
	"__proto__": true, "constructor": true, "hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true, "toLocaleString": true,
	"toString": true, "valueOf": true, "__defineGetter__": true, "__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
}

// IsObject reports whether typeof v is "object" and v is not null: for an object
// or an array.
func IsObject(v Value) bool {
	switch v.(type) {
	case *Array, *Object:
		return true
	default:
		return false
	}
}

// IsInherited reports whether every object has a property of this name, from
// Object.prototype.
func IsInherited(key string) bool { return inherited[key] }
