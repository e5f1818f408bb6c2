package rocketchattest

import (
	"maps"
	"slices"
)

// schema describes the keys that a route accepts. All other keys are rejected.
type schema struct {
	fields   map[string]field
	required []string
	anyOf    []string // at least one of these
}

// field describes the value of a key.
type field struct {
	kind     kind
	nullable bool
	filled   bool     // must not be an empty text
	enum     []string // allowed texts
	object   *schema  // the schema of an object, if it has one
	since    version  // older servers reject the key
}

type kind string

const (
	aText    kind = "string"
	aBoolean kind = "boolean"
	aNumber  kind = "number"
	anObject kind = "object"
	aList    kind = "array"
	texts    kind = "array of string"
)

// Common fields.
var (
	text      = field{kind: aText}
	maybeText = field{kind: aText, nullable: true}
	maybeFlag = field{kind: aBoolean, nullable: true}
	flag      = field{kind: aBoolean}
)

// check returns the problems in the server's words, which do not name the key.
func (s *schema) check(body document, v version) []string {
	var found []string
	for _, name := range s.required {
		if _, given := body[name]; !given {
			found = append(found, "must have required property '"+name+"'")
		}
	}
	if len(s.anyOf) > 0 && !slices.ContainsFunc(s.anyOf, func(name string) bool { _, given := body[name]; return given }) {
		for _, name := range s.anyOf {
			found = append(found, "must have required property '"+name+"'")
		}
		found = append(found, "must match a schema in anyOf")
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		f, named := s.fields[name]
		if !named || !v.atLeast(f.since.major, f.since.minor) {
			found = append(found, "must NOT have additional properties")
			continue
		}
		found = append(found, f.check(body[name], v)...)
	}
	return found
}

func (f field) check(value any, v version) []string {
	if value == nil && f.nullable {
		return nil
	}
	fits := false
	switch value := value.(type) {
	case string:
		fits = f.kind == aText
		switch {
		case fits && f.filled && value == "":
			return []string{"must NOT have fewer than 1 characters"}
		case fits && f.enum != nil && !slices.Contains(f.enum, value):
			return []string{"must be equal to one of the allowed values"}
		}
	case bool:
		fits = f.kind == aBoolean
	case float64:
		fits = f.kind == aNumber
	case []any:
		fits = f.kind == aList || f.kind == texts
		if f.kind == texts {
			for _, element := range value {
				if _, isText := element.(string); !isText {
					return []string{"must be string"}
				}
			}
		}
	case map[string]any:
		fits = f.kind == anObject
		if fits && f.object != nil {
			return f.object.check(value, v)
		}
	}
	if fits {
		return nil
	}
	expected := f.kind
	if expected == texts {
		expected = aList
	}
	return []string{"must be " + string(expected)}
}
