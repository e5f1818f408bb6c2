package messembedtest

import (
	"math"
	"slices"
)

// A property is one field of a body or query that the server knows; it drops the others.
type property struct {
	name     string
	optional bool                                // may be null or undefined
	convert  func(value) value                   // applied before the check; nil: unchanged
	check    func(name string, v value) []string // returns the problems, in the server's words
}

// The bodies and queries that the server validates, with their properties in the order of its
// complaints.
var (
	chatToCreate = []property{
		{name: "externalMetadata", optional: true, check: mustBeObject},
		{name: "privateExternalMetadata", optional: true, check: mustBeObject},
		{name: "firstCompanionId", check: mustBeString},
		{name: "secondCompanionId", check: mustBeString},
	}
	chatToUpdate = []property{
		{name: "active", optional: true, check: mustBeBoolean},
		{name: "externalMetadata", optional: true, check: mustBeObject},
		{name: "privateExternalMetadata", optional: true, check: mustBeObject},
	}
	messageToCreate = []property{
		{name: "userId", check: mustBeString},
		{name: "content", check: mustBeString},
		{name: "externalMetadata", optional: true, check: mustBeObject},
		{name: "privateExternalMetadata", optional: true, check: mustBeObject},
		{name: "attachments", optional: true, check: mustBeArrayOfObjects},
	}
	messagesToList = []property{
		{name: "after", optional: true, convert: toDate, check: mustBeDate},
		{name: "before", optional: true, convert: toDate, check: mustBeDate},
		{name: "offset", optional: true, convert: toInteger, check: mustBeInteger},
		{name: "limit", optional: true, convert: toInteger, check: mustBeInteger},
		{name: "read", optional: true, convert: toBoolean, check: mustBeBoolean},
	}
)

// validate returns a body or query as the server's code receives it: the known properties,
// converted, in the order in which they were sent. It fails with a list of all problems.
func validate(body value, properties []property) (*object, *failure) {
	given, ok := body.(*object)
	if !ok {
		given = &object{} // an array has none of the properties
	}
	known := &object{}
	for _, f := range given.fields {
		plain, err := transform(f.value)
		if err != nil {
			return nil, internalError()
		}
		i := slices.IndexFunc(properties, func(p property) bool { return p.name == f.key })
		switch {
		case i < 0:
		case properties[i].convert != nil:
			known.set(f.key, properties[i].convert(plain))
		default:
			known.set(f.key, plain)
		}
	}
	var wrong []value
	for _, p := range properties {
		v := known.get(p.name)
		if p.optional && isNil(v) {
			continue
		}
		for _, complaint := range p.check(p.name, v) {
			wrong = append(wrong, text(complaint))
		}
	}
	if wrong != nil {
		return nil, badRequest(&array{items: wrong})
	}
	return known, nil
}

// inherited are the keys that the server's transformer mistakes for methods of an object and drops.
var inherited = map[string]bool{
	"__proto__": true, "constructor": true, "hasOwnProperty": true, "isPrototypeOf": true, "propertyIsEnumerable": true, "toLocaleString": true,
	"toString": true, "valueOf": true, "__defineGetter__": true, "__defineSetter__": true, "__lookupGetter__": true, "__lookupSetter__": true,
}

// transform copies a plain value as the server's class-transformer does.
func transform(v value) (value, error) {
	switch v := v.(type) {
	case *array:
		out := &array{items: make([]value, len(v.items))}
		for i, item := range v.items {
			var err error
			if out.items[i], err = transform(item); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *object:
		out := &object{fields: make([]field, 0, len(v.fields))}
		for _, f := range v.fields {
			if f.key == "constructor" && truthy(f.value) {
				return nil, errNotStorable // it mistakes this for a class to instantiate
			}
			if inherited[f.key] {
				continue
			}
			plain, err := transform(f.value)
			if err != nil {
				return nil, err
			}
			out.set(f.key, plain)
		}
		return out, nil
	default:
		return v, nil
	}
}

func mustBeString(name string, v value) []string {
	if _, ok := v.(text); ok {
		return nil
	}
	return []string{name + " must be a string"}
}

func mustBeBoolean(name string, v value) []string {
	if _, ok := v.(bool); ok {
		return nil
	}
	return []string{name + " must be a boolean value"}
}

func mustBeObject(name string, v value) []string {
	if _, ok := v.(*object); ok {
		return nil
	}
	return []string{name + " must be an object"}
}

// mustBeArrayOfObjects complains twice about a value that is neither an array nor an object.
func mustBeArrayOfObjects(name string, v value) []string {
	notObjects := "each value in " + name + " must be an object"
	switch v := v.(type) {
	case *object:
		return []string{name + " must be an array"}
	case *array:
		for _, item := range v.items {
			if _, ok := item.(*object); !ok {
				return []string{notObjects}
			}
		}
		return nil
	default:
		return []string{name + " must be an array", notObjects}
	}
}

func mustBeDate(name string, v value) []string {
	if _, ok := v.(date); ok {
		return nil
	}
	return []string{name + " must be a Date instance"}
}

func mustBeInteger(name string, v value) []string {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && !math.IsInf(f, 0) {
		return nil
	}
	return []string{name + " must be an integer number"}
}

// toDate converts a text to a date. It leaves a text that is not a date unchanged.
func toDate(v value) value {
	if s, ok := v.(text); ok {
		if d, ok := parseDate(string(s)); ok {
			return d
		}
	}
	return v
}

// toBoolean converts everything that is not empty to true, even "false" and "0".
func toBoolean(v value) value {
	if a, ok := v.(*array); ok {
		return a // of booleans, which is not a boolean
	}
	return truthy(v)
}

// toInteger is parseInt, except that an empty text becomes undefined. For an array it converts the
// first item; "1,2" is the number before the comma.
func toInteger(v value) value {
	if v == text("") {
		return undefined{}
	}
	for {
		a, ok := v.(*array)
		if !ok || len(a.items) == 0 {
			break
		}
		v = a.items[0]
	}
	s, _ := v.(text)
	return parseInt(string(s))
}
