package adapter

import (
	"fmt"
	"reflect"
	"slices"
)

// Redacted formats a struct of credentials as fmt's %+v does, but of its fields
// shows the values of the given ones only.
func Redacted(credentials any, shown ...string) string {
	text := "{"
	for field, value := range reflect.ValueOf(credentials).Fields() {
		if text != "{" {
			text += " "
		}
		text += field.Name + ":"
		if slices.Contains(shown, field.Name) {
			text += fmt.Sprint(value)
		} else {
			text += "[redacted]"
		}
	}
	return text + "}"
}
