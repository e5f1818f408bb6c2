package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

// seedJSONL creates a user from each line, which is the body of a POST admin-api/users request.
// Empty lines are skipped.
func seedJSONL(fake *messembedtest.Server, data []byte) error {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		id, err := idOfLine(line)
		if err == nil {
			err = seedUser(fake, id, line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

// userFields are the fields of a line, and what each must be.
var userFields = map[string]func(value json.RawMessage) string{
	"id":                      mustBeText,
	"externalMetadata":        mustBeObject,
	"privateExternalMetadata": mustBeObject,
	"blockStatus":             mustBeBlockStatus,
}

// idOfLine checks a line and returns its id.
func idOfLine(line []byte) (id string, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		if _, isOther := errors.AsType[*json.UnmarshalTypeError](err); isOther {
			return "", errors.New(`must be a JSON object, such as {"id": "1"}`)
		}
		return "", fmt.Errorf("not valid JSON: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		check := userFields[name]
		if check == nil {
			return "", fmt.Errorf("unknown field %q%s", name, meant(name, slices.Sorted(maps.Keys(userFields))))
		}
		if problem := check(fields[name]); problem != "" {
			return "", fmt.Errorf("%q must be %s", name, problem)
		}
	}
	_ = json.Unmarshal(fields["id"], &id) // a missing one stays empty
	return id, nil
}

// meant suggests a name that differs only in case, or as ids in Messembed do.
func meant(name string, known []string) string {
	for _, candidate := range known {
		if strings.EqualFold(strings.TrimPrefix(name, "_"), candidate) {
			return fmt.Sprintf("; did you mean %q?", candidate)
		}
	}
	return "; a user has only " + strings.Join(known, ", ")
}

func mustBeText(value json.RawMessage) string {
	switch c := value[0]; {
	case c == '"':
		return ""
	case c == '-' || c >= '0' && c <= '9':
		return fmt.Sprintf(`text, such as "%s"`, value)
	}
	return `text, such as "1"`
}

func mustBeObject(value json.RawMessage) string {
	if value[0] == '{' || string(value) == "null" {
		return ""
	}
	return `an object, such as {"name": "Ada"}`
}

func mustBeBlockStatus(value json.RawMessage) string {
	switch string(value) {
	case "null", encoded(string(messembed.BlockCantSendAndReceive)):
		return ""
	}
	return string(messembed.BlockCantSendAndReceive) + " or null"
}
