package rightech

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// ReadRefusal reads a RicError. Its code only repeats the status, as text; the
// cause is in its tags, the first of which becomes the error's Code. Of other
// bodies, such as the HTML page of the nginx in front of the service, only the
// status counts.
func (*platform) ReadRefusal(status int, _ http.Header, body []byte) messembed.Refusal {
	var said struct {
		Code    looseText               `json:"code"`
		Name    looseText               `json:"name"`
		Message looseText               `json:"message"`
		Tags    adapter.Loose[[]string] `json:"tags"`
		Codes   adapter.Loose[[]string] `json:"codes"` // an older name of tags
		Helper  adapter.Loose[struct {
			Message looseText `json:"message"`
		}] `json:"helper"`
	}
	if json.Unmarshal(body, &said) != nil {
		return messembed.Refusal{}
	}
	tags := said.Tags.Value
	if len(tags) == 0 {
		tags = said.Codes.Value
	}
	r := messembed.Refusal{Code: string(said.Code), Message: string(said.Message)}
	if len(tags) > 0 && (r.Code == "" || r.Code == strconv.Itoa(status)) {
		r.Code = tags[0]
	}
	if r.Code == "" {
		r.Code = string(said.Name)
	}
	if said.Helper.Value.Message != "" {
		r.Details = append(r.Details, string(said.Helper.Value.Message))
	}
	if status == http.StatusBadRequest && len(tags) > 0 {
		r.Details = append(r.Details, tags...)
		if slices.ContainsFunc(tags, saysTaken) {
			r.Status = http.StatusConflict
		}
	}
	return r
}

// saysTaken reports whether a tag is about a value that must be unique but is
// not. The service's tag for it is undocumented.
func saysTaken(tag string) bool {
	tag = strings.ToLower(tag)
	return strings.Contains(tag, "unique") || strings.Contains(tag, "duplicate") ||
		strings.Contains(tag, "exist") && !strings.Contains(tag, "not")
}

// looseText accepts a text, and a number as text; anything else is "".
type looseText string

func (t *looseText) UnmarshalJSON(data []byte) error {
	var n json.Number // accepts a text only if it is a number
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = looseText(s)
	case json.Unmarshal(data, &n) == nil:
		*t = looseText(n)
	}
	return nil
}
