package rocketchat

import (
	"encoding/json"

	"github.com/messembed/messembed-go/platform/internal/lossless"
)

// Rest is what an object of the service's held besides the fields of its type. It
// is written again when the object is encoded, so that nothing is lost on the way.
type Rest struct {
	// Extra has the fields that the type does not name, and those whose value is
	// of another type than it expects.
	Extra map[string]json.RawMessage

	came lossless.Fields // the other fields as they came
}

var form lossless.Form

func decodeFields(data []byte, v any, rest *Rest) (err error) {
	rest.came, rest.Extra, err = form.Decode(data, v)
	return err
}

func encodeFields(v any, rest Rest) ([]byte, error) { return form.Encode(v, rest.came, rest.Extra) }
