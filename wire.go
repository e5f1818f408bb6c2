package messembed

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// timeJSON reads a date; null is the zero time. A date that cannot be read is
// remembered rather than refused, so that the error can name the field.
type timeJSON struct {
	time.Time
	bad bool
}

func (t *timeJSON) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if len(data) < 2 || data[0] != '"' {
		t.bad = true
		return nil
	}
	at, err := time.Parse(time.RFC3339, string(data[1:len(data)-1]))
	t.Time, t.bad = at, err != nil
	return nil
}

type timeField struct {
	name string
	time timeJSON
}

func badTimes(fields ...timeField) error {
	for _, field := range fields {
		if field.time.bad {
			return BadField(field.name, "is no date")
		}
	}
	return nil
}

// metadataJSON reads an object; anything else the server may hold is nil.
type metadataJSON Metadata

func (m *metadataJSON) UnmarshalJSON(data []byte) error {
	if len(data) == 0 || data[0] != '{' {
		return nil
	}
	return json.Unmarshal(data, (*map[string]any)(m))
}

// looseText reads a text; null or anything else is "".
type looseText struct {
	text  string
	given bool // the key was there, whatever its value
}

func (t *looseText) UnmarshalJSON(data []byte) error {
	t.given = true
	if len(data) == 0 || data[0] != '"' {
		return nil
	}
	return json.Unmarshal(data, &t.text)
}

// fieldName is a field's path out of encoding/json, which may hold map keys of
// an answer.
func fieldName(path string) string {
	name, _, _ := strings.Cut(serviceText(path), "\n")
	return name
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// within puts the name of the object around a bad field before it.
func within(name string, err error) error {
	if bad, ok := errors.AsType[*shapeError](err); ok {
		return &shapeError{name + "." + bad.text}
	}
	return err
}
