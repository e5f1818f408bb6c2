package chatkitty

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// ReadRefusal reads the service's two forms of error body: its own ("error",
// "message", "timestamp") and that of OAuth2 ("error", "error_description"). A
// 404 in neither form does not come from the service.
func (*platform) ReadRefusal(status int, _ http.Header, body []byte) messembed.Refusal {
	var said struct {
		Error            adapter.Loose[string] `json:"error"`
		Message          adapter.Loose[string] `json:"message"`
		ErrorDescription adapter.Loose[string] `json:"error_description"`
		Explanation      adapter.Loose[string] `json:"explanation"`
		CoolOff          adapter.Loose[string] `json:"coolOffDuration"`
		CoolOffSnake     adapter.Loose[string] `json:"cool_off_duration"`
	}
	if json.Unmarshal(body, &said) != nil {
		return messembed.Refusal{}
	}
	r := messembed.Refusal{
		Code: said.Error.Value, Message: cmp.Or(said.Message.Value, said.ErrorDescription.Value),
	}
	if explanation := said.Explanation.Value; explanation != "" {
		r.Details = []string{explanation}
	}
	if status == http.StatusGone && r.Code != "" {
		r.Status = http.StatusNotFound
	}
	r.RetryAfter, r.HasRetryAfter = parseDuration(cmp.Or(said.CoolOff.Value, said.CoolOffSnake.Value))
	return r
}

// isoDuration matches an ISO 8601 duration as Java writes it, with weeks and
// days; years and months have no fixed length.
var isoDuration = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$`)

// parseDuration parses an ISO 8601 duration such as "PT16.919S". An unreadable
// one counts as missing.
func parseDuration(s string) (time.Duration, bool) {
	parts := isoDuration.FindStringSubmatch(s)
	if parts == nil || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return 0, false
	}
	seconds := 0.0
	for i, unit := range []float64{7 * 24 * 3600, 24 * 3600, 3600, 60, 1} {
		if text := parts[i+1]; text != "" {
			n, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
			if err != nil {
				return 0, false
			}
			seconds += n * unit
		}
	}
	if seconds > maxCoolOff.Seconds() {
		return maxCoolOff, true
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), true
}

// maxCoolOff is the maximum pause; longer ones are cut to it, since nobody
// waits that long.
const maxCoolOff = 10 * 365 * 24 * time.Hour
