package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// checkKeys returns an error if metadata has a key, at any depth, that
// Messembed's database does not take. The service itself only responds 500, or
// stores the user and then fails to copy it into its chats.
func checkKeys(metadata []byte) error {
	var v any
	if err := json.Unmarshal(metadata, &v); err != nil {
		return err
	}
	if key, found := unstorable(v); found {
		return fmt.Errorf("the key %q has a dot or begins with $, which Messembed's database does not take", key)
	}
	return nil
}

// unstorable returns the first key that cannot be stored.
func unstorable(v any) (key string, found bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if strings.Contains(key, ".") || strings.HasPrefix(key, "$") {
				return key, true
			}
			if inner, found := unstorable(v[key]); found {
				return inner, true
			}
		}
	case []any:
		for _, item := range v {
			if inner, found := unstorable(item); found {
				return inner, true
			}
		}
	}
	return "", false
}
