package rocketchat

import (
	"encoding/json"

	"github.com/messembed/messembed-go/platform/internal/lossless"
)

// Rest holds the fields of a service's object that its type does not. They are
// written back when the object is encoded, so that nothing is lost.
type Rest struct {
	// Extra has the fields that the type does not name, and those whose value
	// has an unexpected type.
	Extra map[string]json.RawMessage

	came lossless.Fields // the other fields as received
}

var form lossless.Form

func decodeFields(data []byte, v any, rest *Rest) (err error) {
	rest.came, rest.Extra, err = form.Decode(data, v)
	return err
}

func encodeFields(v any, rest Rest) ([]byte, error) { return form.Encode(v, rest.came, rest.Extra) }
