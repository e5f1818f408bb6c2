package node

import (
	"errors"
	"math"
	"slices"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// A Property is one property of a body or query that the application knows; the
// others are dropped.
type Property struct {
	Name     string
	Optional bool                                   // may be null or undefined
	Convert  func(js.Value) js.Value                // applied before the check; nil: unchanged
	Check    func(name string, v js.Value) []string // returns the problems
}

// Validate returns a body or query as the application receives it: the known
// properties, converted, in the order in which they were sent. The problems are
// class-validator's complaints; an error is a crash of class-transformer.
func Validate(body js.Value, properties []Property) (known *js.Object, problems []string, err error) {
	given, ok := body.(*js.Object)
	if !ok {
		given = &js.Object{} // an array has none of the properties
	}
	known = &js.Object{}
	for _, f := range given.Properties {
		plain, err := transform(f.Value)
		if err != nil {
			return nil, nil, err
		}
		i := slices.IndexFunc(properties, func(p Property) bool { return p.Name == f.Key })
		switch {
		case i < 0:
		case properties[i].Convert != nil:
			known.Set(f.Key, properties[i].Convert(plain))
		default:
			known.Set(f.Key, plain)
		}
	}
	for _, p := range properties {
		v := known.Get(p.Name)
		if p.Optional && js.IsNullish(v) {
			continue
		}
		problems = append(problems, p.Check(p.Name, v)...)
	}
	return known, problems, nil
}

var errNotAClass = errors.New("constructor is not a class")

// transform copies a plain value as class-transformer does.
func transform(v js.Value) (js.Value, error) {
	switch v := v.(type) {
	case *js.Array:
		out := &js.Array{Items: make([]js.Value, len(v.Items))}
		for i, item := range v.Items {
			var err error
			if out.Items[i], err = transform(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *js.Object:
		out := &js.Object{Properties: make([]js.Property, 0, len(v.Properties))}
		for _, f := range v.Properties {
			if f.Key == "constructor" && js.Truthy(f.Value) {
				return nil, errNotAClass // it mistakes this for a class to instantiate
			}
			if js.IsInherited(f.Key) {
				continue // it mistakes this for a method
			}
			plain, err := transform(f.Value)
			if err != nil {
				return nil, err
			}
			out.Set(f.Key, plain)
		}
		return out, nil
	default:
		return v, nil
	}
}

// The checks of [Property] are named after class-validator's decorators, and
// return their complaints.

// IsString requires a string.
func IsString(name string, v js.Value) []string {
	if _, ok := v.(js.String); ok {
		return nil
	}
	return []string{name + " must be a string"}
}

// IsBoolean requires true or false.
func IsBoolean(name string, v js.Value) []string {
	if _, ok := v.(bool); ok {
		return nil
	}
	return []string{name + " must be a boolean value"}
}

// IsObject requires an object that is not an array.
func IsObject(name string, v js.Value) []string {
	if _, ok := v.(*js.Object); ok {
		return nil
	}
	return []string{name + " must be an object"}
}

// IsArrayOfObjects requires an array of objects. It complains twice about a value
// that is neither an array nor an object.
func IsArrayOfObjects(name string, v js.Value) []string {
	notObjects := "each value in " + name + " must be an object"
	switch v := v.(type) {
	case *js.Object:
		return []string{name + " must be an array"}
	case *js.Array:
		for _, item := range v.Items {
			if _, ok := item.(*js.Object); !ok {
				return []string{notObjects}
			}
		}
		return nil
	default:
		return []string{name + " must be an array", notObjects}
	}
}

// IsDate requires a date, into which [ToDate] converts.
func IsDate(name string, v js.Value) []string {
	if _, ok := v.(js.Date); ok {
		return nil
	}
	return []string{name + " must be a Date instance"}
}

// IsInt requires a whole number.
func IsInt(name string, v js.Value) []string {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && !math.IsInf(f, 0) {
		return nil
	}
	return []string{name + " must be an integer number"}
}

// ToDate converts a string to a date, unless it is not one.
func ToDate(v js.Value) js.Value {
	if s, ok := v.(js.String); ok {
		if d, ok := js.ParseDate(string(s)); ok {
			return d
		}
	}
	return v
}

// ToBoolean converts everything that is not empty to true, even "false" and "0".
func ToBoolean(v js.Value) js.Value {
	if a, ok := v.(*js.Array); ok {
		return a // of booleans, which is not a boolean
	}
	return js.Truthy(v)
}

// ToInt is parseInt, except that an empty string becomes undefined. For an
// array it converts the first item; "1,2" is the number before the comma.
func ToInt(v js.Value) js.Value {
	if v == js.String("") {
		return js.Undefined{}
	}
	for {
		a, ok := v.(*js.Array)
		if !ok || len(a.Items) == 0 {
			break
		}
		v = a.Items[0]
	}
	s, _ := v.(js.String)
	return js.ParseInt(string(s))
}
