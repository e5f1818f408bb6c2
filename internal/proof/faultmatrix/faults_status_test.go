package faultmatrix_test

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/messembed/messembed-go/messembedtest"
)

func plainError(status int) string {
	return fmt.Sprintf(`{"statusCode":%d,"message":%q}`, status, http.StatusText(status))
}

// statusFaults are all error statuses, as sent by a proxy or gateway; those
// that do not say whether the service has carried out the operation come in
// both variants.
func statusFaults() []fault {
	var faults []fault
	add := func(name string, status int, text, contentType string, done bool) {
		if done {
			name += ", after it was applied"
		}
		faults = append(faults, fault{
			name:    name,
			service: serving(messembedtest.Fault{Status: status, Body: text, ContentType: contentType, AfterApply: done}),
			meaning: meaning{came: whole, status: status, done: done},
		})
	}
	for status := 400; status <= 599; status++ {
		name := strconv.Itoa(status)
		add(name, status, plainError(status), "", false)
		if status == 408 || status >= 500 && status != 503 {
			add(name, status, plainError(status), "", true)
		}
	}
	for _, status := range []int{401, 403, 404, 500, 503} {
		add(strconv.Itoa(status)+" HTML", status, htmlPage, "text/html", false)
	}
	add("502 HTML", 502, htmlPage, "text/html", false)
	add("502 HTML", 502, htmlPage, "text/html", true)
	add("400 without a body", 400, "", "", false)
	add("400 with invalid UTF-8", 400, "\xff\xfe{", "application/json", false)
	for _, status := range []int{400, 500} {
		faults = append(faults, fault{
			name:    strconv.Itoa(status) + " with an endless body",
			service: serving(messembedtest.Fault{Status: status}),
			wire:    endlessText(`{"message":"`, 'x'),
			meaning: meaning{came: whole, status: status},
		})
	}
	return inGroup("status", faults)
}

// businessFaults are refusals in the service's own words. A refused operation
// is not carried out, now or before.
func businessFaults() []fault {
	var faults []fault
	add := func(name string, status int, text, code string, listed bool) {
		faults = append(faults, fault{
			name:    name,
			service: serving(messembedtest.Fault{Status: status, Body: text}),
			meaning: meaning{came: whole, status: status, code: code, listed: listed},
		})
	}
	for _, c := range []struct {
		status int
		code   string
	}{
		{401, "UNAUTHORIZED"},
		{401, "BLOCK_STATUS_DOES_NOT_ALLOW"},
		{401, "CHAT_CREATION_IS_DISALLOWED"},
		{403, "SOMETHING_NEW"},
		{406, "CHAT_IS_INACTIVE"},
		{500, "SOMETHING_NEW"},
	} {
		add(fmt.Sprintf("%d %s", c.status, c.code), c.status, fmt.Sprintf(`{"statusCode":%d,"code":%q}`, c.status, c.code), c.code, false)
	}
	add("400 with a list of problems", 400, `{"statusCode":400,"message":["content must be a string"],"error":"Bad Request"}`, "", true)
	add("422 with validationErrors", 422, `{"statusCode":422,"code":"INVALID_INPUT","validationErrors":[{"property":"id","constraints":{"isString":"id must be a string"}}]}`, "INVALID_INPUT", true)
	for _, status := range []int{400, 500} {
		faults = append(faults, fault{
			name:    fmt.Sprintf("%d that repeats the request", status),
			service: serving(messembedtest.Fault{Status: status}),
			wire:    echoed,
			meaning: meaning{came: whole, status: status, code: "ECHO", listed: true},
		})
	}
	return inGroup("the service's own errors", faults)
}

func fromNow(d time.Duration) func(time.Time) string {
	return func(now time.Time) string { return now.Add(d).UTC().Format(http.TimeFormat) }
}

// pauseFaults are responses that say when to retry.
func pauseFaults() []fault {
	const year = 365 * 24 * time.Hour
	text := func(s string) func(time.Time) string { return func(time.Time) string { return s } }
	var faults []fault
	for _, status := range []int{429, 503} {
		for _, p := range []struct {
			name  string
			value func(now time.Time) string
			means *span
		}{
			{"of 2 seconds", text("2"), exactly(2 * time.Second)},
			{"of 0 seconds", text("0"), exactly(0)},
			{"with a date", fromNow(3 * time.Second), &span{2 * time.Second, 3 * time.Second}},
			{"with a past date", fromNow(-time.Hour), nil},
			{"with a date in a year", fromNow(year), &span{year - time.Second, year}},
			{"that is malformed", text("soon"), nil},
			{"that is negative", text("-5"), nil},
			{"with a fraction", text("1.5"), nil},
			{"longer than MaxBackoff", text("6"), exactly(6 * time.Second)},
			{"of a year", text("31536000"), exactly(year)},
			{"that overflows", text("99999999999999999999999"), exactly(10 * year)},
		} {
			faults = append(faults, fault{
				name: fmt.Sprintf("%d with a Retry-After %s", status, p.name),
				service: func(now time.Time) messembedtest.Fault {
					return messembedtest.Fault{Status: status, Body: plainError(status), RetryAfter: p.value(now)}
				},
				meaning: meaning{came: whole, status: status, pause: p.means},
			})
		}
	}
	return inGroup("Retry-After", faults)
}
