package messembed

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Metadata is JSON that an application keeps with a user, a chat or a message.
// Of numbers beyond 2⁵³ Messembed's server loses the last digits.
type Metadata map[string]any

// Decode unmarshals the metadata into v, a pointer to a struct of the caller's,
// by the rules of encoding/json.
func (m Metadata) Decode(v any) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// MetadataProblem walks metadata as encoding/json would write it and names the
// first thing that cannot be sent by its path below field:
// "externalMetadata.address.$ref: a key must not start with $". rule says what is
// wrong with a key, or "". It is for those who write a [Platform].
func MetadataProblem(field string, m Metadata, rule func(key string) string) string {
	if len(m) == 0 {
		return ""
	}
	return checkMetadata(field, m, rule)
}

// metadataRule is which keys a service refuses, for checkMetadata.
type metadataRule func(key string) string

// keysOnCreate and keysOnUpdate are Messembed's rules; MongoDB stands behind
// them. Breaking one is answered 500.
func keysOnCreate(key string) string {
	if strings.Contains(key, ".") {
		return "a key must not contain a dot"
	}
	return keysOnUpdate(key)
}

func keysOnUpdate(key string) string {
	switch {
	case strings.HasPrefix(key, "$"):
		return "a key must not start with $"
	case strings.Contains(key, "\x00"):
		return "a key must not contain NUL"
	}
	return ""
}

// maxMetadataDepth is where a walk stops that would not end in metadata that
// holds itself; encoding/json then refuses it.
const maxMetadataDepth = 200

// checkMetadata is MetadataProblem for any value.
func checkMetadata(path string, value any, rule metadataRule) string {
	below, problem := rule.check(value, 0)
	if problem == "" {
		return ""
	}
	return path + below + ": " + problem
}

// check gives the problem and the path to it. The path is put together on the
// way back, so that metadata without a problem costs no memory.
func (rule metadataRule) check(value any, depth int) (path, problem string) {
	if depth > maxMetadataDepth {
		return "", "is nested too deeply"
	}
	switch v := value.(type) {
	case nil, bool, int, int64, int32, uint, uint64, uint32:
		return "", ""
	case string:
		if !utf8.ValidString(v) {
			return "", "must be valid UTF-8"
		}
		return "", ""
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", "JSON has no such number"
		}
		return "", ""
	case Metadata:
		return rule.checkObject(v, depth)
	case map[string]any:
		return rule.checkObject(v, depth)
	case Attachment:
		return rule.checkObject(v, depth)
	case []any:
		for i, element := range v {
			if path, problem := rule.check(element, depth+1); problem != "" {
				return "[" + strconv.Itoa(i) + "]" + path, problem
			}
		}
		return "", ""
	}
	// Anything else shows its keys only as JSON.
	data, err := json.Marshal(value)
	if err != nil {
		return "", "cannot be marshalled as JSON"
	}
	if _, given := value.(json.RawMessage); !given && textWasReplaced(data) {
		return "", "must be valid UTF-8"
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return "", "cannot be marshalled as JSON"
	}
	return rule.check(plain, depth+1)
}

func (rule metadataRule) checkObject(object map[string]any, depth int) (path, problem string) {
	for key, value := range object {
		if !utf8.ValidString(key) {
			return "", "a key must be valid UTF-8"
		}
		problem := rule(key)
		if problem == "" {
			path, problem = rule.check(value, depth+1)
		}
		if problem != "" {
			return "." + printable(key) + path, problem
		}
	}
	return "", ""
}

// textWasReplaced tells whether encoding/json met text that is not UTF-8. What it
// puts in its place it writes as an escape, the same character given by the caller
// as it is.
func textWasReplaced(data []byte) bool {
	const replaced = `\ufffd`
	for {
		i := bytes.Index(data, []byte(replaced))
		if i < 0 {
			return false
		}
		escaping := len(data[:i]) - len(bytes.TrimRight(data[:i], `\`))
		if escaping%2 == 0 {
			return true
		}
		data = data[i+len(replaced):]
	}
}

func printable(key string) string {
	if strconv.CanBackquote(key) && len(key) <= 64 {
		return key
	}
	if len(key) > 64 {
		key = strings.ToValidUTF8(key[:64], "") + "…"
	}
	return strings.Trim(strconv.Quote(key), `"`)
}

// sameJSON tells whether two metadata are the same to a service that keeps
// numbers as JavaScript does; none is the same as empty.
func sameJSON(a, b Metadata) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	return reflect.DeepEqual(plainJSON(a), plainJSON(b))
}

func plainJSON(m Metadata) any {
	data, err := json.Marshal(m)
	if err != nil {
		return nil
	}
	var plain any
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil
	}
	return plain
}
