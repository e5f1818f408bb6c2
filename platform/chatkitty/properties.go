package chatkitty

import (
	"bytes"
	"encoding/json"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// exactObject decodes a JSON object or null. Numbers are float64, as usual, except integers that a
// float64 cannot hold: these stay json.Number, so that properties which are read, changed and
// written back lose no digits.
func exactObject(data []byte) (map[string]any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, err
	}
	for key, value := range object {
		object[key] = exactNumbers(value)
	}
	return object, nil
}

func exactNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		return exactNumber(v)
	case map[string]any:
		for key, element := range v {
			v[key] = exactNumbers(element)
		}
	case []any:
		for i, element := range v {
			v[i] = exactNumbers(element)
		}
	}
	return value
}

func exactNumber(n json.Number) any {
	f, err := n.Float64()
	if err != nil {
		return n
	}
	const inexact = 1 << 53 // from here on two integers can share one float64
	if !strings.ContainsAny(n.String(), ".eE") && (f >= inexact || f <= -inexact) {
		return n
	}
	return f
}

// plainObject returns metadata as it is read back.
func plainObject(m messembed.Metadata) (map[string]any, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return exactObject(data)
}

// mergePatch returns the patch that turns stored into wanted on a service that merges as in RFC
// 7396: everything wanted, and null for removed keys. It contains all of wanted, not only the
// differences, in case the service replaces instead. null is the path of a null that is wanted but
// not stored yet, which merging cannot store.
func mergePatch(stored, wanted map[string]any) (patch map[string]any, null string) {
	patch = make(map[string]any, len(wanted))
	for key := range stored {
		if _, kept := wanted[key]; !kept {
			patch[key] = nil
		}
	}
	for key, value := range wanted {
		before, there := stored[key]
		switch value := value.(type) {
		case nil:
			if !there || before != nil {
				return nil, "." + key
			}
		case map[string]any:
			inside, _ := before.(map[string]any)
			below, null := mergePatch(inside, value)
			if null != "" {
				return nil, "." + key + null
			}
			patch[key] = below
		default:
			patch[key] = value
		}
	}
	return patch, ""
}
