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

// ReadRefusal reads a RicError. Its code is the status over again, as a text; what is the matter
// its tags say, so that the first of them is the error's Code. What is no RicError, such as the
// HTML page of the nginx before the service, tells its status only.
func (*platform) ReadRefusal(status int, _ http.Header, body []byte) messembed.Refusal {
	var said struct {
		Code    looseText               `json:"code"`
		Name    looseText               `json:"name"`
		Message looseText               `json:"message"`
		Tags    adapter.Loose[[]string] `json:"tags"`
		Codes   adapter.Loose[[]string] `json:"codes"` // an older name for tags
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

// saysTaken tells whether a tag is about a value that must be unique and is not. Which tag the
// service has for it is not documented.
func saysTaken(tag string) bool {
	tag = strings.ToLower(tag)
	return strings.Contains(tag, "unique") || strings.Contains(tag, "duplicate") ||
		strings.Contains(tag, "exist") && !strings.Contains(tag, "not")
}

// looseText reads a text, and a number as text; anything else is "".
type looseText string

func (t *looseText) UnmarshalJSON(data []byte) error {
	var n json.Number // takes a text only when it is a number
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = looseText(s)
	case json.Unmarshal(data, &n) == nil:
		*t = looseText(n)
	}
	return nil
}
