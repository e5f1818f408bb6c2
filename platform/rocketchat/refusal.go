package rocketchat

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/platform/internal/adapter"
)

// ReadRefusal reads the service's error bodies. The status is nearly always
// 400; the meaning is in errorType, in brackets at the end of the text, or is
// the whole text.
func (p *platform) ReadRefusal(status int, header http.Header, body []byte) messembed.Refusal {
	var said struct {
		Error     adapter.Loose[string] `json:"error"`
		Message   adapter.Loose[string] `json:"message"` // in the 401 of older servers
		ErrorType adapter.Loose[string] `json:"errorType"`
	}
	if json.Unmarshal(body, &said) != nil {
		return messembed.Refusal{}
	}
	whole := said.Error.Value
	if said.Message.Value != "" && (whole == "" || status == http.StatusUnauthorized) {
		whole = said.Message.Value
	}
	text, code := cutCode(p.withoutSecrets(whole))
	if said.ErrorType.Value != "" {
		code = said.ErrorType.Value
	}
	if code == "" && status == http.StatusBadRequest {
		code = text
	}
	if status == http.StatusNotFound {
		code = "" // no such route; a missing user is 400
	}
	r := messembed.Refusal{Code: code, Message: text, Status: statusOf(code, text)}
	switch code {
	case "invalid-params", "error-invalid-params":
		r.Message, r.Details = "", lines(text)
	case "totp-required", "totp-invalid", "totp-max-attempts":
		r.Message = "the service requires a second factor (" + text +
			"): use a personal access token that bypasses two-factor authentication"
	case "error-license-user-limit-reached":
		r.Final = true // for every user to be created
	case "user-last-owner":
		r.Message = "the user is the last owner of a room; use rocketchat.ConfirmRelinquish to proceed"
	}
	if status == http.StatusTooManyRequests || r.Status == http.StatusTooManyRequests {
		r.RetryAfter, r.HasRetryAfter = pauseOf(status, header, text, time.Now())
	}
	return r
}

// cutCode splits a text that ends in a code, such as "Not authorized
// [error-not-authorized]".
func cutCode(whole string) (text, code string) {
	whole = strings.TrimSpace(whole)
	open := strings.LastIndexByte(whole, '[')
	if open < 0 || !strings.HasSuffix(whole, "]") {
		return whole, ""
	}
	return strings.TrimSpace(whole[:open]), whole[open+1 : len(whole)-1]
}

// statusOf returns the status that a refusal is treated as, or 0 for its own.
func statusOf(code, text string) int {
	switch code {
	case "User not found.", "User not found", "error-user-not-found", "error-invalid-user":
		return http.StatusNotFound
	case "error-field-unavailable":
		return http.StatusConflict
	case "403": // of very old servers
		if strings.HasSuffix(text, "already exists.") {
			return http.StatusConflict
		}
	case "error-too-many-requests", "too-many-requests":
		return http.StatusTooManyRequests
	case "error-action-not-allowed":
		if strings.Contains(text, "invalid role") {
			return http.StatusBadRequest
		}
		return http.StatusForbidden
	case "error-not-authorized", "error-unauthorized", "error-not-allowed", "error-status-not-allowed", "error-presence-disabled",
		"error-user-is-federated", "Edit_Federated_User_Not_Allowed",
		"totp-required", "totp-invalid", "totp-max-attempts", "user-last-owner", "error-license-user-limit-reached":
		return http.StatusForbidden
	}
	return 0
}

var waitSeconds = regexp.MustCompile(`wait (\d{1,9}) seconds`)

// longestLimit is the longest plausible period of a rate limit.
const longestLimit = 24 * time.Hour

// pauseOf returns the pause that a "too many requests" asks for by other means
// than Retry-After, which a proxy may add. X-RateLimit-Reset is set by the limit
// of the route, in epoch milliseconds; a value that is over or not plausible,
// such as one in seconds, does not count. A 400 comes from an inner limit, whose
// pause is only in the text.
func pauseOf(status int, header http.Header, text string, now time.Time) (time.Duration, bool) {
	if status == http.StatusTooManyRequests {
		reset, _ := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
		if pause := time.UnixMilli(reset).Sub(serverTime(header, now)); pause > 0 && pause <= longestLimit {
			return pause, true
		}
		if header.Get("Retry-After") != "" {
			return 0, false
		}
	}
	found := waitSeconds.FindStringSubmatch(text)
	if found == nil {
		return 0, false
	}
	seconds, _ := strconv.Atoi(found[1])
	return time.Duration(seconds) * time.Second, true
}

// serverTime returns the current time by the service's clock if that differs
// from ours by more than the Date header's precision.
func serverTime(header http.Header, now time.Time) time.Time {
	const exact = 2 * time.Second
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || now.Sub(date).Abs() <= exact {
		return now
	}
	return date
}

// lines splits the problems that the service's validation found.
func lines(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			found = append(found, line)
		}
	}
	return found
}

// withoutSecrets removes the client's own secrets from text that goes into an
// error, in case a server quotes them.
func (p *platform) withoutSecrets(text string) string {
	for _, secret := range []string{p.cred.AuthToken, p.cred.TokenSecret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return text
}
