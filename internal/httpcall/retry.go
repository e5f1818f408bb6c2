package httpcall

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// go-retryablehttp calls these three. Its own defaults would resend any POST,
// wait out any Retry-After and lose the last response.

func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	a := ctx.(*attempts)
	again := a.judge(resp, err)
	a.log(resp, again)
	return again, nil
}

// backoff returns what judge has decided. go-retryablehttp passes no context
// here, so each call sets its own method.
func (a *attempts) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	return a.wait
}

func keepLastError(_ *http.Response, err error, _ int) (*http.Response, error) {
	return nil, err
}

// judge interprets the outcome of an attempt and reports whether to retry after
// a.wait. If not, a.failure is what the caller gets.
func (a *attempts) judge(resp *http.Response, err error) bool {
	a.tries++
	a.body, a.failure = nil, nil
	if err != nil {
		return a.judgeError(err)
	}
	status := resp.StatusCode
	if status/100 == 2 && a.req.Stream {
		return false
	}
	limit := a.client.cfg.MaxResponseBytes
	if status/100 != 2 {
		limit = min(limit, maxErrorBytes)
	}
	body, err := a.readBody(resp, limit)
	switch {
	case err == nil:
	case errors.Is(err, errTooLarge) && status/100 != 2:
		// An error page may be of any length; its beginning is enough.
	case errors.Is(err, errTooLarge):
		a.failure = a.failAnswered(TooLarge, resp, err)
		a.failure.MaybeApplied = a.req.Write
		return false
	default:
		// The status says no more about the outcome than the rest of a broken response.
		a.doubt = a.doubt || a.req.Write && !deniesEffect(status)
		a.failure = a.failAnswered(CutShort, resp, err)
		return a.req.Repeatable && a.mayWait(a.jitter())
	}
	switch status / 100 {
	case 2:
		a.body = body
		return false
	case 3:
		a.doubt = a.doubt || a.req.Write && !deniesEffect(status)
		a.failure = a.failAnswered(Redirected, resp, nil)
		return false
	}
	return a.judgeStatus(resp, body)
}

func (a *attempts) judgeError(err error) bool {
	defer a.end() // http.Client fails at some answers after the transport gave them
	cause := unwrapClientError(err)
	var refused *tokenRefusedError
	var unsent *notSentError
	untouched := errors.As(cause, &unsent) || a.untouched(cause)
	switch {
	case a.Context.Err() != nil:
		a.doubt = a.doubt || a.req.Write && !untouched
		a.failure = a.fail(NoAnswer, a.Context.Err())
		return false
	case errors.As(cause, &refused):
		a.failure = a.fail(TokenRefused, cause)
		return false
	case untouched:
		a.failure = a.fail(NoAnswer, cause)
		if unsent != nil && unsent.final || handshakeFailed(cause) {
			return false
		}
		return a.mayWait(a.jitter())
	}
	a.doubt = a.doubt || a.req.Write
	a.failure = a.fail(NoAnswer, cause)
	return a.req.Repeatable && a.mayWait(a.jitter())
}

// judgeStatus is the retry table for complete responses.
func (a *attempts) judgeStatus(resp *http.Response, body []byte) bool {
	verdict := a.req.Judge(resp.StatusCode, resp.Header, body)
	if !verdict.HasRetryAfter {
		verdict.RetryAfter, verdict.HasRetryAfter = parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	}
	a.doubt = a.doubt || a.req.Write && !deniesEffect(verdict.Status)
	a.failure = a.failAnswered(Refused, resp, nil)
	a.failure.RetryAfter = verdict.RetryAfter

	switch verdict.Status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		if verdict.HasRetryAfter {
			return a.mayWait(verdict.RetryAfter)
		}
		return a.mayWait(a.jitter())
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return a.req.Repeatable && a.mayWait(a.jitter())
	case http.StatusInternalServerError:
		// Messembed responds 500 to bad input too, which no retry will mend.
		if !a.req.Repeatable || a.retried500 {
			return false
		}
		a.retried500 = true
		return a.mayWait(a.jitter())
	}
	if verdict.Unauthenticated && !a.renewed && a.client.cfg.Auth != nil && a.client.cfg.Auth.renew(a.header) {
		a.renewed = true
		a.tries--
		a.wait = 0
		return true
	}
	return false
}

// deniesEffect reports whether a status means that this attempt was not carried
// out. It says nothing about earlier attempts. A 303 is a redirect after the
// work was done.
func deniesEffect(status int) bool {
	return status/100 == 4 || status/100 == 3 && status != http.StatusSeeOther || status == http.StatusServiceUnavailable
}

// mayWait reports whether there is an attempt left and time to wait for it.
func (a *attempts) mayWait(wait time.Duration) bool {
	cfg := &a.client.cfg
	if a.tries >= cfg.MaxAttempts || wait > cfg.MaxBackoff {
		return false
	}
	at := time.Now().Add(wait)
	if !a.deadline.IsZero() && at.After(a.deadline) {
		return false
	}
	if deadline, ok := a.Context.Deadline(); ok && at.After(deadline) {
		return false
	}
	a.wait = wait
	return true
}

// jitter returns the pause after the failures so far.
func (a *attempts) jitter() time.Duration {
	cfg := &a.client.cfg
	return Backoff(cfg.MinBackoff, cfg.MaxBackoff, a.tries)
}

// Backoff returns an exponential pause with full jitter: random, less than
// least·2ⁿ⁻¹ after n failures, and less than most.
func Backoff(least, most time.Duration, failures int) time.Duration {
	ceiling := most
	if shift := max(0, failures-1); shift < 32 {
		if d := least << shift; d>>shift == least && d < ceiling {
			ceiling = d
		}
	}
	return rand.N(max(1, ceiling))
}

// parseRetryAfter parses seconds or a date, according to RFC 9110, section
// 10.2.3. What it cannot parse counts as absent.
func parseRetryAfter(value string, now time.Time) (time.Duration, bool) {
	if value == "" {
		return 0, false
	}
	if strings.Trim(value, "0123456789") == "" {
		seconds, _ := strconv.ParseUint(value, 10, 64) // the largest uint64 if it overflows
		return time.Duration(min(seconds, maxRetryAfterSeconds)) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(0, at.Sub(now)), true
}

const maxRetryAfterSeconds = 10 * 365 * 24 * 3600

func (a *attempts) fail(reason Reason, err error) *Failure {
	f := &Failure{Reason: reason, Attempts: a.sent, MaybeApplied: a.doubt, Err: NewCause(err), of: a}
	if cause, ok := f.Err.(*Cause); ok { //nolint:errorlint // it was made here
		cause.text = f.Conceal(cause.text)
	}
	return f
}

func (a *attempts) failAnswered(reason Reason, resp *http.Response, err error) *Failure {
	f := a.fail(reason, err)
	f.StatusCode, f.Header = resp.StatusCode, resp.Header
	return f
}
