package messembedtest

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/messembed/messembed-go/messembedtest/internal/js"
)

// newID returns the next ObjectId: 24 hexadecimal digits, each greater than the
// one before, the same in every run.
func (s *Server) newID() js.String {
	s.lastID++
	return js.String(fmt.Sprintf("6b01f684ce34%012x", s.lastID))
}

// objectID parses an ObjectId as the database's driver does: 24 hexadecimal
// digits in either case, or any text whose length in JavaScript is 12.
func objectID(s string) (js.String, bool) {
	if len(s) == 24 {
		if _, err := hex.DecodeString(s); err == nil {
			return js.String(strings.ToLower(s)), true
		}
	}
	units := utf16.Encode([]rune(s))
	if len(units) != 12 {
		return "", false
	}
	var id strings.Builder
	for _, unit := range units {
		if unit > 0xFF {
			id.WriteString("undefined") // that is how the driver prints such an id
		} else {
			fmt.Fprintf(&id, "%02x", unit)
		}
	}
	return js.String(id.String()), true
}
