package rocketchattest

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// schema describes the keys that a route accepts, as the server's own schemas do.
// All other keys are rejected.
type schema struct {
	fields   map[string]field
	required []string
	anyOf    []schema // instead of the above: the body must match one of these
	open     bool     // accepts other keys too
	since    version  // as one of anyOf: older servers do not have it
}

// field describes the value of a key.
type field struct {
	kind     kind
	nullable bool
	filled   bool     // must not be an empty text
	enum     []string // allowed texts, of a list's elements too
	object   *schema  // the schema of an object, if it has one
	since    version  // older servers reject the key
}

type kind string

const (
	aText    kind = "string"
	aBoolean kind = "boolean"
	aNumber  kind = "number"
	anObject kind = "object"
	texts    kind = "array" // of texts
	someText kind = "string,array"
)

// Common fields.
var (
	text      = field{kind: aText}
	maybeText = field{kind: aText, nullable: true}
	maybeFlag = field{kind: aBoolean, nullable: true}
	flag      = field{kind: aBoolean}
)

// A validator applies schemas as the server's ajv does: it coerces values, and
// ends with the first problem.
type validator struct {
	version version
	lists   bool // a query's: coerces a value to a list of one, and back
}

// check coerces the values of body in place and returns the problems in the
// server's words, which do not name the key. Of several values that do not fit,
// the server may name another one.
func (v validator) check(s *schema, body document) []string {
	if len(s.anyOf) > 0 {
		return v.checkAnyOf(s.anyOf, body)
	}
	for _, name := range s.required {
		if _, given := body[name]; !given {
			return []string{"must have required property '" + name + "'"}
		}
	}
	known := func(name string) bool {
		f, named := s.fields[name]
		return named && v.version.from(f.since)
	}
	for name := range body {
		if !known(name) && !s.open {
			return []string{"must NOT have additional properties"}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.fields)) {
		value, given := body[name]
		if !given {
			continue
		}
		coerced, problem := v.checkField(s.fields[name], value)
		if problem != "" {
			return []string{problem}
		}
		body[name] = coerced
	}
	return nil
}

func (v validator) checkAnyOf(variants []schema, body document) (found []string) {
	for i := range variants {
		if !v.version.from(variants[i].since) {
			continue
		}
		problems := v.check(&variants[i], body)
		if problems == nil {
			return nil
		}
		found = append(found, problems...)
	}
	return append(found, "must match a schema in anyOf")
}

func (v validator) checkField(f field, value any) (coerced any, problem string) {
	if value == nil && f.nullable {
		return nil, ""
	}
	value, ok := v.coerce(f, value)
	if !ok {
		return nil, "must be " + string(f.kind)
	}
	switch value := value.(type) {
	case string:
		if f.filled && value == "" {
			return nil, "must NOT have fewer than 1 characters"
		}
		if f.enum != nil && !slices.Contains(f.enum, value) {
			return nil, "must be equal to one of the allowed values"
		}
	case map[string]any:
		if f.object != nil {
			if problems := v.check(f.object, value); problems != nil {
				return nil, problems[0]
			}
		}
	case []any:
		element := field{kind: aText, enum: f.enum}
		for i := range value {
			if value[i], problem = v.checkField(element, value[i]); problem != "" {
				return nil, problem
			}
		}
	}
	return value, ""
}

// coerce converts a value to the field's kind as ajv's coerceTypes does.
func (v validator) coerce(f field, value any) (any, bool) {
	if v.lists && f.kind != someText {
		list, isList := value.([]any)
		switch {
		case f.kind == texts && !isList:
			value = []any{value}
		case f.kind != texts && isList && len(list) == 1:
			value = list[0]
			if f.nullable && f.kind == aText && value != "" {
				return nil, false // ajv looks for null only
			}
		}
		if isList && f.nullable && value == "" {
			return nil, true
		}
	}
	isScalar := f.kind == aText || f.kind == aBoolean || f.kind == aNumber
	if f.nullable && (value == "" && f.kind != aText || !isScalar && (value == false || value == 0.0)) {
		return nil, true
	}
	switch f.kind {
	case aText:
		return coerceText(value)
	case aBoolean:
		return coerceFlag(value)
	case aNumber:
		return coerceNumber(value)
	case anObject:
		_, isObject := value.(map[string]any)
		return value, isObject
	case texts:
		_, isList := value.([]any)
		return value, isList
	default: // someText
		if _, isList := value.([]any); isList {
			return value, true
		}
		return coerceText(value)
	}
}

func coerceText(value any) (any, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(value), true
	case nil:
		return "", true
	}
	return nil, false
}

func coerceFlag(value any) (any, bool) {
	switch value {
	case true, "true", 1.0:
		return true, true
	case false, "false", 0.0, nil:
		return false, true
	}
	return nil, false
}

func coerceNumber(value any) (any, bool) {
	switch value := value.(type) {
	case float64:
		return value, true
	case bool:
		if value {
			return 1.0, true
		}
		return 0.0, true
	case string:
		if strings.TrimSpace(value) == "" {
			return 0.0, value != "" // as in JavaScript
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
	case nil:
		return 0.0, true
	}
	return nil, false
}
