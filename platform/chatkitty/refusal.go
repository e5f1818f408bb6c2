package chatkitty

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
)

// ReadRefusal reads the service's two forms of error body: its own ("error", "message",
// "timestamp") and OAuth2's ("error", "error_description"). A 404 in neither form does not come
// from the service.
func (platform) ReadRefusal(status int, _ http.Header, body []byte) messembed.Refusal {
	var said struct {
		Error            string `json:"error"`
		Message          string `json:"message"`
		ErrorDescription string `json:"error_description"`
		Explanation      string `json:"explanation"`
		CoolOff          string `json:"coolOffDuration"`
		CoolOffSnake     string `json:"cool_off_duration"`
	}
	// A field of another type is as good as none.
	if err := json.Unmarshal(body, &said); err != nil && !isTypeError(err) {
		return messembed.Refusal{}
	}
	r := messembed.Refusal{Code: said.Error, Message: said.Message}
	if r.Message == "" {
		r.Message = said.ErrorDescription
	}
	if said.Explanation != "" {
		r.Details = []string{said.Explanation}
	}
	if status == http.StatusGone && r.Code != "" {
		r.Status = http.StatusNotFound
	}
	if said.CoolOff == "" {
		said.CoolOff = said.CoolOffSnake
	}
	r.RetryAfter, r.HasRetryAfter = parseDuration(said.CoolOff)
	return r
}

func isTypeError(err error) bool {
	_, ok := errors.AsType[*json.UnmarshalTypeError](err)
	return ok
}

// isoDuration is ISO 8601's duration as Java writes it, with weeks and days; years and months have
// no fixed length.
var isoDuration = regexp.MustCompile(`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$`)

// parseDuration reads an ISO 8601 duration: "PT16.919S". What it cannot read counts as not said.
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

// maxCoolOff is what a pause counts as that is longer: nobody waits for it anyway.
const maxCoolOff = 10 * 365 * 24 * time.Hour
