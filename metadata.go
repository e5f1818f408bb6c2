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
// Anyone who can reach Messembed and knows a user's id can read that user's
// metadata, the private one included; see [Client.GetUser]. Messembed's server
// loses precision for numbers above 2⁵³.
type Metadata map[string]any

// Decode unmarshals the metadata into v, usually a pointer to a struct, by the
// rules of [json.Unmarshal]. It returns the errors of encoding/json unchanged.
func (m Metadata) Decode(v any) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// MetadataProblem checks metadata as encoding/json would write it and describes
// the first thing that cannot be sent, with its path below field:
// "externalMetadata.address.$ref: a key must not start with $". It returns ""
// if there is none. rule says what is wrong with a key, or "". MetadataProblem
// is for implementers of a [Platform].
func MetadataProblem(field string, m Metadata, rule func(key string) string) string {
	if len(m) == 0 {
		return ""
	}
	return checkMetadata(field, m, rule)
}

// metadataRule says what is wrong with a key, or "".
type metadataRule func(key string) string

// maxMetadataDepth limits the depth of a check, which would not end for
// metadata that contains itself. encoding/json refuses it later.
const maxMetadataDepth = 200

// maxMetadataPath is how much of a path an error shows, in bytes.
const maxMetadataPath = 200

// checkMetadata is MetadataProblem for any value.
func checkMetadata(path string, value any, rule metadataRule) string {
	below, problem := rule.check(value, 0)
	if problem == "" {
		return ""
	}
	if len(below) > maxMetadataPath {
		below = strings.ToValidUTF8(below[:maxMetadataPath], "") + "…"
	}
	return path + below + ": " + problem
}

// check returns the problem and the path to it. The path is built on the way
// back, so that metadata without problems costs no memory.
func (rule metadataRule) check(value any, depth int) (path, problem string) {
	if depth > maxMetadataDepth {
		return "", "nested too deeply"
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
			return "", "must be a finite number"
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
	// The keys of anything else appear only in its JSON.
	data, err := json.Marshal(value)
	if err != nil {
		return "", "cannot be marshalled as JSON"
	}
	if _, given := value.(json.RawMessage); !utf8.Valid(data) || !given && textWasReplaced(data) {
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

// textWasReplaced reports whether encoding/json met text that is not valid
// UTF-8. It writes the replacement as an escape, but writes the same character
// literally if the caller gave it.
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

// sameJSON reports whether two metadata are the same to a service that stores
// numbers as JavaScript does. None is the same as empty.
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
