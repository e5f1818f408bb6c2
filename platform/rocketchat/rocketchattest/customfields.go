package rocketchattest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// checkCustomFields applies the workspace's definitions, if it has any, to the
// fields of a create or an update.
func (s *Server) checkCustomFields(fields map[string]any) *failure {
	wrong := func(format string, args ...any) *failure {
		return meteorError("error-user-registration-custom-field", fmt.Sprintf(format, args...), document{"method": "registerUser"})
	}
	for _, name := range slices.Sorted(maps.Keys(s.customFields)) {
		f := s.customFields[name]
		value, _ := fields[name].(string)
		n := utf8.RuneCountInString(strings.TrimSpace(value))
		switch {
		case f.Required && n == 0:
			return wrong("Field %s is required", name)
		case len(f.Options) > 0 && !slices.Contains(f.Options, value):
			return wrong("Value for field %s is invalid", name)
		case f.MaxLength > 0 && n > f.MaxLength:
			return wrong("Max length of field %s %d", name, f.MaxLength)
		case f.MinLength > 0 && n > 0 && n < f.MinLength:
			return wrong("Min length of field %s %d", name, f.MinLength)
		}
	}
	return nil
}

// storeCustomFields drops fields that the workspace does not define.
func (s *Server) storeCustomFields(u *user, fields map[string]any) {
	merges := s.version.from(version{7, 5, 4})
	if s.mergesFields != nil {
		merges = s.mergesFields()
	}
	stored := map[string]any{}
	if before, has := u.doc["customFields"].(map[string]any); has && merges {
		stored = maps.Clone(before)
	}
	for name, value := range fields {
		if s.customFields == nil || s.customFields[name] != nil {
			stored[name] = value
		}
	}
	u.doc["customFields"] = stored
}
