package faultmatrix_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	messembed "github.com/messembed/messembed-go"
)

// An attempt is what may come of one attempt, in words.
type attempt struct {
	words   string
	meaning meaning
}

// attempts are the rows of the README's table before those with the same rule
// are put together.
func attempts() []attempt {
	answered := func(words string, status int, code string, b body) attempt {
		return attempt{words, meaning{came: whole, status: status, code: code, body: b}}
	}
	all := []attempt{
		{"connection refused, no such host, TLS not established", meaning{came: nothingSent}},
		{"connection broken, response late or cut short", meaning{came: noAnswer}},
	}
	for status := 500; status <= 599; status++ {
		all = append(all, answered(strconv.Itoa(status), status, "", ownBody))
	}
	for status := 400; status <= 499; status++ {
		words := strconv.Itoa(status)
		if status == 404 {
			all = append(all, answered("404 with the service's code", 404, "USER_NOT_FOUND", ownBody))
			words = "404 without the service's code: mostly a wrong base URL"
		}
		all = append(all, answered(words, status, "", ownBody))
	}
	return append(all,
		answered("a redirect", 302, "", ownBody),
		answered("303", 303, "", ownBody),
		answered("an HTML page, broken JSON", 200, "", noJSON),
		answered("a response larger than `WithMaxResponseBytes`", 200, "", tooLarge),
	)
}

// retries is the README's table: what is retried, and the error if that does
// not help.
func retries() string {
	var rules []rule
	wordsOf := map[rule][]string{}
	for _, a := range attempts() {
		r := ruleOf(step{write: true, repeatable: true}, a.meaning)
		if len(wordsOf[r]) == 0 {
			rules = append(rules, r)
		}
		wordsOf[r] = append(wordsOf[r], a.words)
	}
	slices.SortStableFunc(rules, func(a, b rule) int { return min(1, len(wordsOf[a])/many) - min(1, len(wordsOf[b])/many) })
	var b strings.Builder
	b.WriteString("| what happened | retried? | error if that does not help |\n|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(shortened(wordsOf[r]), ", "), r.again, r.errorText())
	}
	return b.String()
}

// many statuses with the same rule are "any other", in the last rows.
const many = 20

func shortened(words []string) []string {
	if len(words) > many {
		return []string{"any other " + words[0][:1] + "xx"}
	}
	isStatus := func(s string) bool { return plainStatus.MatchString(s) }
	return append(slices.DeleteFunc(slices.Clone(words), isStatus), ranges(slices.DeleteFunc(words, func(s string) bool { return !isStatus(s) }))...)
}

func (a again) String() string {
	return [...]string{"no", "every operation", "operations that are safe to retry", "operations that are safe to retry, once"}[a]
}

func (r rule) errorText() string {
	text := "`" + sentinelNames[r.kind] + "`"
	if r.kind == messembed.ErrRateLimited {
		text += " with `RetryAfter`"
	}
	if r.open {
		text += "; `MaybeApplied` for a write"
	}
	return text
}

var sentinelNames = map[error]string{
	messembed.ErrInvalidArgument: "ErrInvalidArgument", messembed.ErrUnauthenticated: "ErrUnauthenticated",
	messembed.ErrPermissionDenied: "ErrPermissionDenied", messembed.ErrNotFound: "ErrNotFound", messembed.ErrAlreadyExists: "ErrAlreadyExists",
	messembed.ErrRateLimited: "ErrRateLimited", messembed.ErrUnavailable: "ErrUnavailable", messembed.ErrTooLarge: "ErrTooLarge",
	messembed.ErrInvalidResponse: "ErrInvalidResponse", messembed.ErrUnsupported: "ErrUnsupported",
}
